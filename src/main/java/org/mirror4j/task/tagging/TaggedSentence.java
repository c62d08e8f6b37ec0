package org.mirror4j.task.tagging;

import java.util.List;

/**
 * A sentence whose words have tags.
 *
 * @param line where its first word stands in its file, from 1; the others follow
 * @param words none in a file of tags alone
 * @param tags as {@link TypedSpan} reads them; none where they are not known
 */
public record TaggedSentence(int line, List<String> words, List<String> tags) {
  /** Copies what can change. */
  public TaggedSentence {
    words = List.copyOf(words);
    tags = List.copyOf(tags);
  }
}

package org.mirror4j.task.coreference;

import java.util.Comparator;

/**
 * A stretch of words that speaks of something.
 *
 * @param first word of the document, from 0
 * @param last word of the document, itself part of the mention
 */
public record Mention(int first, int last) {
  /** In the order of the text; of those that begin together the longest first. */
  public static final Comparator<Mention> TEXT_ORDER =
      Comparator.comparingInt(Mention::first)
          .thenComparing(Comparator.comparingInt(Mention::last).reversed());

  /** Checks that there is a word. */
  public Mention {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(
          "a mention of the words %d to %d, expected one word at least".formatted(first, last));
    }
  }

  /** Words of the mention. */
  public int width() {
    return last - first + 1;
  }
}

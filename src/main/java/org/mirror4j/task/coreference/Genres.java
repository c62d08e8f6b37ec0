package org.mirror4j.task.coreference;

import java.util.List;

/**
 * Numbers of genres for a table of embeddings: from 1 for those that were learnt from, 0 for all
 * others.
 *
 * @param names without the empty one, ascending
 */
public record Genres(List<String> names) {
  /** Copies the list. */
  public Genres {
    names = List.copyOf(names);
  }

  /** Those of some documents. */
  public static Genres of(List<CoreferenceDocument> documents) {
    return new Genres(
        documents.stream()
            .map(CoreferenceDocument::genre)
            .filter(genre -> !genre.isEmpty())
            .distinct()
            .sorted()
            .toList());
  }

  /** The number of a document's genre. */
  public int number(CoreferenceDocument document) {
    return names.indexOf(document.genre()) + 1;
  }

  /** Rows of the table. */
  public int rows() {
    return names.size() + 1;
  }
}

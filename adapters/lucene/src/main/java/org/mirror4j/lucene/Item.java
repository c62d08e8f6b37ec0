package org.mirror4j.lucene;

import java.util.Objects;

/**
 * What is indexed and found: a text under an identifier. Several items may have one identifier, as
 * the names of one concept do.
 *
 * @param id the application's own; no search looks at it
 * @param text has the vector
 */
public record Item(String id, String text) {
  /**
   * Refuses what is absent.
   *
   * @throws NullPointerException if either is null
   */
  public Item {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
  }
}

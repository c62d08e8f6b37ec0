package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A part of the run on a card: independent of the others, so that one may fail alone. */
public interface CardPart {
  /** Its name in the JSON file and in {@code --skip}. */
  String name();

  /**
   * Measures.
   *
   * @param result filled as results come, so that those before a failure are kept
   */
  void measure(CardBench bench, ObjectNode result);
}

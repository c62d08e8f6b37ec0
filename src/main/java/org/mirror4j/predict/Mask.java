package org.mirror4j.predict;

import java.util.List;

/**
 * A mask token of a text and what may stand in its place.
 *
 * @param start where it stands in the text, in UTF-16 units as strings count them
 * @param end one past its last unit
 * @param place in its span of neighbouring masks, from 0
 * @param tokens by masked language modelling, the likeliest first
 * @param bySpanBoundary by the span boundary objective, the likeliest first; empty where it was not
 *     asked for, and for a place beyond those that the head has
 */
public record Mask(int start, int end, int place, List<Token> tokens, List<Token> bySpanBoundary) {
  /**
   * A token that was predicted.
   *
   * @param token as the vocabulary spells it, {@code ##ing}
   * @param probability softmax over all tokens of the model
   */
  public record Token(int id, String token, double probability) {}
}

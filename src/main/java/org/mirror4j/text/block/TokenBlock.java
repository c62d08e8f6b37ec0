package org.mirror4j.text.block;

import java.util.List;
import java.util.OptionalInt;

/**
 * One sequence of a corpus as a model is pretrained on it. The arrays belong to the block and must
 * not be changed.
 *
 * @param number in reading order, from 0
 * @param ids [tokens], special tokens included
 * @param tokenTypes [tokens]; empty where all are 0
 * @param segments the one text or the two, without the special tokens around them
 * @param spans what is annotated, each within a segment, in no order; may overlap
 * @param nextSentence of two segments: 0 where the second follows the first in its document, 1
 *     where it is from another one, as the rows of BERT's classifier; empty for one segment
 */
public record TokenBlock(
    long number,
    int[] ids,
    int[] tokenTypes,
    List<TokenRange> segments,
    List<TokenRange> spans,
    OptionalInt nextSentence) {
  private static final int[] NO_TYPES = {};

  /** One text between two special tokens, nothing annotated. */
  public static TokenBlock of(long number, int[] ids) {
    return of(number, ids, List.of());
  }

  /** One text between two special tokens. */
  static TokenBlock of(long number, int[] ids, List<TokenRange> spans) {
    List<TokenRange> text =
        ids.length <= 2 ? List.of() : List.of(new TokenRange(1, ids.length - 1));
    return new TokenBlock(number, ids, NO_TYPES, text, spans, OptionalInt.empty());
  }
}

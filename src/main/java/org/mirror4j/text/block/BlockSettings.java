package org.mirror4j.text.block;

/**
 * How a corpus becomes blocks.
 *
 * @param kind where it is cut
 * @param maxLength most tokens of a block, special tokens included; at least 4
 * @param shortSequences share of the blocks whose length is drawn uniformly from 2 to the most text
 *     tokens, 0.1 for BERT and 0 for SpanBERT; a sentence that is longer than the drawn length is a
 *     block all the same
 * @param spans where annotated spans come from
 * @param seed of lengths and second segments
 */
public record BlockSettings(
    BlockKind kind, int maxLength, double shortSequences, SpanSource spans, long seed) {
  /**
   * As the record says.
   *
   * @throws IllegalArgumentException if a value is none of these
   */
  public BlockSettings {
    if (maxLength < 4) {
      throw new IllegalArgumentException(
          "the maximum length of a block is %d tokens, expected at least 4".formatted(maxLength));
    }
    if (!(shortSequences >= 0 && shortSequences <= 1)) {
      throw new IllegalArgumentException(
          "the share of short sequences is %s, expected 0 to 1".formatted(shortSequences));
    }
  }
}

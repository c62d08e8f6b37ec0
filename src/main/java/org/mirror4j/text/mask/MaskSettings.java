package org.mirror4j.text.mask;

/**
 * How blocks are masked.
 *
 * @param scheme what is masked
 * @param ratio of the tokens that are chosen, more than 0 and at most 1
 * @param lengths of geometric spans
 * @param unit what one draw decides of
 */
public record MaskSettings(
    MaskScheme scheme, double ratio, SpanLengths lengths, ReplacementUnit unit) {
  /** Share of the tokens that BERT and SpanBERT predict. */
  public static final double PREDICTED = 0.15;

  /**
   * As the record says.
   *
   * @throws IllegalArgumentException if the ratio is none
   */
  public MaskSettings {
    if (!(ratio > 0 && ratio <= 1)) {
      throw new IllegalArgumentException(
          "the masked share is %s, expected more than 0, at most 1".formatted(ratio));
    }
  }

  /** A scheme as SpanBERT's table 6 has it. */
  public static MaskSettings of(MaskScheme scheme) {
    return new MaskSettings(scheme, PREDICTED, SpanLengths.SPANBERT, scheme.unit());
  }

  /** Tokens that are chosen of a segment of so many. */
  public int budget(int tokens) {
    return (int) Math.ceil(ratio * tokens);
  }

  /**
   * Most tokens that are chosen of segments together, be they of one block or of a batch.
   *
   * @param tokens of all segments, special tokens around them not counted
   * @param segments at least 1
   */
  public int mostPredictions(int tokens, int segments) {
    return Math.min(tokens, budget(tokens) + segments - 1);
  }
}

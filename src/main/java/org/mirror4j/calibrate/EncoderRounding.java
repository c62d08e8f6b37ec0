package org.mirror4j.calibrate;

/**
 * What roundings alone make of the vectors of equal texts. A text's vector differs a little with
 * the texts beside it, as products of few rows sum in another order than those of many: fitted to
 * such differences, a map would blow them up.
 *
 * <p>Of a layer some six sums are rounded, each by a few u = 2^-24 of its length, and those of L
 * layers are in no common direction: {@code sqrt(6 L)} times as long together, which is 12 for 24
 * layers. So deviations of 64 u of the length of the mean are taken for roundings. Those of texts
 * that differ are a hundredth of it and more, even where all cosines are 0.999.
 */
public final class EncoderRounding {
  private static final double DEVIATION = 64 * 0x1p-24;

  private EncoderRounding() {}

  /**
   * Whether vectors are the same but for roundings.
   *
   * @param totalVariance the sum of the variances of all elements
   * @param squaredMean the square of the length of the mean
   */
  public static boolean explains(double totalVariance, double squaredMean) {
    return totalVariance <= DEVIATION * DEVIATION * squaredMean;
  }
}

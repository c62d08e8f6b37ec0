package org.mirror4j.eval;

import java.util.Arrays;

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, where equal values share the
 * average of the ranks they take up.
 *
 * <pre>
 *   rho = sum_i (r_i - mean(r)) (s_i - mean(s)) / sqrt(sum_i (r_i - mean(r))^2 sum_i (s_i - mean(s))^2)
 * </pre>
 */
public final class Spearman {
  private Spearman() {}

  /**
   * Rank correlation of two lists of equal length, in [-1, 1]; NaN where all values of either list
   * are equal, as no order is there to compare.
   *
   * @throws IllegalArgumentException if the lengths differ or are below 2, or a value is NaN
   */
  public static double rho(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "Spearman: %d values against %d, expected as many".formatted(x.length, y.length));
    }
    if (x.length < 2) {
      throw new IllegalArgumentException(
          "Spearman: %d pairs of values, expected at least 2".formatted(x.length));
    }
    return pearson(ranks(x), ranks(y));
  }

  /**
   * Ranks from 1; equal values (0 and -0 are equal) share their average rank.
   *
   * @throws IllegalArgumentException if a value is NaN
   */
  static double[] ranks(double[] values) {
    Integer[] order = new Integer[values.length];
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        throw new IllegalArgumentException("Spearman: value %d is NaN".formatted(i));
      }
      order[i] = i;
    }
    Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b]));
    double[] ranks = new double[values.length];
    for (int start = 0, end; start < order.length; start = end) {
      end = start + 1;
      while (end < order.length && values[order[end]] == values[order[start]]) {
        end++;
      }
      // Positions start .. end-1 hold the ranks start+1 .. end.
      double average = (start + 1 + end) / 2.0;
      for (int i = start; i < end; i++) {
        ranks[order[i]] = average;
      }
    }
    return ranks;
  }

  /** Two passes: the means, then the centred sums. */
  private static double pearson(double[] x, double[] y) {
    double meanX = Arrays.stream(x).sum() / x.length;
    double meanY = Arrays.stream(y).sum() / y.length;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - meanX;
      double dy = y[i] - meanY;
      xy += dx * dy;
      xx += dx * dx;
      yy += dy * dy;
    }
    if (xx == 0 || yy == 0) {
      return Double.NaN;
    }
    return Math.clamp(xy / (Math.sqrt(xx) * Math.sqrt(yy)), -1, 1);
  }
}

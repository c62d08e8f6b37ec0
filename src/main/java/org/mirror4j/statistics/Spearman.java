package org.mirror4j.statistics;

import java.util.Arrays;

/**
 * Spearman's rank correlation: {@link Pearson}'s correlation of the ranks, where equal values share
 * the average of the ranks they take up.
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
    Pearson.requirePairs("Spearman", x, y);
    return Pearson.r(ranks(x), ranks(y));
  }

  /**
   * Ranks from 1; equal values (0 and -0 are equal) share their average rank.
   *
   * @throws IllegalArgumentException if a value is NaN
   */
  public static double[] ranks(double[] values) {
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
}

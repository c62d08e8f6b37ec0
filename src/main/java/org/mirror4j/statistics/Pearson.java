package org.mirror4j.statistics;

import java.util.Arrays;

/**
 * Pearson's correlation coefficient.
 *
 * <pre>
 *   r = sum_i (x_i - mean(x)) (y_i - mean(y)) / sqrt(sum_i (x_i - mean(x))^2 sum_i (y_i - mean(y))^2)
 * </pre>
 */
public final class Pearson {
  private Pearson() {}

  /**
   * Correlation of two lists of equal length, in [-1, 1]; NaN where all values of either list are
   * equal. In two passes: the means, then the centred sums.
   *
   * @throws IllegalArgumentException if the lengths differ or are below 2
   */
  public static double r(double[] x, double[] y) {
    requirePairs("Pearson", x, y);
    // The mean of equal values may be rounded, and then no centred sum is 0.
    if (isConstant(x) || isConstant(y)) {
      return Double.NaN;
    }
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

  private static boolean isConstant(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == values[0]);
  }

  static void requirePairs(String name, double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "%s: %d values against %d, expected as many".formatted(name, x.length, y.length));
    }
    if (x.length < 2) {
      throw new IllegalArgumentException(
          "%s: %d pairs of values, expected at least 2".formatted(name, x.length));
    }
  }
}

package org.mirror4j.statistics;

import java.util.Optional;
import java.util.OptionalDouble;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * How sure the mean of few values is, and whether two means differ (Student 1908), for values that
 * are drawn from a normal distribution: scores of models that differ in their seed alone come near
 * that.
 */
public final class StudentT {
  private static final double LEVEL = 0.95;

  private StudentT() {}

  /** An interval, its ends included. */
  public record Interval(double low, double high) {}

  /**
   * The interval that holds the mean of the distribution with a probability of 95 %:
   *
   * <pre>  mean -+ t(0.975, n - 1) s / sqrt(n)  </pre>
   *
   * @return absent for fewer than two values, or where one is not finite
   */
  public static Optional<Interval> interval(double... values) {
    if (values.length < 2 || !areFinite(values)) {
      return Optional.empty();
    }
    double mean = mean(values);
    double half =
        new TDistribution(values.length - 1).inverseCumulativeProbability((1 + LEVEL) / 2)
            * standardError(values, mean);
    return Optional.of(new Interval(mean - half, mean + half));
  }

  /**
   * The two-sided p-value of the paired t test: of means that do not differ, the probability of
   * differences as far from 0 as these or farther,
   *
   * <pre>  t = mean(d) sqrt(n) / s(d)  of  d[i] = first[i] - second[i],  n - 1 degrees of freedom
   * </pre>
   *
   * @param second as many as {@code first}, each of the same seed
   * @return absent for fewer than two pairs, where a value is not finite, or where all differences
   *     are the same, so that t is not defined
   * @throws IllegalArgumentException if there are not as many of both
   */
  public static OptionalDouble pairedTest(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "paired test: %d and %d values, expected as many".formatted(first.length, second.length));
    }
    double[] differences = new double[first.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = first[i] - second[i];
    }
    if (differences.length < 2 || !areFinite(differences)) {
      return OptionalDouble.empty();
    }
    double mean = mean(differences);
    double error = standardError(differences, mean);
    double largest = 0;
    for (int i = 0; i < first.length; i++) {
      largest = Math.max(largest, Math.max(Math.abs(first[i]), Math.abs(second[i])));
    }
    // Of values that are rounded, equal differences are apart by that much.
    if (error <= 2 * Math.ulp(largest)) {
      return OptionalDouble.empty();
    }
    TDistribution t = new TDistribution(differences.length - 1);
    return OptionalDouble.of(2 * t.cumulativeProbability(-Math.abs(mean / error)));
  }

  private static boolean areFinite(double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** Of the mean: s / sqrt(n). */
  private static double standardError(double[] values, double mean) {
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1) / values.length);
  }
}

package org.mirror4j.task;

import java.util.List;

/**
 * Counts of what a system found.
 *
 * @param right what it found and is there
 * @param found all that it found
 * @param there all that is to be found
 */
public record Found(long right, long found, long there) {
  /** {@code right / found}, 0 where nothing was found. */
  public double precision() {
    return found == 0 ? 0 : (double) right / found;
  }

  /** {@code right / there}, 0 where nothing is to be found. */
  public double recall() {
    return there == 0 ? 0 : (double) right / there;
  }

  /** {@code 2 precision recall / (precision + recall)}, 0 where both are 0. */
  public double f1() {
    return f1(precision(), recall());
  }

  /** The harmonic mean of two numbers from 0 on, 0 where both are 0. */
  public static double f1(double precision, double recall) {
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  }

  /** The sum of both. */
  public Found plus(Found other) {
    return new Found(right + other.right, found + other.found, there + other.there);
  }

  /** How many are to be found, precision, recall and F1, each x 100. */
  public List<Figure> figures(String part) {
    return List.of(
        new Figure(Measure.ITEMS, part, there),
        new Figure(Measure.PRECISION, part, 100 * precision()),
        new Figure(Measure.RECALL, part, 100 * recall()),
        new Figure(Measure.F1, part, 100 * f1()));
  }
}

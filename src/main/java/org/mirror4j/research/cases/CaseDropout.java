package org.mirror4j.research.cases;

import org.mirror4j.device.operation.Dropout;

/** Dropout in cases. */
final class CaseDropout {
  static final int LAYER = 3;
  static final int SEED = 77;

  private CaseDropout() {}

  /** A dropout of the rates of the sentence recipes, at a step beyond the first. */
  static Dropout of(double headRate, long seed) {
    Dropout dropout = new Dropout(0.1, headRate, seed);
    dropout.step(5);
    return dropout;
  }

  /**
   * One of which an element of the first row draws the threshold itself, which few do: a kernel
   * that drops it is wrong. Which of the first four it is depends on the number of rows.
   */
  static Dropout atThreshold(int site, int rows) {
    int[] words = new int[4];
    long seed = SEED;
    Dropout dropout = of(0, seed);
    while (dropout.half(words, site, rows / 2 % 4) != dropout.threshold()) {
      dropout = of(0, ++seed);
    }
    return dropout;
  }
}

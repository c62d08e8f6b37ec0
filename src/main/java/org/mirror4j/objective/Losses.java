package org.mirror4j.objective;

/** The number that a step reports, from the losses of single rows. */
final class Losses {
  private Losses() {}

  /** Mean of the first {@code count} losses; 0 for none. */
  static double mean(float[] losses, int count) {
    return count == 0 ? 0 : sum(losses, count) / count;
  }

  /** Sum of the first {@code count} losses, in f64 in order. */
  static double sum(float[] losses, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += losses[i];
    }
    return sum;
  }
}

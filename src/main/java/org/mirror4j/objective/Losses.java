package org.mirror4j.objective;

/** The number that a run reports, from the losses of single rows. */
final class Losses {
  private Losses() {}

  /** Mean of the first {@code count} losses, summed in f64 in order; 0 for none. */
  static double mean(float[] losses, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += losses[i];
    }
    return count == 0 ? 0 : sum / count;
  }
}

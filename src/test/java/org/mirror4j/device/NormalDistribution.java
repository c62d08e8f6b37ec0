package org.mirror4j.device;

/** The standard normal distribution in f64, for tests; relative error about 1e-14. */
public final class NormalDistribution {
  private NormalDistribution() {}

  /** {@code phi(x)}. */
  public static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** {@code Phi(x)}. */
  public static double cumulative(double x) {
    if (x < -3) {
      // Continued fraction of the tail: phi(a) / (a + 1 / (a + 2 / (a + ...))), a = -x.
      double fraction = -x;
      for (int k = 100; k >= 1; k--) {
        fraction = -x + k / fraction;
      }
      return density(x) / fraction;
    }
    if (x > 3) {
      return 1 - cumulative(-x);
    }
    // 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...)
    double term = x;
    double sum = x;
    for (int k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
      term *= x * x / k;
      sum += term;
    }
    return 0.5 + density(x) * sum;
  }
}

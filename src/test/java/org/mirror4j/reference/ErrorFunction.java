package org.mirror4j.reference;

/**
 * The error function and its complement in double (Abramowitz and Stegun 1964, chapter 7), to a few
 * units in the last place of 1.
 */
public final class ErrorFunction {
  /** From here on 1 - erf is computed as such: the subtraction then costs no digits of erf. */
  private static final double SERIES_END = 2;

  /** Enough for 1e-17 at the end of the series and at the start of the fraction. */
  private static final int TERMS = 120;

  private ErrorFunction() {}

  /** {@code erf(x) = 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x}. */
  public static double erf(double x) {
    return Math.abs(x) < SERIES_END ? series(x) : Math.signum(x) * (1 - fraction(Math.abs(x)));
  }

  /** {@code 1 - erf(x)}, accurate relative to itself for large x. */
  public static double erfc(double x) {
    return x < SERIES_END ? 1 - erf(x) : fraction(x);
  }

  /**
   * Formula 7.1.6, {@code erf(x) = 2 / sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 .. (2n+1))}:
   * all terms have one sign, so nothing cancels.
   */
  private static double series(double x) {
    double term = x;
    double sum = 0;
    for (int n = 0; n < TERMS; n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 3);
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /**
   * Formula 7.1.14, {@code sqrt(pi) exp(x^2) erfc(x) = 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x +
   * ...))))}, from the inside out.
   */
  private static double fraction(double x) {
    double denominator = x;
    for (int n = TERMS; n > 0; n--) {
      denominator = x + n / 2.0 / denominator;
    }
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * denominator);
  }
}

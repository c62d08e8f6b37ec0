package org.mirror4j.device.ptx.number;

/**
 * {@code min} and {@code max} of floats: a NaN loses against a number, -0 is below +0. With {@code
 * .NaN} a NaN wins. A NaN result is canonical.
 */
public final class MinMax {
  private static final float NAN = Float.intBitsToFloat(0x7FFFFFFF);

  private MinMax() {}

  /** {@code min.f32}. */
  public static float min(float a, float b) {
    if (a != a) {
      return b != b ? NAN : b;
    }
    return b != b ? a : Math.min(a, b);
  }

  /** {@code max.f32}. */
  public static float max(float a, float b) {
    if (a != a) {
      return b != b ? NAN : b;
    }
    return b != b ? a : Math.max(a, b);
  }

  /** {@code min.NaN.f32}. */
  public static float minNan(float a, float b) {
    return a != a || b != b ? NAN : Math.min(a, b);
  }

  /** {@code max.NaN.f32}. */
  public static float maxNan(float a, float b) {
    return a != a || b != b ? NAN : Math.max(a, b);
  }

  /** {@code min.f64}. */
  public static double min(double a, double b) {
    if (a != a) {
      return b;
    }
    return b != b ? a : Math.min(a, b);
  }

  /** {@code max.f64}. */
  public static double max(double a, double b) {
    if (a != a) {
      return b;
    }
    return b != b ? a : Math.max(a, b);
  }
}

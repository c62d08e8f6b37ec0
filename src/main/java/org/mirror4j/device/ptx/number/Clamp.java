package org.mirror4j.device.ptx.number;

/**
 * What the modifiers {@code .relu}, {@code .sat} and {@code .ftz} do to a value. The limits are
 * numbers of every format, so clamping before the rounding is clamping after it.
 */
public final class Clamp {
  private Clamp() {}

  /** {@code .relu}: negative values become +0; NaN stays NaN. */
  public static double relu(double value) {
    return value <= 0 ? 0 : value;
  }

  /** {@code .sat}: into [0, 1]; NaN becomes +0. */
  public static double unit(double value) {
    return value > 0 ? Math.min(value, 1) : 0;
  }

  /** {@code .sat} of an f32. */
  public static float unit(float value) {
    return value > 0 ? Math.min(value, 1) : 0;
  }

  /** {@code .ftz}: a subnormal f32 becomes zero of its sign. */
  public static float flush(float value) {
    return Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0f, value) : value;
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.device.operation.GeluForm;

/**
 * The two forms of {@link GeluForm} and their derivatives, in place. What is computed are whole
 * vectors: the memory has room for {@link #floats}, and what lies past {@code count} becomes
 * anything.
 *
 * <p>With {@code a = |x|} the lower tail of the normal distribution is {@code Phi(-a) = exp(-a^2 /
 * 2) M(a)}, where M, {@code sqrt(2 pi)} times smaller than Mills' ratio, is smooth and without
 * cancellation: a polynomial in {@code t = 1 / (1 + 0.3 a)} gives it to a relative 1.5e-7 for a up
 * to 14, where the exponential has underflowed. So small values keep their relative accuracy, and
 * the derivative shares the exponential.
 *
 * <p>Absolute errors of both forms: value at most {@code 3u max(1, |x|)}, derivative at most {@code
 * 5u}, with u = 2^-24. Infinite arguments give NaN where the formula says 0 times infinity, as
 * elsewhere.
 */
final class Gelu {
  private static final float INVERSE_SQRT_2_PI = 0.3989422804f;
  private static final float SQRT_2_OVER_PI = 0.7978845608f;
  private static final float CUBIC = 0.044715f;

  // M(a) = t (C1 + C2 t + ... + C8 t^7), t = 1 / (1 + SCALE a): least maximum relative error.
  private static final float SCALE = 0.3f;
  private static final float C1 = 0.1196293f;
  private static final float C2 = 0.12075397f;
  private static final float C3 = 0.09991337f;
  private static final float C4 = 0.12856208f;
  private static final float C5 = -0.053684596f;
  private static final float C6 = 0.20635463f;
  private static final float C7 = -0.1572038f;
  private static final float C8 = 0.035674956f;

  private Gelu() {}

  /** Floats that the functions overwrite for {@code count} elements: values and two more rows. */
  static int floats(int count) {
    return 3 * SmallProducts.stride(count);
  }

  /** {@code x Phi(x)}. */
  static void erf(long x, int count) {
    int stride = SmallProducts.stride(count);
    long density = x + 4L * stride;
    long phi = density + 4L * stride;
    normal(phi, density, x, stride);
    RowLoops.multiply(x, x, phi, stride);
  }

  /** {@code x Phi(x)}, the bits that a lane has. */
  static float erf(float x) {
    float t = 1 / Math.fma(Math.abs(x), SCALE, 1);
    float m = Math.fma(t, C8, C7);
    m = Math.fma(m, t, C6);
    m = Math.fma(m, t, C5);
    m = Math.fma(m, t, C4);
    m = Math.fma(m, t, C3);
    m = Math.fma(m, t, C2);
    m = Math.fma(m, t, C1);
    float lower = m * t * VectorMath.exp(x * x * -0.5f);
    return x * (x > 0 ? 1 - lower : lower);
  }

  /** {@code Phi(x) + x phi(x)}. */
  static void erfGradient(long x, int count) {
    int stride = SmallProducts.stride(count);
    long density = x + 4L * stride;
    long phi = density + 4L * stride;
    normal(phi, density, x, stride);
    for (int i = 0; i < stride; i += LANES) {
      fromMemorySegment(SPECIES, ALL, density + 4L * i, ORDER)
          .mul(INVERSE_SQRT_2_PI)
          .fma(
              fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER),
              fromMemorySegment(SPECIES, ALL, phi + 4L * i, ORDER))
          .intoMemorySegment(ALL, x + 4L * i, ORDER);
    }
  }

  /** {@code Phi(x)}, the cumulative normal distribution, and {@code exp(-x^2 / 2)}. */
  private static void normal(long phi, long density, long x, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      value.mul(value).mul(-0.5f).intoMemorySegment(ALL, density + 4L * i, ORDER);
    }
    VectorMath.exp(density, count);
    cumulative(phi, density, x, count);
  }

  private static void cumulative(long phi, long density, long x, int count) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      FloatVector t = one.div(value.abs().lanewise(VectorOperators.FMA, SCALE, 1f));
      FloatVector m = t.lanewise(VectorOperators.FMA, C8, C7);
      m = m.fma(t, FloatVector.broadcast(SPECIES, C6));
      m = m.fma(t, FloatVector.broadcast(SPECIES, C5));
      m = m.fma(t, FloatVector.broadcast(SPECIES, C4));
      m = m.fma(t, FloatVector.broadcast(SPECIES, C3));
      m = m.fma(t, FloatVector.broadcast(SPECIES, C2));
      m = m.fma(t, FloatVector.broadcast(SPECIES, C1));
      FloatVector lower = m.mul(t).mul(fromMemorySegment(SPECIES, ALL, density + 4L * i, ORDER));
      lower
          .blend(one.sub(lower), value.compare(VectorOperators.GT, 0f))
          .intoMemorySegment(ALL, phi + 4L * i, ORDER);
    }
  }

  /** {@code x / 2 (1 + tanh u) = x / (1 + exp(-2u))}, {@code u = sqrt(2/pi) (x + 0.044715 x^3)}. */
  static void tanh(long x, int count) {
    int stride = SmallProducts.stride(count);
    long e = x + 4L * stride;
    for (int i = 0; i < stride; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      value
          .mul(value)
          .lanewise(VectorOperators.FMA, -2 * SQRT_2_OVER_PI * CUBIC, -2 * SQRT_2_OVER_PI)
          .mul(value)
          .intoMemorySegment(ALL, e + 4L * i, ORDER);
    }
    VectorMath.exp(e, stride);
    for (int i = 0; i < stride; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .div(fromMemorySegment(SPECIES, ALL, e + 4L * i, ORDER).add(1f))
          .intoMemorySegment(ALL, x + 4L * i, ORDER);
    }
  }

  /** {@code x / 2 (1 + tanh u)}, the bits that a lane has. */
  static float tanh(float x) {
    float cubic = Math.fma(x * x, -2 * SQRT_2_OVER_PI * CUBIC, -2 * SQRT_2_OVER_PI);
    return x / (VectorMath.exp(cubic * x) + 1);
  }

  /**
   * {@code s + 2 x s (1 - s) du/dx} with {@code s = 1 / (1 + exp(-2u))}. From {@code e =
   * exp(-|2u|)} and {@code q = 1 / (1 + e)}: s is q or e q, and {@code s (1 - s) = e q^2} without
   * cancellation.
   */
  static void tanhGradient(long x, int count) {
    int stride = SmallProducts.stride(count);
    long e = x + 4L * stride;
    for (int i = 0; i < stride; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      value
          .mul(value)
          .lanewise(VectorOperators.FMA, -2 * SQRT_2_OVER_PI * CUBIC, -2 * SQRT_2_OVER_PI)
          .mul(value.abs())
          .intoMemorySegment(ALL, e + 4L * i, ORDER);
    }
    VectorMath.exp(e, stride);
    tanhSlope(x, e, stride);
  }

  private static void tanhSlope(long x, long exponentials, int count) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      FloatVector e = fromMemorySegment(SPECIES, ALL, exponentials + 4L * i, ORDER);
      FloatVector q = one.div(e.add(1f));
      FloatVector eq = e.mul(q);
      FloatVector s = eq.blend(q, value.compare(VectorOperators.GT, 0f));
      FloatVector slope =
          value
              .mul(value)
              .lanewise(VectorOperators.FMA, 6 * SQRT_2_OVER_PI * CUBIC, 2 * SQRT_2_OVER_PI);
      eq.mul(q).mul(value).fma(slope, s).intoMemorySegment(ALL, x + 4L * i, ORDER);
    }
  }
}

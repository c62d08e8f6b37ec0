package org.mirror4j.device.ptx.number;

/**
 * The conversions of {@code cvt} between floats, and pairs of halves in a 32-bit register. NaN
 * becomes the canonical one, because PTX says nothing of payloads.
 */
public final class NarrowFloat {
  private NarrowFloat() {}

  /** {@code cvt.f16.f32} and {@code cvt.f16.f64}. */
  public static short toHalf(double value, Rounding rounding) {
    return (short) FloatFormat.F16.round(value, rounding);
  }

  /** {@code cvt.rn.f16.f32}, the usual one. */
  public static short toHalf(float value) {
    return value == value ? Float.floatToFloat16(value) : (short) FloatFormat.F16.nan();
  }

  /** {@code cvt.bf16.f32}. */
  public static short toBfloat16(double value, Rounding rounding) {
    return (short) FloatFormat.BF16.round(value, rounding);
  }

  /** {@code cvt.rn.bf16.f32}, the usual one. */
  public static short toBfloat16(float value) {
    if (value != value) {
      // The addition below could carry a NaN into infinity.
      return (short) FloatFormat.BF16.nan();
    }
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /** {@code cvt.rna.tf32.f32}: the 32 bits of the register, the low 13 of them zero. */
  public static int toTf32(float value) {
    return FloatFormat.TF32.round(value, Rounding.NEAREST_AWAY) << 13;
  }

  /** {@code cvt.f32.f64}. */
  public static float toFloat(double value, Rounding rounding) {
    return Float.intBitsToFloat(FloatFormat.F32.round(value, rounding));
  }

  /** {@code cvt.f32.f16}; exact. */
  public static float halfToFloat(short bits) {
    return Float.float16ToFloat(bits);
  }

  /** {@code cvt.f32.bf16}; exact. */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** A pair as {@code cvt.rn.f16x2.f32 d, a, b} makes it: {@code a} is the upper half. */
  public static int pack(short upper, short lower) {
    return upper << 16 | lower & 0xFFFF;
  }

  /** The lower half of a pair, at the lower address in memory. */
  public static short lower(int pair) {
    return (short) pair;
  }

  /** The upper half of a pair. */
  public static short upper(int pair) {
    return (short) (pair >>> 16);
  }
}

package org.mirror4j.device.ptx.number;

/**
 * {@code cvt} from a float to an integer: round to a whole number, then clamp to the range of the
 * type. NaN becomes 0, or {@code 1 << (bits - 1)} where the source is f64 or the target has 64
 * bits.
 */
public final class FloatToInt {
  private static final double TWO_63 = 0x1p63;

  private FloatToInt() {}

  /** A whole number in floating point: {@code cvt.rni.f32.f32} and its like. */
  public static double integral(double value, Rounding rounding) {
    return switch (rounding) {
      case NEAREST_EVEN -> Math.rint(value);
      case NEAREST_AWAY -> nearestAway(value);
      case ZERO -> value < 0 ? Math.ceil(value) : Math.floor(value);
      case DOWN -> Math.floor(value);
      case UP -> Math.ceil(value);
    };
  }

  private static double nearestAway(double value) {
    double size = Math.abs(value);
    double whole = Math.floor(size);
    return Math.copySign(size - whole >= 0.5 ? whole + 1 : whole, value);
  }

  /**
   * From f32, f16 or bf16.
   *
   * @param bits width of the target: 8, 16, 32 or 64
   * @return the integer, sign- or zero-extended to 64 bits as its type says
   */
  public static long fromFloat(float value, Rounding rounding, int bits, boolean signed) {
    if (value != value) {
      return bits == Long.SIZE ? Long.MIN_VALUE : 0;
    }
    return clamp(integral(value, rounding), bits, signed);
  }

  /** From f64; otherwise as {@link #fromFloat}. */
  public static long fromDouble(double value, Rounding rounding, int bits, boolean signed) {
    if (value != value) {
      return signed ? -1L << (bits - 1) : 1L << (bits - 1);
    }
    return clamp(integral(value, rounding), bits, signed);
  }

  private static long clamp(double whole, int bits, boolean signed) {
    if (signed) {
      long most = Long.MAX_VALUE >> (Long.SIZE - bits);
      return Math.clamp((long) whole, -most - 1, most);
    }
    if (bits < Long.SIZE) {
      return Math.clamp((long) whole, 0L, (1L << bits) - 1);
    }
    if (whole < TWO_63) {
      return Math.max((long) whole, 0);
    }
    return whole < 2 * TWO_63 ? (long) (whole - TWO_63) ^ Long.MIN_VALUE : -1;
  }
}

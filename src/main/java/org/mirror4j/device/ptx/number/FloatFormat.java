package org.mirror4j.device.ptx.number;

/**
 * A binary floating-point format of at most 32 bits with infinities and subnormals, and rounding
 * into it from f64 in one step. Every value of f32 is one of f64, so this rounds f32 as well.
 *
 * <p>Bits are in the low end of an int: sign, exponent, fraction.
 */
public enum FloatFormat {
  /** IEEE 754 binary16. */
  F16(5, 10),
  /** The upper half of a binary32. */
  BF16(8, 7),
  /** Nineteen bits, kept in the upper ones of a 32-bit register. */
  TF32(8, 10),
  /** IEEE 754 binary32. */
  F32(8, 23);

  private static final int DOUBLE_FRACTION_BITS = 52;
  private static final int DOUBLE_BIAS = 1023;
  private static final long DOUBLE_HIDDEN_BIT = 1L << DOUBLE_FRACTION_BITS;

  private final int fractionBits;
  private final int signShift;
  private final int smallestExponent;
  private final int infinity;

  FloatFormat(int exponentBits, int fractionBits) {
    this.fractionBits = fractionBits;
    this.signShift = exponentBits + fractionBits;
    this.smallestExponent = 2 - (1 << (exponentBits - 1));
    this.infinity = ((1 << exponentBits) - 1) << fractionBits;
  }

  /** The canonical NaN: every bit set but the sign. */
  public int nan() {
    return (1 << signShift) - 1;
  }

  /** The bits of plus infinity. */
  public int infinity() {
    return infinity;
  }

  /** The largest finite value. */
  public double largest() {
    return (2 - Math.scalb(1.0, -fractionBits)) * Math.scalb(1.0, 1 - smallestExponent);
  }

  /** The distance between neighbours in the binade of a finite value. */
  public double ulp(double value) {
    int exponent = value == 0 ? smallestExponent : Math.getExponent(value);
    return Math.scalb(1.0, Math.max(exponent, smallestExponent) - fractionBits);
  }

  /** The bits of a value rounded once; a NaN becomes the canonical one. */
  public int round(double value, Rounding rounding) {
    if (Double.isNaN(value)) {
      return nan();
    }
    long bits = Double.doubleToRawLongBits(value);
    boolean negative = bits < 0;
    int sign = negative ? 1 << signShift : 0;
    if (Double.isInfinite(value)) {
      return sign | infinity;
    }
    int exponentField = (int) (bits >>> DOUBLE_FRACTION_BITS) & 0x7FF;
    long significand = bits & (DOUBLE_HIDDEN_BIT - 1);
    int exponent = Math.max(exponentField, 1) - DOUBLE_BIAS;
    if (exponentField != 0) {
      significand |= DOUBLE_HIDDEN_BIT;
    }
    int above = Math.max(exponent, smallestExponent);
    // Bits of the significand below the format's last one; 54 drops all, with less than a half
    // left.
    int dropped = Math.min(DOUBLE_FRACTION_BITS - fractionBits + above - exponent, 54);
    long kept = significand >>> dropped;
    long rest = significand & ((1L << dropped) - 1);
    long half = 1L << (dropped - 1);
    if (rounding.raises(negative, (kept & 1) != 0, rest > half, rest == half, rest == 0)) {
      kept++;
    }
    // The hidden bit adds one to the exponent field; so does a carry out of the fraction.
    long magnitude = ((long) (above - smallestExponent) << fractionBits) + kept;
    return sign | (magnitude < infinity ? (int) magnitude : overflow(negative, rounding));
  }

  private int overflow(boolean negative, Rounding rounding) {
    boolean toInfinity =
        switch (rounding) {
          case NEAREST_EVEN, NEAREST_AWAY -> true;
          case ZERO -> false;
          case DOWN -> negative;
          case UP -> !negative;
        };
    return toInfinity ? infinity : infinity - 1;
  }

  /** The value of bits of this format; exact. */
  public float value(int bits) {
    return switch (this) {
      case F16 -> Float.float16ToFloat((short) bits);
      case BF16, TF32, F32 -> Float.intBitsToFloat(bits << (31 - signShift));
    };
  }
}

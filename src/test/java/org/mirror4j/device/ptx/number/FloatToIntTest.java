package org.mirror4j.device.ptx.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatToIntTest {
  private static final int[] WIDTHS = {8, 16, 32, 64};

  private static RoundingMode mode(Rounding rounding) {
    return switch (rounding) {
      case NEAREST_EVEN -> RoundingMode.HALF_EVEN;
      case NEAREST_AWAY -> RoundingMode.HALF_UP;
      case ZERO -> RoundingMode.DOWN;
      case DOWN -> RoundingMode.FLOOR;
      case UP -> RoundingMode.CEILING;
    };
  }

  /** Rounds and clamps in integers of any size. */
  private static long reference(double value, Rounding rounding, int bits, boolean signed) {
    BigInteger least = signed ? BigInteger.TWO.pow(bits - 1).negate() : BigInteger.ZERO;
    BigInteger most =
        (signed ? BigInteger.TWO.pow(bits - 1) : BigInteger.TWO.pow(bits)).subtract(BigInteger.ONE);
    if (Double.isInfinite(value)) {
      return (value > 0 ? most : least).longValue();
    }
    BigInteger whole = new BigDecimal(value).setScale(0, mode(rounding)).toBigInteger();
    return whole.max(least).min(most).longValue();
  }

  private static void check(double value) {
    for (Rounding rounding : Rounding.values()) {
      for (int bits : WIDTHS) {
        for (boolean signed : new boolean[] {true, false}) {
          String what = "%s %s to %d bits, signed %s".formatted(value, rounding, bits, signed);
          assertThat(FloatToInt.fromDouble(value, rounding, bits, signed))
              .as(what)
              .isEqualTo(reference(value, rounding, bits, signed));
          assertThat(FloatToInt.fromFloat((float) value, rounding, bits, signed))
              .as("float " + what)
              .isEqualTo(reference((float) value, rounding, bits, signed));
        }
      }
    }
  }

  @Test
  void roundsAndClampsAtEveryEdge() {
    for (double value :
        new double[] {0, 0.25, 0.5, 0.75, 1.5, 2.5, 127.5, 128, 255.4, 255.5, 32767.5, 65535.5}) {
      check(value);
      check(-value);
    }
    for (int power = 0; power < 70; power++) {
      double value = Math.scalb(1.0, power);
      for (double near :
          new double[] {value, Math.nextUp(value), Math.nextDown(value), value - 0.5}) {
        check(near);
        check(-near);
      }
    }
    check(Double.POSITIVE_INFINITY);
    check(Double.NEGATIVE_INFINITY);
  }

  @Test
  void roundsDrawnValues() {
    Random random = new Random(33);
    for (int i = 0; i < 2000; i++) {
      check(Math.scalb(random.nextDouble() - 0.5, random.nextInt(72) - 2));
    }
  }

  @Test
  void nanIsZeroOrTheTopBit() {
    assertThat(FloatToInt.fromFloat(Float.NaN, Rounding.ZERO, 32, true)).isZero();
    assertThat(FloatToInt.fromFloat(Float.NaN, Rounding.ZERO, 32, false)).isZero();
    assertThat(FloatToInt.fromFloat(Float.NaN, Rounding.ZERO, 64, true)).isEqualTo(Long.MIN_VALUE);
    assertThat(FloatToInt.fromDouble(Double.NaN, Rounding.ZERO, 32, true))
        .isEqualTo(Integer.MIN_VALUE);
    assertThat(FloatToInt.fromDouble(Double.NaN, Rounding.ZERO, 32, false)).isEqualTo(1L << 31);
    assertThat(FloatToInt.fromDouble(Double.NaN, Rounding.ZERO, 64, false))
        .isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void integralKeepsTheSignOfZero() {
    for (Rounding rounding : new Rounding[] {Rounding.NEAREST_EVEN, Rounding.ZERO, Rounding.UP}) {
      assertThat(Double.doubleToRawLongBits(FloatToInt.integral(-0.25, rounding)))
          .as("%s", rounding)
          .isEqualTo(Long.MIN_VALUE);
    }
    assertThat(FloatToInt.integral(-0.25, Rounding.DOWN)).isEqualTo(-1);
  }
}

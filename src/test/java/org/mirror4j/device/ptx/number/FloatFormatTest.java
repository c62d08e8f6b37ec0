package org.mirror4j.device.ptx.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounding into the narrow formats, against the definition: the neighbours of a value compared. */
class FloatFormatTest {
  /** Every finite value, and every place between two neighbours that a rounding tells apart. */
  @ParameterizedTest
  @EnumSource(
      value = FloatFormat.class,
      names = {"F16", "BF16"})
  void roundsAsTheNeighboursSay(FloatFormat format) {
    for (int bits = 0; bits < format.infinity(); bits++) {
      double low = format.value(bits);
      double high = bits + 1 == format.infinity() ? low + format.ulp(low) : format.value(bits + 1);
      double middle = low + (high - low) / 2;
      double[] between = {
        low,
        Math.nextUp(low),
        Math.nextDown(middle),
        middle,
        Math.nextUp(middle),
        Math.nextDown(high)
      };
      for (double value : between) {
        for (Rounding rounding : Rounding.values()) {
          int expected = expected(bits, value, low, middle, rounding, false);
          int negative = expected(bits, value, low, middle, rounding, true);
          if (format.round(value, rounding) != expected
              || format.round(-value, rounding) != (negative | 0x8000)) {
            assertThat(format.round(value, rounding))
                .as("%s %s", value, rounding)
                .isEqualTo(expected);
            assertThat(format.round(-value, rounding))
                .as("%s %s", -value, rounding)
                .isEqualTo(negative | 0x8000);
          }
        }
      }
    }
  }

  /** Bits of the magnitude: those of the lower neighbour or one more. */
  private static int expected(
      int bits, double value, double low, double middle, Rounding rounding, boolean negative) {
    if (value == low) {
      return bits;
    }
    return switch (rounding) {
      case NEAREST_EVEN -> value > middle || value == middle && (bits & 1) == 1 ? bits + 1 : bits;
      case NEAREST_AWAY -> value >= middle ? bits + 1 : bits;
      case ZERO -> bits;
      case DOWN -> negative ? bits + 1 : bits;
      case UP -> negative ? bits : bits + 1;
    };
  }

  @Test
  void widensAndRoundsBackEverySixteenBitPattern() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      for (FloatFormat format : new FloatFormat[] {FloatFormat.F16, FloatFormat.BF16}) {
        float value = format.value(bits);
        int expected = Float.isNaN(value) ? format.nan() : bits;
        for (Rounding rounding : Rounding.values()) {
          if (format.round(value, rounding) != expected) {
            assertThat(format.round(value, rounding)).as("%s %x", format, bits).isEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void valuesPastTheLargestGoWhereTheRoundingPoints() {
    for (FloatFormat format : FloatFormat.values()) {
      int infinity = format.infinity();
      int sign = format.nan() + 1;
      double past = 4 * format.largest();
      assertThat(format.value(infinity - 1)).isEqualTo((float) format.largest());
      assertThat(format.round(past, Rounding.NEAREST_EVEN)).isEqualTo(infinity);
      assertThat(format.round(past, Rounding.NEAREST_AWAY)).isEqualTo(infinity);
      assertThat(format.round(past, Rounding.ZERO)).isEqualTo(infinity - 1);
      assertThat(format.round(past, Rounding.DOWN)).isEqualTo(infinity - 1);
      assertThat(format.round(past, Rounding.UP)).isEqualTo(infinity);
      assertThat(format.round(-past, Rounding.DOWN)).isEqualTo(sign | infinity);
      assertThat(format.round(-past, Rounding.UP)).isEqualTo(sign | (infinity - 1));
      assertThat(format.round(Double.MAX_VALUE, Rounding.NEAREST_EVEN)).isEqualTo(infinity);
      for (Rounding rounding : Rounding.values()) {
        assertThat(format.round(Double.POSITIVE_INFINITY, rounding)).isEqualTo(infinity);
        assertThat(format.round(Double.NEGATIVE_INFINITY, rounding)).isEqualTo(sign | infinity);
        assertThat(format.round(Double.NaN, rounding)).isEqualTo(format.nan());
      }
    }
  }

  @Test
  void valuesFarBelowTheSmallestKeepTheirSign() {
    for (FloatFormat format : FloatFormat.values()) {
      int sign = format.nan() + 1;
      for (double tiny : new double[] {Double.MIN_VALUE, Double.MIN_NORMAL, 0x1p-200}) {
        assertThat(format.round(tiny, Rounding.NEAREST_EVEN)).isZero();
        assertThat(format.round(tiny, Rounding.UP)).isEqualTo(1);
        assertThat(format.round(tiny, Rounding.DOWN)).isZero();
        assertThat(format.round(-tiny, Rounding.DOWN)).isEqualTo(sign | 1);
        assertThat(format.round(-tiny, Rounding.NEAREST_AWAY)).isEqualTo(sign);
      }
      assertThat(format.round(-0.0, Rounding.UP)).isEqualTo(sign);
    }
  }

  /** The hardware's own conversion is the reference; patterns of every exponent, drawn. */
  @Test
  void roundsToF32AsTheProcessorDoes() {
    Random random = new Random(31);
    for (int i = 0; i < 1_000_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      int got = FloatFormat.F32.round(value, Rounding.NEAREST_EVEN);
      int expected =
          Double.isNaN(value) ? FloatFormat.F32.nan() : Float.floatToIntBits((float) value);
      if (got != expected) {
        assertThat(got).as("%s", value).isEqualTo(expected);
      }
      double near = value % 1e38;
      float rounded = (float) near;
      float up = rounded >= near ? rounded : Math.nextUp(rounded);
      float down = rounded <= near ? rounded : Math.nextDown(rounded);
      if (!Double.isNaN(near)) {
        assertThat(NarrowFloat.toFloat(near, Rounding.UP) == up).isTrue();
        assertThat(NarrowFloat.toFloat(near, Rounding.DOWN) == down).isTrue();
      }
    }
  }

  @Test
  void ulpIsTheDistanceToTheNextValue() {
    for (float value : new float[] {0, Float.MIN_VALUE, Float.MIN_NORMAL, 1, -3.5f, 1e30f}) {
      assertThat(FloatFormat.F32.ulp(value)).isEqualTo(Math.ulp(value));
    }
    assertThat(FloatFormat.F16.ulp(1)).isEqualTo(0x1p-10);
    assertThat(FloatFormat.F16.ulp(0)).isEqualTo(0x1p-24);
    assertThat(FloatFormat.BF16.ulp(1)).isEqualTo(0x1p-7);
  }
}

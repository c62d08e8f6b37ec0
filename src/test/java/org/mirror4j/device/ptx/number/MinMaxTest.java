package org.mirror4j.device.ptx.number;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MinMaxTest {
  private static final float OTHER_NAN = Float.intBitsToFloat(0xFFC00001);

  private static int bits(float value) {
    return Float.floatToRawIntBits(value);
  }

  @Test
  void aNumberWinsAgainstNan() {
    assertThat(MinMax.min(OTHER_NAN, 2)).isEqualTo(2);
    assertThat(MinMax.min(2, OTHER_NAN)).isEqualTo(2);
    assertThat(MinMax.max(OTHER_NAN, -2)).isEqualTo(-2);
    assertThat(MinMax.max(-2, OTHER_NAN)).isEqualTo(-2);
    assertThat(bits(MinMax.min(OTHER_NAN, OTHER_NAN))).isEqualTo(0x7FFFFFFF);
    assertThat(bits(MinMax.max(OTHER_NAN, OTHER_NAN))).isEqualTo(0x7FFFFFFF);
    assertThat(MinMax.min(Double.NaN, 2.0)).isEqualTo(2);
    assertThat(MinMax.max(2.0, Double.NaN)).isEqualTo(2);
    assertThat(MinMax.max(Double.NaN, Double.NaN)).isNaN();
  }

  @Test
  void nanWinsWhereAsked() {
    assertThat(bits(MinMax.minNan(OTHER_NAN, 2))).isEqualTo(0x7FFFFFFF);
    assertThat(bits(MinMax.maxNan(2, OTHER_NAN))).isEqualTo(0x7FFFFFFF);
    assertThat(MinMax.minNan(1, 2)).isEqualTo(1);
    assertThat(MinMax.maxNan(1, 2)).isEqualTo(2);
  }

  @Test
  void minusZeroIsBelowPlusZero() {
    assertThat(bits(MinMax.min(0f, -0f))).isEqualTo(bits(-0f));
    assertThat(bits(MinMax.max(-0f, 0f))).isEqualTo(bits(0f));
    assertThat(bits(MinMax.minNan(-0f, 0f))).isEqualTo(bits(-0f));
    assertThat(1 / MinMax.max(-0.0, 0.0)).isPositive();
    assertThat(1 / MinMax.min(0.0, -0.0)).isNegative();
  }

  @Test
  void ordersNumbersAndInfinities() {
    float[] ordered = {Float.NEGATIVE_INFINITY, -1, 0x1p-149f, 1, Float.POSITIVE_INFINITY};
    for (int i = 0; i < ordered.length; i++) {
      for (int j = i; j < ordered.length; j++) {
        assertThat(MinMax.min(ordered[j], ordered[i])).isEqualTo(ordered[i]);
        assertThat(MinMax.max(ordered[i], ordered[j])).isEqualTo(ordered[j]);
        assertThat(MinMax.min((double) ordered[i], ordered[j])).isEqualTo(ordered[i]);
        assertThat(MinMax.max((double) ordered[j], ordered[i])).isEqualTo(ordered[j]);
      }
    }
  }
}

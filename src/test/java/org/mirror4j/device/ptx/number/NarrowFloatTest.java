package org.mirror4j.device.ptx.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NarrowFloatTest {
  @Test
  void theUsualConversionsAreTheGeneralOnesInBrief() {
    Random random = new Random(32);
    for (int i = 0; i < 1 << 20; i++) {
      check(Float.intBitsToFloat(random.nextInt()));
    }
    // Every half and the places around it where rounding changes its mind.
    for (int bits = 0; bits < 1 << 16; bits++) {
      int half = Float.floatToRawIntBits(Float.float16ToFloat((short) bits));
      for (int low : new int[] {0, 0xFFF, 0x1000, 0x1001}) {
        check(Float.intBitsToFloat(half + low));
      }
      for (int low : new int[] {0, 0x7FFF, 0x8000, 0x8001}) {
        check(Float.intBitsToFloat(bits << 16 | low));
      }
    }
  }

  private static void check(float value) {
    short half = NarrowFloat.toHalf(value, Rounding.NEAREST_EVEN);
    short bfloat16 = NarrowFloat.toBfloat16(value, Rounding.NEAREST_EVEN);
    if (NarrowFloat.toHalf(value) != half || NarrowFloat.toBfloat16(value) != bfloat16) {
      assertThat(NarrowFloat.toHalf(value)).as("f16 of %s", value).isEqualTo(half);
      assertThat(NarrowFloat.toBfloat16(value)).as("bf16 of %s", value).isEqualTo(bfloat16);
    }
  }

  @Test
  void tf32RoundsTiesAwayAndClearsTheLowBits() {
    assertThat(NarrowFloat.toTf32(Float.intBitsToFloat(0x3F801000))).isEqualTo(0x3F802000);
    assertThat(NarrowFloat.toTf32(Float.intBitsToFloat(0x3F800FFF))).isEqualTo(0x3F800000);
    assertThat(NarrowFloat.toTf32(Float.intBitsToFloat(0xBF801000))).isEqualTo(0xBF802000);
    assertThat(NarrowFloat.toTf32(Float.MAX_VALUE)).isEqualTo(0x7F800000);
    assertThat(NarrowFloat.toTf32(Float.NaN)).isEqualTo(0x7FFFE000);
  }

  @Test
  void theFirstOperandOfAPairIsTheUpperHalf() {
    int pair = NarrowFloat.pack((short) 0xBC00, (short) 0xC000);
    assertThat(pair).isEqualTo(0xBC00C000);
    assertThat(NarrowFloat.upper(pair)).isEqualTo((short) 0xBC00);
    assertThat(NarrowFloat.lower(pair)).isEqualTo((short) 0xC000);
  }

  @Test
  void wideningIsExact() {
    assertThat(NarrowFloat.halfToFloat((short) 0x0001)).isEqualTo(0x1p-24f);
    assertThat(NarrowFloat.halfToFloat((short) 0xFBFF)).isEqualTo(-65504f);
    assertThat(NarrowFloat.bfloat16ToFloat((short) 0x0001)).isEqualTo(0x1p-133f);
    assertThat(NarrowFloat.bfloat16ToFloat((short) 0xC049)).isEqualTo(-3.140625f);
  }

  @Test
  void clampsAsTheModifiersSay() {
    assertThat(bits(Clamp.relu(-0.0))).isEqualTo(bits(0.0));
    assertThat(Clamp.relu(-3)).isZero();
    assertThat(Clamp.relu(3)).isEqualTo(3);
    assertThat(Clamp.relu(Double.NaN)).isNaN();
    assertThat(bits(Clamp.unit(-0.0))).isEqualTo(bits(0.0));
    assertThat(bits(Clamp.unit(Double.NaN))).isEqualTo(bits(0.0));
    assertThat(Clamp.unit(0.25)).isEqualTo(0.25);
    assertThat(Clamp.unit(7.0)).isEqualTo(1);
    assertThat(bits(Clamp.unit(-0f))).isEqualTo(bits(0.0));
    assertThat(bits(Clamp.unit(Float.NaN))).isEqualTo(bits(0.0));
    assertThat(Clamp.unit(7f)).isEqualTo(1);
    assertThat(bits(Clamp.flush(-0x1p-149f))).isEqualTo(bits(-0.0));
    assertThat(Clamp.flush(Math.nextDown(Float.MIN_NORMAL))).isZero();
    assertThat(Clamp.flush(-Float.MIN_NORMAL)).isEqualTo(-Float.MIN_NORMAL);
    assertThat(Clamp.flush(Float.NaN)).isNaN();
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }
}

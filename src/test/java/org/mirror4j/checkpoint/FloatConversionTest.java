package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;

class FloatConversionTest {
  private static final int PATTERNS = 1 << 16;

  @Test
  void everyHalfComesBackAsItself() {
    for (DType dtype : new DType[] {DType.F16, DType.BF16}) {
      short[] all = new short[PATTERNS];
      for (int bits = 0; bits < PATTERNS; bits++) {
        all[bits] = (short) bits;
      }
      MemorySegment stored = MemorySegment.ofArray(all);
      MemorySegment wide = MemorySegment.ofArray(new float[PATTERNS]);
      MemorySegment back = MemorySegment.ofArray(new short[PATTERNS]);
      FloatConversion.widen(stored, dtype, wide, PATTERNS);
      FloatConversion.narrow(wide, back, dtype, PATTERNS);
      for (int bits = 0; bits < PATTERNS; bits++) {
        float value = wide.getAtIndex(ValueLayout.JAVA_FLOAT, bits);
        assertThat((Float) value).isEqualTo((Float) decoded(bits, dtype));
        if (!Float.isNaN(value)) {
          assertThat(back.getAtIndex(ValueLayout.JAVA_SHORT, bits)).isEqualTo((short) bits);
        } else {
          assertThat(decoded(back.getAtIndex(ValueLayout.JAVA_SHORT, bits) & 0xFFFF, dtype))
              .isNaN();
        }
      }
    }
  }

  /** Between two neighbours: just below the middle, the middle, just above it. */
  @Test
  void narrowingRoundsToNearestAndTiesToEven() {
    for (DType dtype : new DType[] {DType.F16, DType.BF16}) {
      int infinity = dtype == DType.F16 ? 0x7C00 : 0x7F80;
      for (int bits = 0; bits < infinity - 1; bits++) {
        // The middle has one fraction bit more than the neighbours, so it is exact in f32; halved
        // before they are added, the largest bf16 do not overflow.
        float middle = decoded(bits, dtype) / 2 + decoded(bits + 1, dtype) / 2;
        int even = (bits & 1) == 0 ? bits : bits + 1;
        assertThat(narrowed(middle, dtype)).isEqualTo(even);
        assertThat(narrowed(Math.nextDown(middle), dtype)).isEqualTo(bits);
        assertThat(narrowed(Math.nextUp(middle), dtype)).isEqualTo(bits + 1);
        assertThat(narrowed(-middle, dtype)).isEqualTo(even | 0x8000);
      }
    }
  }

  @Test
  void valuesPastTheLargestBecomeInfinityAndNanStaysNan() {
    assertThat(narrowed(65519.996f, DType.F16)).isEqualTo(0x7BFF);
    assertThat(narrowed(65520f, DType.F16)).isEqualTo(0x7C00);
    assertThat(narrowed(Float.MAX_VALUE, DType.BF16)).isEqualTo(0x7F80);
    assertThat(narrowed(Float.NEGATIVE_INFINITY, DType.BF16)).isEqualTo(0xFF80);
    // A payload in the lower half alone would be cut to infinity, or carry into the sign.
    assertThat(narrowed(Float.intBitsToFloat(0x7F800001), DType.BF16)).isEqualTo(0x7FC0);
    assertThat(narrowed(Float.intBitsToFloat(0x7FFFFFFF), DType.BF16)).isEqualTo(0x7FFF);
    assertThat(narrowed(Float.MIN_VALUE, DType.BF16)).isZero();
  }

  /** By the definition of the formats, in double. */
  private static float decoded(int bits, DType dtype) {
    int exponentBits = dtype == DType.F16 ? 5 : 8;
    int fractionBits = 15 - exponentBits;
    int bias = (1 << (exponentBits - 1)) - 1;
    int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
    int fraction = bits & ((1 << fractionBits) - 1);
    double sign = (bits & 0x8000) == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? (float) (sign / 0.0) : Float.NaN;
    }
    double significand = fraction / (double) (1 << fractionBits) + (exponent == 0 ? 0 : 1);
    return (float) (sign * significand * Math.pow(2, Math.max(exponent, 1) - bias));
  }

  private static int narrowed(float value, DType dtype) {
    MemorySegment to = MemorySegment.ofArray(new short[1]);
    FloatConversion.narrow(MemorySegment.ofArray(new float[] {value}), to, dtype, 1);
    return to.get(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN), 0) & 0xFFFF;
  }

  /** Every pattern of 16 bits alone among ones, at the places of a long and in the last part. */
  @Test
  void whatIsNotFiniteIsFoundAmongNumbers() {
    for (DType dtype : new DType[] {DType.F16, DType.BF16}) {
      short one = dtype == DType.F16 ? Float.floatToFloat16(1) : FloatConversion.floatToBfloat16(1);
      for (int bits = 0; bits < 1 << 16; bits++) {
        short[] values = new short[7];
        Arrays.fill(values, one);
        values[bits % 7] = (short) bits;
        float value =
            dtype == DType.F16
                ? Float.float16ToFloat((short) bits)
                : FloatConversion.bfloat16ToFloat((short) bits);
        if (FloatConversion.areFinite(MemorySegment.ofArray(values), dtype, 7)
            != Float.isFinite(value)) {
          throw new AssertionError(dtype + " " + Integer.toHexString(bits));
        }
      }
    }
  }

  @Test
  void theFirstElementThatIsNotFiniteIsNamed() {
    float[] values = new float[100_001];
    Arrays.fill(values, -Float.MAX_VALUE);
    MemorySegment segment = MemorySegment.ofArray(values);
    FloatConversion.requireFinite("file", "x", segment);
    for (int at : new int[] {100_000, 8_192, 8_191, 0}) {
      values[at] = Float.NEGATIVE_INFINITY;
      assertThatThrownBy(() -> FloatConversion.requireFinite("file", "x", segment))
          .isInstanceOf(FileException.class)
          .hasMessage(
              "file: tensor 'x': element " + at + " is -Infinity, expected a finite number");
    }
  }

  @Test
  void doublesAreRoundedToTheNearest() {
    double[] wide = {1 + 0x1p-24, 1 + 3 * 0x1p-24, 1e-300, -0.0, 0.1};
    float[] values = new float[5];
    assertThat(
            FloatConversion.widen(
                MemorySegment.ofArray(wide), DType.F64, MemorySegment.ofArray(values), 5))
        .isTrue();
    assertThat(values).containsExactly(1f, 1 + 0x1p-22f, 0f, -0f, 0.1f);
    wide[2] = 1e39;
    assertThat(
            FloatConversion.widen(
                MemorySegment.ofArray(wide), DType.F64, MemorySegment.ofArray(values), 5))
        .isFalse();
  }
}

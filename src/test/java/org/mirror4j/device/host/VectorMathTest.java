package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  private static final int LANES = VectorMath.LANES;

  private final HostAllocator memory = new HostAllocator();
  private final long address = memory.allocate(4L * LANES);

  @AfterEach
  void free() {
    memory.freeAll();
  }

  /** Every 4,000th f32 from -87.33 to 88.37, and the claim of 2 u = 1.2e-7. */
  @Test
  void expIsWithinItsBound() {
    float[] x = new float[LANES];
    for (int bits = 0; bits < Float.floatToIntBits(88.37f); bits += 4000 * LANES) {
      for (int sign = 0; sign < 2; sign++) {
        for (int i = 0; i < LANES; i++) {
          float magnitude = Float.intBitsToFloat(bits + 4000 * i);
          x[i] = Math.clamp(sign == 0 ? magnitude : -magnitude, -87.33f, 88.37f);
        }
        float[] y = exp(x);
        for (int i = 0; i < LANES; i++) {
          double expected = Math.exp(x[i]);
          double error = Math.abs(y[i] - expected) / expected;
          if (!(error <= 0x1p-23)) {
            throw new AssertionError("exp(%s) is %s, expected %s".formatted(x[i], y[i], expected));
          }
          if (VectorMath.exp(x[i]) != y[i]) {
            throw new AssertionError(
                "exp(%s) is %s, in a lane %s".formatted(x[i], VectorMath.exp(x[i]), y[i]));
          }
        }
      }
    }
  }

  @Test
  void expOfSpecialValues() {
    assertThat(expOf(0f)).isEqualTo(1f);
    assertThat(expOf(-0f)).isEqualTo(1f);
    assertThat(expOf(Float.MIN_VALUE)).isEqualTo(1f);
    assertThat(expOf(-87.34f)).isZero();
    assertThat(expOf(-1e30f)).isZero();
    assertThat(expOf(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(expOf(88.38f)).isInfinite();
    assertThat(expOf(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(expOf(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(expOf(Float.NaN)).isNaN();
  }

  /** Every 4,000th normal f32, and the claim of 2^-23 of the larger of 1 and the logarithm. */
  @Test
  void logIsWithinItsBound() {
    int last = Float.floatToIntBits(Float.MAX_VALUE);
    for (int bits = Float.floatToIntBits(Float.MIN_NORMAL); bits < last; bits += 4000 * LANES) {
      for (int i = 0; i < LANES; i++) {
        HostAllocator.f32(address, i, Float.intBitsToFloat(Math.min(last, bits + 4000 * i)));
      }
      VectorMath.log(address, 1);
      for (int i = 0; i < LANES; i++) {
        float x = Float.intBitsToFloat(Math.min(last, bits + 4000 * i));
        double expected = Math.log(x);
        double error = Math.abs(HostAllocator.f32(address, i) - expected);
        if (!(error <= 0x1p-23 * Math.max(1, Math.abs(expected)))) {
          throw new AssertionError(
              "log(%s) is %s, expected %s".formatted(x, HostAllocator.f32(address, i), expected));
        }
        assertThat(VectorMath.log(x)).isEqualTo(HostAllocator.f32(address, i));
      }
    }
  }

  @Test
  void logOfSpecialValues() {
    assertThat(logOf(1f)).isZero();
    assertThat(logOf(Float.NaN)).isNaN();
    assertThat(VectorMath.log(Float.NaN)).isNaN();
  }

  private float logOf(float x) {
    for (int i = 0; i < LANES; i++) {
      HostAllocator.f32(address, i, x);
    }
    VectorMath.log(address, LANES);
    return HostAllocator.f32(address, LANES - 1);
  }

  /** A kernel is interpreted at first and compiled later: its bits must not change on the way. */
  @Test
  void bitsStayTheSameWhileTheCompilerCatchesUp() {
    float[] x = new float[LANES];
    for (int i = 0; i < LANES; i++) {
      x[i] = -0.7f * i - 0.123f;
    }
    float[] exp = exp(x);
    float sum = butterfly(x);
    float log = logOf(3.7f);
    for (int round = 0; round < 20_000; round++) {
      assertThat(exp(x)).isEqualTo(exp);
      assertThat(logOf(3.7f)).isEqualTo(log);
      for (int i = 0; i < LANES; i++) {
        HostAllocator.f32(address, i, x[i]);
      }
      assertThat(VectorMath.sumAt(address)).isEqualTo(sum);
    }
  }

  private static float butterfly(float[] x) {
    float[] sums = x.clone();
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
      for (int i = 0; i < distance; i++) {
        sums[i] += sums[i + distance];
      }
    }
    return sums[0];
  }

  private float expOf(float x) {
    float[] values = new float[LANES];
    Arrays.fill(values, x);
    float y = exp(values)[LANES - 1];
    assertThat(VectorMath.exp(x)).as("exp of the scalar %s", x).isEqualTo(Float.valueOf(y));
    return y;
  }

  private float[] exp(float[] x) {
    float[] y = new float[LANES];
    for (int i = 0; i < LANES; i++) {
      HostAllocator.f32(address, i, x[i]);
    }
    VectorMath.exp(address, 1);
    for (int i = 0; i < LANES; i++) {
      y[i] = HostAllocator.f32(address, i);
    }
    return y;
  }
}

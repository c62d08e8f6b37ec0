package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.support.DeviceBuffers;

/** The bound that {@link HostTanh} states, over all magnitudes. */
class HostTanhTest {
  private static final int LANES = VectorMath.LANES;

  private final HostAllocator memory = new HostAllocator();
  private final long values = memory.allocate(4L * HostTanh.floats(LANES));

  @AfterEach
  void free() {
    memory.freeAll();
  }

  /** Magnitudes from the least f32 to 20, evenly in bits, most of them of numbers around 1. */
  @Test
  void isWithinItsBound() {
    int end = Float.floatToIntBits(20f);
    int dense = Float.floatToIntBits(0.01f);
    int step;
    for (int bits = 1; bits < end; bits += LANES / 2 * step) {
      step = bits < dense ? 50_000 : 501;
      float[] x = new float[LANES];
      for (int i = 0; i < LANES; i++) {
        float magnitude = Float.intBitsToFloat(Math.min(end, bits + i / 2 * step));
        x[i] = i % 2 == 0 ? magnitude : -magnitude;
      }
      float[] y = apply(x);
      for (int i = 0; i < LANES; i++) {
        double expected = StrictMath.tanh(x[i]);
        // The least numbers there are have no relative error left.
        double bound = 5 * DeviceBuffers.U * Math.abs(expected) + Float.MIN_VALUE / 2;
        if (!(Math.abs(y[i] - expected) <= bound)) {
          throw new AssertionError(
              "at %s %s, expected %s within %s".formatted(x[i], y[i], expected, bound));
        }
      }
    }
  }

  @Test
  void specialValues() {
    float infinite = Float.POSITIVE_INFINITY;
    float[] x = new float[LANES];
    float[] special = {0f, -0f, infinite, -infinite, Float.NaN, Float.MAX_VALUE, -100f, 9.02f};
    float[] expected = {0f, 0f, 1f, -1f, Float.NaN, 1f, -1f, 1f};
    for (int i = 0; i < special.length; i++) {
      x[0] = special[i];
      assertThat(apply(x)[0]).as("at %s", special[i]).isEqualTo(Float.valueOf(expected[i]));
    }
  }

  private float[] apply(float[] x) {
    for (int i = 0; i < LANES; i++) {
      HostAllocator.f32(values, i, x[i]);
    }
    HostTanh.apply(values, LANES);
    float[] y = new float[LANES];
    for (int i = 0; i < LANES; i++) {
      y[i] = HostAllocator.f32(values, i);
    }
    return y;
  }
}

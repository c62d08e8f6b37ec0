package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.ActivationContract;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.support.DeviceBuffers;

/** The bounds that {@link Gelu} states, over all magnitudes. */
class GeluTest {
  private interface Function {
    void apply(long values, int count);
  }

  private static final int LANES = VectorMath.LANES;

  private final HostAllocator memory = new HostAllocator();
  private final long values = memory.allocate(4L * Gelu.floats(LANES));

  @AfterEach
  void free() {
    memory.freeAll();
  }

  @Test
  void erfIsWithinItsBounds() {
    sweep(GeluForm.ERF, Gelu::erf, Gelu::erfGradient);
  }

  @Test
  void tanhIsWithinItsBounds() {
    sweep(GeluForm.TANH, Gelu::tanh, Gelu::tanhGradient);
  }

  /** Magnitudes from 0 and the least f32 to 20, evenly in bits: most of them tiny. */
  private void sweep(GeluForm form, Function value, Function slope) {
    int end = Float.floatToIntBits(20f);
    int coarse = end / 50_000;
    int dense = Float.floatToIntBits(0.01f);
    float[] x = new float[LANES];
    for (int bits = 0; bits < end; bits += LANES / 2 * (bits < dense ? coarse : 1500)) {
      for (int i = 0; i < LANES; i++) {
        int at = Math.min(end, bits + i / 2 * (bits < dense ? coarse : 1500));
        x[i] = i % 2 == 0 ? Float.intBitsToFloat(at) : -Float.intBitsToFloat(at);
      }
      float[] y = apply(value, x);
      float[] dY = apply(slope, x);
      for (int i = 0; i < LANES; i++) {
        double bound = 3 * DeviceBuffers.U * Math.max(1, Math.abs(x[i]));
        close("value", x[i], y[i], ActivationContract.value(form, x[i]), bound);
        close("slope", x[i], dY[i], ActivationContract.slope(form, x[i]), 5 * DeviceBuffers.U);
        requireTwin(form, x[i], y[i]);
      }
    }
  }

  /** The function of a scalar gives the bits of a lane. */
  private static void requireTwin(GeluForm form, float x, float lane) {
    float scalar = form == GeluForm.ERF ? Gelu.erf(x) : Gelu.tanh(x);
    if (Float.floatToIntBits(scalar) != Float.floatToIntBits(lane)) {
      throw new AssertionError("at %s %s, in a lane %s".formatted(x, scalar, lane));
    }
  }

  private static void close(String what, float x, double got, double expected, double bound) {
    if (!(Math.abs(got - expected) <= bound)) {
      throw new AssertionError(
          "%s at %s is %s, expected %s within %s".formatted(what, x, got, expected, bound));
    }
  }

  /** Small arguments keep their relative accuracy: gelu(x) tends to x / 2. */
  @Test
  void tinyArguments() {
    for (float x : new float[] {1e-30f, -1e-30f, 1e-10f, -1e-10f}) {
      for (Function form : List.<Function>of(Gelu::erf, Gelu::tanh)) {
        double relative = at(form, x) / (x / 2.0) - 1;
        assertThat(Math.abs(relative)).as("at %s", x).isLessThanOrEqualTo(8 * DeviceBuffers.U);
      }
    }
  }

  @Test
  void specialValues() {
    for (GeluForm form : GeluForm.values()) {
      for (float x : new float[] {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, 1e30f, -1e5f}) {
        requireTwin(form, x, at(form == GeluForm.ERF ? Gelu::erf : Gelu::tanh, x));
      }
    }
    for (Function form : List.<Function>of(Gelu::erf, Gelu::tanh)) {
      assertThat(at(form, 0f)).isZero();
      assertThat(at(form, -0f)).isZero();
      assertThat(at(form, Float.NaN)).isNaN();
      assertThat(at(form, Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
      assertThat(at(form, 1e30f)).isEqualTo(1e30f);
      assertThat(at(form, -1e5f)).isZero();
    }
    for (Function slope : List.<Function>of(Gelu::erfGradient, Gelu::tanhGradient)) {
      assertThat(at(slope, 1e10f)).isEqualTo(1f);
      assertThat(at(slope, -1e10f)).isZero();
      assertThat(at(slope, Float.NaN)).isNaN();
    }
  }

  private float at(Function function, float x) {
    float[] filled = new float[LANES];
    Arrays.fill(filled, x);
    return apply(function, filled)[LANES - 1];
  }

  private float[] apply(Function function, float[] x) {
    for (int i = 0; i < LANES; i++) {
      HostAllocator.f32(values, i, x[i]);
    }
    function.apply(values, LANES);
    float[] y = new float[LANES];
    for (int i = 0; i < LANES; i++) {
      y[i] = HostAllocator.f32(values, i);
    }
    return y;
  }
}

package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.IdleDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** A device that computes in TF32 beside itself in f32. */
class Tf32Test {
  /** Rounding to nearest in 11 bits. */
  private static final double ROUNDOFF = 0x1p-11;

  private final Device device = PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled());
  private final Device tf32 = device.computing(Precision.TF32);

  @AfterEach
  void close() {
    device.close();
  }

  static Stream<Arguments> products() {
    int[][] sizes = {{1, 1, 1}, {3, 31, 8}, {31, 33, 127}, {1, 33, 769}, {127, 12, 33}};
    return Stream.of(GemmSpec.NN, GemmSpec.NT, GemmSpec.TN, GemmSpec.NN_ADD, GemmSpec.TN_ADD)
        .flatMap(
            spec ->
                Stream.of(sizes)
                    .flatMap(
                        size ->
                            Stream.of(1, 3)
                                .map(
                                    batch ->
                                        Arguments.of(spec, batch, size[0], size[1], size[2]))));
  }

  /**
   * Two factors off by u make a term off by {@code 2 u + u^2} of its size at most. Of the rounded
   * factors the sum is off by k products and k additions in f32, whatever their order.
   */
  @ParameterizedTest
  @MethodSource("products")
  void bothFactorsAreRoundedAndSumsAreNot(GemmSpec spec, int batch, int m, int n, int k) {
    Random random = new Random(3);
    float[] a = DeviceBuffers.normal(random, batch * m * k, 1);
    float[] b = DeviceBuffers.normal(random, batch * k * n, 1);
    float[] c = DeviceBuffers.normal(random, batch * m * n, 1);
    double[] exact = new double[c.length];
    double[] rounded = new double[c.length];
    double[] ofFactors = new double[c.length];
    double[] ofSums = new double[c.length];
    for (int at = 0; at < c.length; at++) {
      int matrix = at / (m * n);
      int row = at / n % m;
      int column = at % n;
      double magnitude = spec.accumulate() ? Math.abs(c[at]) : 0;
      double factors = 0;
      exact[at] = rounded[at] = spec.accumulate() ? c[at] : 0;
      for (int t = 0; t < k; t++) {
        float x = a[matrix * m * k + (spec.transposeA() ? t * m + row : row * k + t)];
        float y = b[matrix * k * n + (spec.transposeB() ? column * k + t : t * n + column)];
        exact[at] += (double) x * y;
        rounded[at] += (double) nearest(x) * nearest(y);
        magnitude += Math.abs((double) nearest(x) * nearest(y));
        factors += (2 * ROUNDOFF + ROUNDOFF * ROUNDOFF) * Math.abs((double) x * y);
      }
      ofSums[at] = (k + 1) * U * magnitude;
      ofFactors[at] = factors + ofSums[at];
    }
    float[] got = multiply(tf32, DType.F32, spec, batch, m, n, k, a, b, c);
    assertWithin("of the factors", got, exact, ofFactors);
    assertWithin("of the sums", got, rounded, ofSums);
    assertThat(got).isNotEqualTo(multiply(device, DType.F32, spec, batch, m, n, k, a, b, c));
  }

  /** To 13 bits fewer, ties away from zero: in the bits of a float that is half of them added. */
  private static float nearest(float value) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(value) + (1 << 12) & -1 << 13);
  }

  private static float[] multiply(
      Device device,
      DType storage,
      GemmSpec spec,
      int batch,
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      float[] c) {
    try (DeviceBuffers buffers = new DeviceBuffers(device, storage)) {
      int rowsA = batch * (spec.transposeA() ? k : m);
      int rowsB = batch * (spec.transposeB() ? n : k);
      Tensor left = buffers.stored("a", buffers.rounded(a.clone()), rowsA, a.length / rowsA);
      Tensor right = buffers.stored("b", buffers.rounded(b.clone()), rowsB, b.length / rowsB);
      Tensor result = buffers.f32("c", c, batch * m, n);
      device.kernels().product().gemmStridedBatched(spec, batch, result, left, right);
      return buffers.floats(result);
    }
  }

  /** What is stored in 16 bits is multiplied as it is, and all else is the same device. */
  @Test
  void nothingElseDiffers() {
    Random random = new Random(5);
    float[] x = DeviceBuffers.normal(random, 12 * 12, 1);
    for (DType half : List.of(DType.F16, DType.BF16)) {
      assertThat(multiply(tf32, half, GemmSpec.NN, 1, 12, 12, 12, x, x, x))
          .isEqualTo(multiply(device, half, GemmSpec.NN, 1, 12, 12, 12, x, x, x));
    }
    try (DeviceBuffers buffers = new DeviceBuffers(device, DType.F32)) {
      Tensor tensor = buffers.f32("x", x, 12, 12);
      tf32.kernels().optimizer().scale(tensor, 1 + 0x1p-20f);
      float[] scaled = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        scaled[i] = x[i] * (1 + 0x1p-20f);
      }
      assertThat(buffers.floats(tensor)).isEqualTo(scaled);
    }
  }

  @Test
  void thereIsOneDeviceOfEachArithmetic() {
    assertThat(tf32).isNotSameAs(device);
    assertThat(device.computing(Precision.TF32)).isSameAs(tf32);
    assertThat(tf32.computing(Precision.TF32)).isSameAs(tf32);
    assertThat(tf32.computing(Precision.BF16)).isSameAs(device);
    assertThat(tf32.computingForward(Precision.F32)).isSameAs(device);
    tf32.close();
    assertThatThrownBy(() -> device.computing(Precision.F32))
        .isInstanceOf(IllegalStateException.class);
  }

  /** One key, two recordings: what was recorded in one arithmetic is not replayed in the other. */
  @Test
  void recordingsAreTheirOwn() {
    try (DeviceBuffers buffers = new DeviceBuffers(device, DType.F32)) {
      float third = 1 / 3f;
      Tensor x = buffers.f32("x", new float[] {third}, 1, 1);
      Tensor y = buffers.f32("y", new float[] {0}, 1, 1);
      for (int time = 0; time < 3; time++) {
        for (Device one : List.of(device, tf32)) {
          one.repeat(
              y.ownership(), "square", () -> one.kernels().product().gemm(GemmSpec.NN, y, x, x));
          float factor = one == device ? third : nearest(third);
          assertThat(buffers.floats(y)).containsExactly(factor * factor);
        }
      }
    }
  }

  @Test
  void aDeviceWithoutItRefusesInOneLine() {
    try (IdleDevice idle = new IdleDevice()) {
      for (Precision precision : List.of(Precision.TF32, Precision.INT8)) {
        String message = "--precision " + precision.label() + ": the device idle computes in f32";
        assertThatThrownBy(() -> idle.computing(precision))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(message);
        assertThatThrownBy(() -> idle.computingForward(precision))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(message);
      }
    }
  }

  /** Files and caches know precisions by these. */
  @Test
  void labelsStayAsTheyAre() {
    assertThat(Stream.of(Precision.values()).map(Precision::label))
        .containsExactly("f32", "tf32", "f16", "bf16", "int8");
  }
}

package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.operation.PackedProduct;
import org.mirror4j.device.operation.PackedWeight;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.device.ptx.number.NarrowFloat;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** Of int8 every bit is that of the formula in integers and f32. */
class HostPackedProductTest {
  private static void assumePacked(HostDevice device, DType type) {
    assumeTrue(
        device.packed(type).isPresent(),
        () -> "this processor has no products with packed weights of " + type.label());
  }

  private static float[] numbers(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      // Mostly small, as hidden states are, with outliers.
      values[i] = (float) (random.nextGaussian() * (random.nextInt(50) == 0 ? 20 : 1) + 0.3);
    }
    return values;
  }

  private static float[] product(
      HostDevice device, DType type, int rows, int outputs, int inputs, float[] a, float[] w) {
    assumePacked(device, type);
    PackedProduct product = device.packed(type).orElseThrow();
    DType stored = type == DType.INT8 ? DType.F32 : type;
    try (Workspace workspace = new Workspace(device)) {
      Tensor weight = workspace.f32("w", outputs, inputs);
      Tensor x = workspace.f32("a", rows, inputs);
      Tensor y = workspace.f32("c", rows, outputs);
      device.upload(weight, w);
      device.upload(x, a);
      PackedWeight packed = PackedWeight.plan(workspace, product, type, "w", outputs, inputs);
      product.pack(packed, weight);
      Tensor left = workspace.tensor("stored a", stored, Shape.of(rows, inputs));
      Tensor result = workspace.tensor("stored c", stored, Shape.of(rows, outputs));
      device.kernels().memory().convert(left, x);
      device.kernels().memory().fill(y, Float.NaN);
      device.kernels().memory().convert(result, y);
      product.multiply(result, left, packed);
      device.kernels().memory().convert(y, result);
      float[] values = new float[rows * outputs];
      device.download(values, y);
      return values;
    }
  }

  /** The formula of {@link PackedProduct}. */
  private static float[] expected(int rows, int outputs, int inputs, float[] a, float[] w) {
    float[] c = new float[rows * outputs];
    for (int n = 0; n < outputs; n++) {
      float most = 0;
      for (int k = 0; k < inputs; k++) {
        most = Math.max(most, Math.abs(w[n * inputs + k]));
      }
      float scale = most / 127;
      if (Math.rint(most / scale) > 127) {
        scale = Math.nextUp(scale);
      }
      for (int m = 0; m < rows; m++) {
        float low = 0;
        float high = 0;
        for (int k = 0; k < inputs; k++) {
          low = Math.min(low, a[m * inputs + k]);
          high = Math.max(high, a[m * inputs + k]);
        }
        float t = (high - low) / 255;
        float inverse = Float.isFinite(1 / t) ? 1 / t : 0;
        float z = (float) Math.rint(-low * inverse);
        long sum = 0;
        for (int k = 0; k < inputs; k++) {
          double u = Math.rint(Math.fma(a[m * inputs + k], inverse, z));
          long q = scale > 0 ? (long) Math.rint(w[n * inputs + k] / scale) : 0;
          sum += ((long) Math.min(Math.max(u, 0), 255) - (long) z) * q;
        }
        c[m * outputs + n] = sum * (scale * t);
      }
    }
    return c;
  }

  /** Also rows that are one tile and more, slices that are not full, and what fills no vector. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 192, 64",
    "3, 193, 65",
    "4, 5, 31",
    "17, 200, 384",
    "33, 384, 17",
    "131, 385, 100",
    "257, 64, 48",
    "12, 1536, 384",
    "5, 16, 1536"
  })
  void everyBit(int rows, int outputs, int inputs) {
    float[] a = numbers(rows * inputs, 1);
    float[] w = numbers(outputs * inputs, 2);
    float[] expected = expected(rows, outputs, inputs, a, w);
    for (int threads = 1; threads <= 3; threads++) {
      for (long scalars : new long[] {0, Long.MAX_VALUE}) {
        try (HostDevice device = new HostDevice(threads, new ScalarStart(scalars))) {
          assertThat(product(device, DType.INT8, rows, outputs, inputs, a, w))
              .containsExactly(expected);
        }
      }
    }
  }

  /** What is all zero, of one sign, or has its greatest number at an end of the 8 bits. */
  @Test
  void rowsAtTheEnds() {
    int inputs = 40;
    float[] a = new float[6 * inputs];
    for (int k = 0; k < inputs; k++) {
      a[inputs + k] = 1 + k;
      a[2 * inputs + k] = -1 - k;
      a[3 * inputs + k] = k % 2 == 0 ? 0.5f : -254.5f;
      a[4 * inputs + k] = Float.MIN_VALUE * k;
      // One over their factor, 1e-38 / 255, is no number.
      a[5 * inputs + k] = 1e-38f / (1 + k);
    }
    float[] w = numbers(3 * inputs, 3);
    Arrays.fill(w, inputs, 2 * inputs, 0);
    float[] expected = expected(6, 3, inputs, a, w);
    assertThat(expected).startsWith(0, 0, 0).endsWith(0, 0, 0);
    try (HostDevice device = new HostDevice(1, new ScalarStart(0))) {
      assertThat(product(device, DType.INT8, 6, 3, inputs, a, w)).containsExactly(expected);
    }
  }

  /** A 127th of 190 units is one and a half, and stored as one or two: 190 or 95 of them. */
  @Test
  void weightsBelowTheNormalNumbersKeepTheirSign() {
    float unit = Float.MIN_VALUE;
    // Large, as the products are to be numbers again.
    float[] a = {1e30f, -1e30f, 5e29f};
    float[] w = {190 * unit, 0, 0, 0, -190 * unit, 100 * unit, unit, 0, 0};
    float[] expected = expected(1, 3, 3, a, w);
    // Of 190 units each, half a unit of the scale of two and half a 255th of 2e30 may be missing.
    assertThat(expected[0]).isCloseTo(190e30f * unit, within(3e30f * unit));
    assertThat(expected[1]).isCloseTo(240e30f * unit, within(6e30f * unit));
    assertThat(expected[2]).isCloseTo(1e30f * unit, within(4e27f * unit));
    for (long scalars : new long[] {0, Long.MAX_VALUE}) {
      try (HostDevice device = new HostDevice(1, new ScalarStart(scalars))) {
        assertThat(product(device, DType.INT8, 1, 3, 3, a, w)).containsExactly(expected);
      }
    }
  }

  /** In a vector or past the last one; rows beside it are as they are without. */
  @ParameterizedTest
  @CsvSource({"NaN, 3", "NaN, 39", "Infinity, 0", "Infinity, 39", "-Infinity, 17"})
  void whatIsNotFiniteStaysSo(float value, int place) {
    int inputs = 40;
    float[] a = numbers(3 * inputs, 10);
    float[] w = numbers(5 * inputs, 11);
    Arrays.fill(w, inputs, 2 * inputs, 0);
    float[] expected = expected(3, 5, inputs, a, w);
    a[inputs + place] = value;
    for (long scalars : new long[] {0, Long.MAX_VALUE}) {
      try (HostDevice device = new HostDevice(1, new ScalarStart(scalars))) {
        float[] got = product(device, DType.INT8, 3, 5, inputs, a, w);
        for (int i = 0; i < got.length; i++) {
          if (i / 5 == 1) {
            assertThat(Float.isFinite(got[i])).as("element %d", i).isFalse();
          } else {
            assertThat(got[i]).isEqualTo(expected[i]);
          }
        }
      }
    }
  }

  /**
   * Against the product in double: of each input u is off by half of t and q by half of a scale, so
   * an element by {@code sum over k of t / 2 |w| + scale / 2 |a| + t scale / 4}, and z by half of t
   * once more.
   */
  @Test
  void isAsFarAsRoundingGoes() {
    int rows = 7;
    int outputs = 50;
    int inputs = 96;
    float[] a = numbers(rows * inputs, 4);
    float[] w = numbers(outputs * inputs, 5);
    float[] got;
    try (HostDevice device = new HostDevice(1)) {
      got = product(device, DType.INT8, rows, outputs, inputs, a, w);
    }
    for (int m = 0; m < rows; m++) {
      int row = m * inputs;
      double low = IntStream.range(0, inputs).mapToDouble(k -> a[row + k]).min().orElseThrow();
      double high = IntStream.range(0, inputs).mapToDouble(k -> a[row + k]).max().orElseThrow();
      double t = (Math.max(0, high) - Math.min(0, low)) / 255;
      for (int n = 0; n < outputs; n++) {
        int column = n * inputs;
        double scale =
            IntStream.range(0, inputs).mapToDouble(k -> Math.abs(w[column + k])).max().orElseThrow()
                / 127;
        double sum = 0;
        double bound = 0;
        for (int k = 0; k < inputs; k++) {
          sum += (double) a[row + k] * w[column + k];
          bound += t * Math.abs(w[column + k]) + scale / 2 * Math.abs(a[row + k]) + t * scale / 2;
        }
        assertThat(Math.abs(got[m * outputs + n] - sum)).isLessThan(bound);
      }
    }
  }

  /**
   * Against the double product of what is stored: a sum of k products in f32 is off by at most k u
   * of the sum of their sizes, u = 2^-24, and a result in bf16 by 2^-8 of its own.
   */
  @ParameterizedTest
  @CsvSource({
    "F32, 1, 1, 1", "F32, 3, 193, 65", "F32, 17, 200, 384", "F32, 131, 385, 100",
    "BF16, 1, 5, 31", "BF16, 4, 192, 64", "BF16, 33, 384, 17", "BF16, 257, 65, 48"
  })
  void productsOfFloats(DType type, int rows, int outputs, int inputs) {
    float[] a = rounded(numbers(rows * inputs, 6), type);
    float[] w = rounded(numbers(outputs * inputs, 7), type);
    float[] got;
    try (HostDevice device = new HostDevice(2)) {
      got = product(device, type, rows, outputs, inputs, a, w);
    }
    for (int m = 0; m < rows; m++) {
      for (int n = 0; n < outputs; n++) {
        double sum = 0;
        double sizes = 0;
        for (int k = 0; k < inputs; k++) {
          double one = (double) a[m * inputs + k] * w[n * inputs + k];
          sum += one;
          sizes += Math.abs(one);
        }
        double bound = inputs * 0x1p-24 * sizes + (type == DType.BF16 ? 0x1p-8 * Math.abs(sum) : 0);
        assertThat((double) got[m * outputs + n]).isCloseTo(sum, within(bound * 1.01));
      }
    }
  }

  private static float[] rounded(float[] values, DType type) {
    if (type == DType.BF16) {
      for (int i = 0; i < values.length; i++) {
        values[i] = NarrowFloat.bfloat16ToFloat(NarrowFloat.toBfloat16(values[i]));
      }
    }
    return values;
  }

  /** A row's bits are its own, beside others and alone, on any number of threads. */
  @ParameterizedTest
  @CsvSource({
    "F32, 384",
    "F32, 768",
    "F32, 1024",
    "F32, 1536",
    "F32, 3072",
    "BF16, 384",
    "BF16, 768",
    "BF16, 1536",
    "BF16, 3072",
    "INT8, 384",
    "INT8, 768"
  })
  void bitsOfARow(DType type, int inputs) {
    int rows = 131;
    int outputs = 385;
    float[] a = numbers(rows * inputs, 8);
    float[] w = numbers(outputs * inputs, 9);
    float[] all;
    try (HostDevice device = new HostDevice(1)) {
      all = product(device, type, rows, outputs, inputs, a, w);
    }
    for (int some : new int[] {1, 2, 3, 5, 12, 16, 31, 32, 40, 127, 128, 130}) {
      // More threads get lower tiles.
      try (HostDevice device = new HostDevice(some % 2 == 0 ? 2 : 9)) {
        int from = rows - some;
        float[] last = Arrays.copyOfRange(a, from * inputs, a.length);
        assertThat(product(device, type, some, outputs, inputs, last, w))
            .containsExactly(Arrays.copyOfRange(all, from * outputs, all.length));
      }
    }
  }

  /** How texts are cut into batches decides what is drawn for them and what maps add up. */
  @Test
  void batchesDoNotDependOnThreads() {
    try (HostDevice one = new HostDevice(1);
        HostDevice five = new HostDevice(5)) {
      assumePacked(one, DType.F32);
      assertThat(five.packed(DType.F32).orElseThrow().batchRows())
          .isEqualTo(one.packed(DType.F32).orElseThrow().batchRows());
    }
  }

  @Test
  void operandsAreChecked() {
    try (HostDevice device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      assumePacked(device, DType.INT8);
      PackedProduct product = device.packed(DType.INT8).orElseThrow();
      PackedWeight packed = PackedWeight.plan(workspace, product, DType.INT8, "w", 8, 4);
      Tensor w = workspace.f32("w", 8, 5);
      assertThatThrownBy(() -> product.pack(packed, w))
          .isInstanceOf(ShapeException.class)
          .hasMessage("pack: w is f32[8,5], expected f32[8,4] = [outputs, inputs]");
      Tensor c = workspace.f32("c", 2, 8);
      assertThatThrownBy(() -> product.multiply(c, workspace.f32("a", 2, 5), packed))
          .isInstanceOf(ShapeException.class)
          .hasMessage("multiply: a is f32[2,5], expected f32[2,4] = [rows, inputs]");
    }
  }
}

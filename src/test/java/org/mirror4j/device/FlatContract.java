package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** Operations over flat buffers: AdamW, fill, copy, add, scale, sum of squares, search for NaN. */
public abstract class FlatContract extends OperationContract {
  private static final int[] LENGTHS = {0, 1, 2, 3, 31, 33, 127, 1025, 16_389, 200_003};

  @Test
  void adamW() {
    for (int length : LENGTHS) {
      for (int step : new int[] {1, 2, 1000}) {
        check(61, (kernels, buffers, random) -> adamW(kernels, buffers, random, length, step));
      }
    }
  }

  private static List<float[]> adamW(
      Kernels kernels, DeviceBuffers buffers, Random random, int length, int step) {
    float gradientScale = 0.37f;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float decay = 0.99997f;
    float stepSize = 2e-4f / step;
    float inverseRoot = 32f / step;
    float epsilon = 1e-8f;
    float[] p = normal(random, length);
    float[] g = normal(random, length);
    float[] m = normal(random, length);
    float[] v = normal(random, length);
    for (int i = 0; i < length; i++) {
      v[i] = step == 1 ? 0 : v[i] * v[i];
      m[i] = step == 1 ? 0 : m[i];
      g[i] = i % 7 == 3 ? 0 : g[i];
    }
    Tensor parameters = buffers.f32("parameters", p, length);
    Tensor first = buffers.f32("firstMoment", m, length);
    Tensor second = buffers.f32("secondMoment", v, length);
    boolean isF32 = buffers.storageRoundoff() == 0;
    Tensor stored = isF32 ? parameters : buffers.stored("stored", length);
    kernels
        .optimizer()
        .adamW(
            parameters,
            stored,
            buffers.f32("gradients", g, length),
            first,
            second,
            gradientScale,
            beta1,
            beta2,
            decay,
            stepSize,
            inverseRoot,
            epsilon);
    float[] gotP = buffers.floats(parameters);
    assertThat(buffers.floats(stored)).isEqualTo(buffers.rounded(gotP.clone()));
    float[] gotM = buffers.floats(first);
    float[] gotV = buffers.floats(second);
    double[][] expected = new double[3][length];
    double[][] bounds = new double[3][length];
    for (int i = 0; i < length; i++) {
      double gradient = (double) g[i] * gradientScale;
      double oldPart = (double) beta1 * m[i];
      double newPart = (1 - (double) beta1) * gradient;
      expected[0][i] = oldPart + newPart;
      // Scale, factor, product, sum.
      bounds[0][i] = 4 * U * (Math.abs(oldPart) + Math.abs(newPart));
      oldPart = (double) beta2 * v[i];
      newPart = (1 - (double) beta2) * gradient * gradient;
      expected[1][i] = oldPart + newPart;
      // Scale (squared: twice), square, factor, product, sum.
      bounds[1][i] = 6 * U * (oldPart + newPart);
      double decayed = (double) p[i] * decay;
      double root = Math.sqrt(gotV[i]) * inverseRoot;
      double update = (double) stepSize * gotM[i] / (root + epsilon);
      expected[2][i] = decayed - update;
      // Product and difference; product, root, product, sum, quotient, difference.
      bounds[2][i] = 2 * U * Math.abs(decayed) + 6 * U * Math.abs(update);
    }
    assertWithin("firstMoment", gotM, expected[0], bounds[0]);
    assertWithin("secondMoment", gotV, expected[1], bounds[1]);
    assertWithin("parameters", gotP, expected[2], bounds[2]);
    return List.of(gotP, gotM, gotV);
  }

  @Test
  void fillCopyScale() {
    for (int length : LENGTHS) {
      check(
          62,
          (kernels, buffers, random) -> {
            float[] values = normal(random, length);
            float[] scaled = new float[length];
            float[] filled = new float[length];
            for (int i = 0; i < length; i++) {
              scaled[i] = values[i] * 0.3f;
            }
            Arrays.fill(filled, -2.5f);
            Tensor x = buffers.f32("x", values, length);
            Tensor y = buffers.f32("y", length, 1);
            Tensor z = buffers.f32("z", length);
            kernels.memory().copy(y, x);
            kernels.optimizer().scale(x, 0.3f);
            kernels.memory().fill(z, -2.5f);
            assertThat(buffers.floats(y)).isEqualTo(values);
            assertThat(buffers.floats(x)).isEqualTo(scaled);
            assertThat(buffers.floats(z)).isEqualTo(filled);
            int[] integers = random.ints(length).toArray();
            Tensor copy = buffers.i32("copy", new int[length]);
            kernels.memory().copy(copy, buffers.i32("integers", integers));
            assertThat(buffers.ints(copy)).isEqualTo(integers);
            return List.of();
          });
    }
  }

  @Test
  void convert() {
    for (int length : LENGTHS) {
      check(
          65,
          (kernels, buffers, random) -> {
            float[] x = normal(random, length);
            for (int i = 0; i < length; i++) {
              // Around the least and the largest numbers of the types, and what is none.
              x[i] *= i % 3 == 0 ? 1 : (float) Math.scalb(1.0, random.nextInt(-149, 127));
              x[i] = i % 11 == 5 ? Float.NEGATIVE_INFINITY : i % 13 == 7 ? Float.NaN : x[i];
            }
            Tensor narrow = buffers.stored("narrow", length);
            kernels.memory().convert(narrow, buffers.f32("x", x, length));
            float[] expected = buffers.rounded(x.clone());
            assertThat(buffers.floats(narrow)).isEqualTo(expected);
            Tensor wide = buffers.f32("wide", length, 1);
            kernels.memory().convert(wide, narrow);
            assertThat(buffers.floats(wide)).isEqualTo(expected);
            return List.of(expected);
          });
    }
  }

  @Test
  void add() {
    for (int length : LENGTHS) {
      check(
          66,
          (kernels, buffers, random) -> {
            float[] x = buffers.rounded(normal(random, length));
            float[] y = buffers.rounded(normal(random, length));
            float[] sums = new float[length];
            for (int i = 0; i < length; i++) {
              y[i] = i % 7 == 3 ? -x[i] : i % 11 == 5 ? Float.NaN : y[i];
              sums[i] = y[i] + x[i];
            }
            Tensor sum = buffers.stored("y", y, length);
            kernels.memory().add(sum, buffers.stored("x", x, length));
            float[] got = buffers.floats(sum);
            // One addition in f32, rounded once more where it is stored.
            assertThat(got).isEqualTo(buffers.rounded(sums));
            return List.of(got);
          });
    }
  }

  @Test
  void sumOfSquares() {
    for (int length : LENGTHS) {
      check(
          63,
          (kernels, buffers, random) -> {
            float[] x = normal(random, length);
            double sum = 0;
            for (float value : x) {
              sum += (double) value * value;
            }
            Tensor result = buffers.f32("result", 1);
            kernels.optimizer().sumOfSquares(result, buffers.f32("x", x, length));
            float[] got = buffers.floats(result);
            // Rounded once; the sums in f64 differ in order.
            double[] bound = {(U + 2 * length * 0x1p-53) * sum};
            assertWithin("sum of squares", got, new double[] {sum}, bound);
            return List.of(got);
          });
    }
  }

  @Test
  void anyNonFinite() {
    for (int length : LENGTHS) {
      check(
          64,
          (kernels, buffers, random) -> {
            float[] x = normal(random, length);
            for (int i = 0; i < length; i++) {
              x[i] = i % 5 == 0 ? Float.MAX_VALUE : i % 5 == 1 ? -0f : x[i];
            }
            assertThat(nonFinite(kernels, buffers, x)).isZero();
            float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
            for (int k = 0; k < 3 && length > 0; k++) {
              for (int at : new int[] {0, random.nextInt(length), length - 1}) {
                float[] changed = x.clone();
                changed[at] = bad[k];
                assertThat(nonFinite(kernels, buffers, changed)).as("at %d", at).isEqualTo(1);
              }
            }
            return List.of();
          });
    }
  }

  private static int nonFinite(Kernels kernels, DeviceBuffers buffers, float[] values) {
    Tensor result = buffers.i32("result", -1);
    kernels.optimizer().anyNonFinite(result, buffers.f32("x", values, values.length));
    return buffers.ints(result)[0];
  }
}

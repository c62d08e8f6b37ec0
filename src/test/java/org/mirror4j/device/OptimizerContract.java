package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Optimizer}. */
public abstract class OptimizerContract extends OperationContract {
  @Test
  void adamW() {
    for (int length : FLAT) {
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
            new Optimizer.AdamW(
                parameters,
                stored,
                buffers.f32("gradients", g, length),
                first,
                second,
                beta1,
                beta2,
                epsilon),
            gradientScale,
            decay,
            stepSize,
            inverseRoot);
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
  void scale() {
    for (int length : FLAT) {
      check(
          66,
          (kernels, buffers, random) -> {
            float[] values = normal(random, length);
            Tensor x = buffers.f32("x", values, length);
            kernels.optimizer().scale(x, 0.3f);
            for (int i = 0; i < length; i++) {
              values[i] *= 0.3f; // rounded once, as every device does
            }
            assertThat(buffers.floats(x)).isEqualTo(values);
            return List.of();
          });
    }
  }

  @Test
  void sumOfSquares() {
    for (int length : FLAT) {
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
    for (int length : FLAT) {
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

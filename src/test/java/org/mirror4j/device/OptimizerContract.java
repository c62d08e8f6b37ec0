package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Optimizer}. */
public abstract class OptimizerContract extends OperationContract {
  /** Rows and columns. */
  private static final int[][] TABLES = {{1, 1}, {5, 3}, {3, 128}, {40, 33}, {17, 132}, {9, 769}};

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

  /** Rows that are listed come out as from a pass over all; of the others no bit changes. */
  @Test
  void adamWRows() {
    for (int[] size : TABLES) {
      int all = size[0];
      int columns = size[1];
      check(
          67,
          (kernels, buffers, random) -> {
            int[] rows = someRows(random, all);
            Adam whole = new Adam(buffers, new Random(all), all * columns);
            Adam some = new Adam(buffers, new Random(all), all, columns);
            List<float[]> expected = some.values(buffers);
            kernels.optimizer().adamW(whole.operands, 0.37f, 0.99997f, 2e-4f, 3f);
            Tensor listed = buffers.i32("rows", rows);
            kernels.optimizer().adamWRows(some.operands, listed, 0.37f, 0.99997f, 2e-4f, 3f);
            List<float[]> updated = whole.values(buffers);
            for (int i = 0; i < expected.size(); i++) {
              for (int row : rows) {
                System.arraycopy(
                    updated.get(i), row * columns, expected.get(i), row * columns, columns);
              }
            }
            List<float[]> got = some.values(buffers);
            assertThat(got.toArray(float[][]::new)).isDeepEqualTo(expected.toArray(float[][]::new));
            return got;
          });
    }
  }

  /** Operands of one shape, drawn. */
  private static final class Adam {
    final Optimizer.AdamW operands;

    Adam(DeviceBuffers buffers, Random random, int... shape) {
      int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      float[] squares = normal(random, size);
      for (int i = 0; i < size; i++) {
        squares[i] *= squares[i];
      }
      Tensor parameters = buffers.f32("parameters", normal(random, size), shape);
      operands =
          new Optimizer.AdamW(
              parameters,
              buffers.storageRoundoff() == 0
                  ? parameters
                  : buffers.stored("stored", buffers.rounded(normal(random, size)), shape),
              buffers.f32("gradients", normal(random, size), shape),
              buffers.f32("firstMoment", normal(random, size), shape),
              buffers.f32("secondMoment", squares, shape),
              0.9f,
              0.999f,
              1e-8f);
    }

    List<float[]> values(DeviceBuffers buffers) {
      return List.of(
          buffers.floats(operands.parameters()),
          buffers.floats(operands.stored()),
          buffers.floats(operands.firstMoment()),
          buffers.floats(operands.secondMoment()));
    }
  }

  /** Some rows of a table in no order; of few none or all. */
  private static int[] someRows(Random random, int all) {
    List<Integer> rows = new ArrayList<>(IntStream.range(0, all).boxed().toList());
    Collections.shuffle(rows, random);
    int count = random.nextInt(all + 1);
    return rows.stream().limit(count).mapToInt(Integer::intValue).toArray();
  }

  @Test
  void scaleRows() {
    for (int[] size : TABLES) {
      int columns = size[1];
      for (int count : new int[] {0, 1, 7}) {
        check(
            68,
            (kernels, buffers, random) -> {
              int[] rows = someRows(random, size[0]);
              int from = rows.length / 3;
              float[] factors = normal(random, count);
              float[] values = normal(random, size[0] * columns);
              Tensor x = buffers.f32("x", values, size);
              float[] copy = buffers.rounded(normal(random, values.length));
              boolean isF32 = buffers.storageRoundoff() == 0;
              Tensor stored = isF32 ? x : buffers.stored("stored", copy, size);
              float[] expectedStored = isF32 ? values : buffers.floats(stored);
              Tensor listed = buffers.i32("rows", rows);
              kernels
                  .optimizer()
                  .scaleRows(x, stored, listed, from, buffers.f32("factors", factors, count));
              for (int i = from; i < rows.length; i++) {
                for (int c = rows[i] * columns; c < (rows[i] + 1) * columns; c++) {
                  for (float factor : factors) {
                    values[c] *= factor; // rounded each time, as every device does
                  }
                  expectedStored[c] = buffers.rounded(new float[] {values[c]})[0];
                }
              }
              assertThat(buffers.floats(x)).isEqualTo(values);
              assertThat(buffers.floats(stored)).isEqualTo(expectedStored);
              return List.of();
            });
      }
    }
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
}

package org.mirror4j.device;

import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Product#gemm} and {@link
 * org.mirror4j.device.operation.Product#gemmStridedBatched} against plain loops in f64.
 */
public abstract class ProductContract extends OperationContract {
  private static final GemmSpec TT = new GemmSpec(true, true, false);

  static Stream<Arguments> products() {
    int[][] sizes = {
      {1, 1, 1},
      {0, 5, 3},
      {5, 0, 3},
      {5, 3, 0},
      {3, 31, 8},
      {31, 33, 127},
      {33, 1, 64},
      {1, 33, 769},
      {127, 12, 33},
      {16, 768, 64},
      {601, 1031, 17},
      {601, 2048, 17},
      {769, 127, 401}
    };
    List<GemmSpec> specs =
        List.of(GemmSpec.NN, GemmSpec.NT, GemmSpec.TN, TT, GemmSpec.NN_ADD, GemmSpec.TN_ADD);
    return Stream.of(sizes)
        .flatMap(size -> specs.stream().map(s -> Arguments.of(s, 1, size[0], size[1], size[2])));
  }

  static Stream<Arguments> batches() {
    return Stream.of(GemmSpec.NN, GemmSpec.NT, GemmSpec.TN_ADD, TT)
        .flatMap(
            spec ->
                Stream.of(
                    Arguments.of(spec, 3, 5, 7, 9),
                    Arguments.of(spec, 2, 33, 64, 31),
                    Arguments.of(spec, 4, 1, 12, 0)));
  }

  @ParameterizedTest
  @MethodSource({"products", "batches"})
  void equalsTheSumOfProducts(GemmSpec spec, int batch, int m, int n, int k) {
    check(
        1,
        (kernels, buffers, random) -> {
          float[] a = buffers.rounded(normal(random, batch, m, k));
          float[] b = buffers.rounded(normal(random, batch, k, n));
          float[] c = buffers.rounded(normal(random, batch, m, n));
          double[] expected = new double[c.length];
          double[] bound = new double[c.length];
          reference(spec, batch, m, n, k, a, b, c, expected, bound);
          // The result as f32, and in the storage type.
          Tensor wide = result(buffers.f32("c", c, batch * m, n), spec, buffers);
          float[] got = multiply(kernels, buffers, spec, batch, m, n, k, a, b, wide);
          assertWithin("c", got, expected, bound);
          Tensor narrow = result(buffers.stored("c", c, batch * m, n), spec, buffers);
          float[] rounded = multiply(kernels, buffers, spec, batch, m, n, k, a, b, narrow);
          buffers.assertStoredWithin("stored c", rounded, expected, bound);
          return List.of(got, rounded);
        });
  }

  /** What is not added to starts as NaN. */
  private static Tensor result(Tensor start, GemmSpec spec, DeviceBuffers buffers) {
    if (spec.accumulate()) {
      return start;
    }
    return start.dtype() == DType.F32
        ? buffers.f32("c", start.rows(), start.columns())
        : buffers.stored("c", start.rows(), start.columns());
  }

  private static float[] multiply(
      Kernels kernels,
      DeviceBuffers buffers,
      GemmSpec spec,
      int batch,
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      Tensor tensorC) {
    int rowsA = spec.transposeA() ? k : m;
    int rowsB = spec.transposeB() ? n : k;
    Tensor tensorA = buffers.stored("a", a, batch * rowsA, spec.transposeA() ? m : k);
    Tensor tensorB = buffers.stored("b", b, batch * rowsB, spec.transposeB() ? k : n);

    if (batch == 1) {
      kernels.product().gemm(spec, tensorC, tensorA, tensorB);
    } else {
      kernels.product().gemmStridedBatched(spec, batch, tensorC, tensorA, tensorB);
    }
    return buffers.floats(tensorC);
  }

  private static void reference(
      GemmSpec spec,
      int batch,
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      float[] c,
      double[] expected,
      double[] bound) {
    for (int matrix = 0; matrix < batch; matrix++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          int at = (matrix * m + i) * n + j;
          double sum = spec.accumulate() ? c[at] : 0;
          double magnitude = Math.abs(sum);
          for (int t = 0; t < k; t++) {
            double left = a[matrix * m * k + (spec.transposeA() ? t * m + i : i * k + t)];
            double right = b[matrix * k * n + (spec.transposeB() ? j * k + t : t * n + j)];
            sum += left * right;
            magnitude += Math.abs(left * right);
          }
          expected[at] = sum;
          // k products and k additions, whatever their order, each rounded once
          bound[at] = (k + 1) * U * magnitude;
        }
      }
    }
  }
}

package org.mirror4j.device;

import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Row#pool} and its gradient. */
public abstract class PoolingContract extends OperationContract {
  @Test
  void pool() {
    for (RowPooling pooling : RowPooling.values()) {
      for (int sequences : new int[] {0, 1, 3, 33}) {
        for (int width : WIDTHS) {
          check(
              41,
              (kernels, buffers, random) ->
                  pool(kernels, buffers, random, sequences, width, pooling));
        }
      }
    }
  }

  private static List<float[]> pool(
      Kernels kernels,
      DeviceBuffers buffers,
      Random random,
      int sequences,
      int width,
      RowPooling pooling) {
    int[] cuSeqlens = new int[sequences + 1];
    int[] keyLengths = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      int rows = s % 5 == 0 ? 1 : 2 + random.nextInt(40);
      cuSeqlens[s + 1] = cuSeqlens[s] + rows;
      keyLengths[s] = 1 + random.nextInt(rows);
    }
    // Rows of no sequence at the end: they are not read, and their gradient is 0.
    int tokens = cuSeqlens[sequences] + sequences % 4;
    float[] x = buffers.rounded(normal(random, tokens, width));
    float[] dPooled = normal(random, sequences, width);
    double[] expected = new double[sequences * width];
    double[] bounds = new double[sequences * width];
    double[] gradient = new double[tokens * width];
    double[] gradientBounds = new double[tokens * width];
    for (int s = 0; s < sequences; s++) {
      int read =
          switch (pooling) {
            case FIRST -> 1;
            case MEAN -> keyLengths[s];
            case MEAN_PADDED -> cuSeqlens[s + 1] - cuSeqlens[s];
          };
      int end = cuSeqlens[s] + read;
      // Rows that must not be read.
      Arrays.fill(x, end * width, cuSeqlens[s + 1] * width, Float.NaN);
      for (int t = cuSeqlens[s]; t < end; t++) {
        for (int c = 0; c < width; c++) {
          expected[s * width + c] += x[t * width + c] / (double) read;
          // A sum and a division; a single row is only copied.
          bounds[s * width + c] += read == 1 ? 0 : U * Math.abs(x[t * width + c]);
          gradient[t * width + c] = dPooled[s * width + c] / (double) read;
          gradientBounds[t * width + c] = U * Math.abs(gradient[t * width + c]);
        }
      }
    }
    Arrays.fill(x, cuSeqlens[sequences] * width, tokens * width, Float.NaN);
    Tensor cu = buffers.i32("cuSeqlens", cuSeqlens);
    Tensor keys = buffers.i32("keyLengths", keyLengths);
    Tensor pooled = buffers.f32("pooled", sequences, width);
    kernels.row().pool(pooled, buffers.stored("x", x, tokens, width), cu, keys, pooling);
    Tensor dX = buffers.stored("dX", tokens, width);
    kernels
        .row()
        .poolBackward(dX, buffers.f32("dPooled", dPooled, sequences, width), cu, keys, pooling);
    float[] got = buffers.floats(pooled);
    float[] gotGradient = buffers.floats(dX);
    assertWithin("pooled", got, expected, bounds);
    buffers.assertStoredWithin("dX", gotGradient, gradient, gradientBounds);
    return List.of(got, gotGradient);
  }
}

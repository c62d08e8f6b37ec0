package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Memory}. */
public abstract class MemoryContract extends OperationContract {
  @Test
  void fillAndCopy() {
    for (int length : FLAT) {
      check(
          62,
          (kernels, buffers, random) -> {
            float[] values = normal(random, length);
            float[] filled = new float[length];
            Arrays.fill(filled, -2.5f);
            Tensor x = buffers.f32("x", values, length);
            Tensor y = buffers.f32("y", length, 1);
            Tensor z = buffers.f32("z", length);
            kernels.memory().copy(y, x);
            kernels.memory().fill(z, -2.5f);
            assertThat(buffers.floats(y)).isEqualTo(values);
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
    for (int length : FLAT) {
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
    for (int length : FLAT) {
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
}

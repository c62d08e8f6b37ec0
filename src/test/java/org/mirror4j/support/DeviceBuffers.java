package org.mirror4j.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Tensors of one test on one device, each between guard words. Everything not given values starts
 * as a quiet NaN, guards included, so what an operation forgets to write, reads past the end or
 * writes past the end shows up. {@link #check} looks at the guards; {@link #close} does so too.
 */
public final class DeviceBuffers implements AutoCloseable {
  /** Unit roundoff of f32: the relative error of one rounding. */
  public static final double U = 0x1p-24;

  private static final int GUARD_WORDS = 64;
  private static final int GUARD = 0x7FC5A5A5;

  private record Guarded(long base, Tensor all, Tensor tensor) {}

  private final Device device;
  private final List<Guarded> buffers = new ArrayList<>();

  /** Buffers on {@code device}, freed by {@link #close}. */
  public DeviceBuffers(Device device) {
    this.device = device;
  }

  /** An f32 tensor of NaN. */
  public Tensor f32(String name, int... dimensions) {
    return allocate(name, DType.F32, Shape.of(dimensions));
  }

  /** An f32 tensor of the given values. */
  public Tensor f32(String name, float[] values, int... dimensions) {
    Tensor tensor = f32(name, dimensions);
    assertThat(values.length).as(name).isEqualTo((int) tensor.size());
    device.upload(tensor, values);
    return tensor;
  }

  /** An i32 vector of the given values. */
  public Tensor i32(String name, int... values) {
    Tensor tensor = allocate(name, DType.I32, Shape.of(values.length));
    device.upload(tensor, values);
    return tensor;
  }

  private Tensor allocate(String name, DType dtype, Shape shape) {
    int words = (int) (shape.size() * dtype.bytes() + 3) / 4;
    int total = words + 2 * GUARD_WORDS;
    long base = device.allocate(4L * total);
    Tensor all = Tensor.at(base, name + " and guards", DType.I32, Shape.of(total));
    int[] guards = new int[total];
    Arrays.fill(guards, GUARD);
    device.upload(all, guards);
    Tensor tensor = Tensor.at(base + 4 * GUARD_WORDS, name, dtype, shape);
    buffers.add(new Guarded(base, all, tensor));
    return tensor;
  }

  /** The f32 values in use. */
  public float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    device.download(values, tensor);
    return values;
  }

  /** The i32 values in use. */
  public int[] ints(Tensor tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(4, tensor.bytes()), 8);
      device.download(copy, tensor);
      return copy.asSlice(0, tensor.bytes()).toArray(ValueLayout.JAVA_INT);
    }
  }

  /** Fails if a word outside the capacity of any tensor has changed. */
  public void check() {
    for (Guarded buffer : buffers) {
      int[] words = ints(buffer.all);
      Tensor tensor = buffer.tensor;
      long used = (long) tensor.capacity() * tensor.columns() * tensor.dtype().bytes() / 4;
      for (int i = 0; i < words.length; i++) {
        if (i < GUARD_WORDS || i >= GUARD_WORDS + used) {
          assertThat(words[i]).as("guard word %d of %s", i - GUARD_WORDS, tensor).isEqualTo(GUARD);
        }
      }
    }
  }

  /** Checks the guards and frees the memory. */
  @Override
  public void close() {
    try {
      check();
    } finally {
      buffers.forEach(buffer -> device.free(buffer.base));
    }
  }

  /** Normally distributed values. */
  public static float[] normal(RandomGenerator random, int size, double standardDeviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (standardDeviation * random.nextGaussian());
    }
    return values;
  }

  /** Fails unless {@code |got - expected| <= bound} everywhere; NaN is never within a bound. */
  public static void assertWithin(String what, float[] got, double[] expected, double[] bound) {
    assertThat(got.length).as(what).isEqualTo(expected.length);
    for (int i = 0; i < got.length; i++) {
      double error = Math.abs(got[i] - expected[i]);
      if (!(error <= bound[i])) {
        throw new AssertionError(
            "%s[%d] is %s, expected %s: off by %.3g, allowed %.3g"
                .formatted(what, i, got[i], expected[i], error, bound[i]));
      }
    }
  }

  /** The same with one bound for all elements. */
  public static void assertWithin(String what, float[] got, double[] expected, double bound) {
    double[] bounds = new double[expected.length];
    Arrays.fill(bounds, bound);
    assertWithin(what, got, expected, bounds);
  }
}

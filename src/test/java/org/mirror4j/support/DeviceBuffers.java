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
  private final DType storage;
  private final List<Guarded> buffers = new ArrayList<>();

  /** Buffers on {@code device}, freed by {@link #close}. */
  public DeviceBuffers(Device device) {
    this(device, DType.F32);
  }

  /**
   * @param storage type of the tensors that {@link #stored} makes
   */
  public DeviceBuffers(Device device, DType storage) {
    this.device = device;
    this.storage = storage;
  }

  /** A tensor of NaN in the storage type. */
  public Tensor stored(String name, int... dimensions) {
    return allocate(name, storage, Shape.of(dimensions));
  }

  /**
   * A tensor of the given values in the storage type.
   *
   * @param values as {@link #rounded} leaves them
   */
  public Tensor stored(String name, float[] values, int... dimensions) {
    Tensor tensor = stored(name, dimensions);
    assertThat(values.length).as(name).isEqualTo((int) tensor.size());
    if (storage == DType.F32) {
      device.upload(tensor, values);
      return tensor;
    }
    short[] halves = new short[values.length + 1]; // never empty
    for (int i = 0; i < values.length; i++) {
      halves[i] = narrow(values[i]);
      assertThat(Float.valueOf(widen(storage, halves[i]))) // boxed, so that NaN equals itself
          .as("%s[%d], not rounded", name, i)
          .isEqualTo(Float.valueOf(values[i]));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_SHORT, halves);
      device.upload(tensor, copy);
    }
    return tensor;
  }

  /** Rounds to what the storage type can hold, in place: test inputs that are stored exactly. */
  public float[] rounded(float[] values) {
    for (int i = 0; storage != DType.F32 && i < values.length; i++) {
      values[i] = widen(storage, narrow(values[i]));
    }
    return values;
  }

  /**
   * Fails unless a stored result is within its bound before the rounding to the storage type, which
   * adds half a unit in the last place: u of the magnitude, or of the smallest normal number.
   */
  public void assertStoredWithin(String what, float[] got, double[] expected, double[] bound) {
    double[] widened = bound.clone();
    for (int i = 0; storage != DType.F32 && i < widened.length; i++) {
      double magnitude = Math.abs(expected[i]) + bound[i];
      widened[i] += storageRoundoff() * Math.max(magnitude, smallestNormal());
    }
    assertWithin(what, got, expected, widened);
  }

  /**
   * How far the f32 results of which these are the stored values may be from them; 0 where they are
   * stored as f32.
   */
  public double[] storageErrors(float[] stored) {
    double[] errors = new double[stored.length];
    double u = storageRoundoff();
    for (int i = 0; u > 0 && i < errors.length; i++) {
      // u of the result, which is at most 1 + 2 u times what was stored.
      errors[i] = u * Math.max((1 + 2 * u) * Math.abs(stored[i]), smallestNormal());
    }
    return errors;
  }

  /** Relative error of storing a result; 0 for f32, whose rounding is the operation's own. */
  public double storageRoundoff() {
    return switch (storage) {
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0;
    };
  }

  /** Below it stored numbers are as far apart as just above it. */
  public double smallestNormal() {
    return storage == DType.F16 ? 0x1p-14 : Float.MIN_NORMAL;
  }

  /** Nearest even; written apart from the engine's own conversions. */
  private short narrow(float value) {
    if (storage == DType.F16) {
      return Float.floatToFloat16(value);
    }
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) 0x7FC0;
    }
    int low = bits & 0xFFFF;
    int high = bits >>> 16;
    boolean up = low > 0x8000 || low == 0x8000 && (high & 1) == 1;
    return (short) (up ? high + 1 : high);
  }

  private static float widen(DType dtype, short bits) {
    return dtype == DType.F16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
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
    return i32(name, values, values.length);
  }

  /** An i32 tensor of the given values. */
  public Tensor i32(String name, int[] values, int... dimensions) {
    Tensor tensor = allocate(name, DType.I32, Shape.of(dimensions));
    assertThat(values.length).as(name).isEqualTo((int) tensor.size());
    device.upload(tensor, values);
    return tensor;
  }

  private Tensor allocate(String name, DType dtype, Shape shape) {
    int words = (int) (shape.size() * dtype.bytes() + 3) / 4;
    int total = words + 2 * GUARD_WORDS;
    long base = device.allocate(4L * total);
    Tensor all =
        Tensor.at(device.ownership(), base, name + " and guards", DType.I32, Shape.of(total));
    int[] guards = new int[total];
    Arrays.fill(guards, GUARD);
    device.upload(all, guards);
    Tensor tensor = Tensor.at(device.ownership(), base + 4 * GUARD_WORDS, name, dtype, shape);
    buffers.add(new Guarded(base, all, tensor));
    return tensor;
  }

  /** The values in use, of any type of real numbers. */
  public float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    if (tensor.dtype() == DType.F32) {
      device.download(values, tensor);
      return values;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(2, tensor.bytes()), 2);
      device.download(copy, tensor);
      for (int i = 0; i < values.length; i++) {
        values[i] = widen(tensor.dtype(), copy.getAtIndex(ValueLayout.JAVA_SHORT, i));
      }
    }
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
      long used = ((long) tensor.capacity() * tensor.columns() * tensor.dtype().bytes() + 3) / 4;
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

  /** The same numbers. */
  public static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
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

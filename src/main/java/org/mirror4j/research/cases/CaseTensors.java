package org.mirror4j.research.cases;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.device.ptx.number.NarrowFloat;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch.Groups;

/**
 * The tensors of one run of a case on one device. Inputs are what a storage type can hold, whether
 * or not the device stores them so: devices of different storage types compute from equal numbers.
 */
public final class CaseTensors implements AutoCloseable {
  private static final int ALIGNMENT = 16;

  /** A result and how many roundings it may be off by. */
  private record Watched(Tensor tensor, double roundings, double magnitude) {}

  private final Device device;
  private final DType stored;
  private final DType rounded;
  private final SplittableRandom random;
  private final List<Tensor> owned = new ArrayList<>();
  private final List<Watched> watched = new ArrayList<>();

  /**
   * @param stored what the device keeps activations as
   * @param rounded what inputs are rounded to
   */
  CaseTensors(Device device, DType stored, DType rounded, long seed) {
    this.device = device;
    this.stored = stored;
    this.rounded = rounded;
    random = new SplittableRandom(seed);
  }

  /** What activations are kept as. */
  public DType stored() {
    return stored;
  }

  /** A generator, in the same state on every device. */
  SplittableRandom random() {
    return random;
  }

  /** An activation that nothing has written. */
  Tensor activation(String name, int... dimensions) {
    return allocate(name, stored, dimensions);
  }

  /** An activation of standard normal values. */
  Tensor normal(String name, int... dimensions) {
    Tensor tensor = activation(name, dimensions);
    write(tensor, values((int) tensor.size(), 0, 1, true));
    return tensor;
  }

  /** An f32 tensor that nothing has written. */
  Tensor f32(String name, int... dimensions) {
    return allocate(name, DType.F32, dimensions);
  }

  /** An f32 tensor of normal values. */
  Tensor drawn(String name, double mean, double deviation, int... dimensions) {
    Tensor tensor = f32(name, dimensions);
    write(tensor, values((int) tensor.size(), mean, deviation, false));
    return tensor;
  }

  /** A matrix of f32s as activations are kept: a rounded copy, or itself. */
  Tensor copy(String name, Tensor matrix) {
    if (stored == DType.F32) {
      return matrix;
    }
    Tensor copy = activation(name, matrix.rows(), matrix.columns());
    write(copy, read(matrix));
    return copy;
  }

  /** An f32 tensor of the given values. */
  Tensor f32(String name, float[] values, int... dimensions) {
    Tensor tensor = f32(name, dimensions);
    write(tensor, values);
    return tensor;
  }

  /** An i32 vector. */
  Tensor i32(String name, int... values) {
    return i32(name, values, values.length);
  }

  /** An i32 tensor of the given values. */
  Tensor i32(String name, int[] values, int... dimensions) {
    Tensor tensor = allocate(name, DType.I32, dimensions);
    if (values.length > 0) {
      device.upload(tensor, values);
    }
    return tensor;
  }

  /** An i32 vector that nothing has written. */
  Tensor i32(String name, Shape shape) {
    return allocate(name, DType.I32, shape.dimension(0));
  }

  /** An i32 vector of numbers from 0 to below {@code bound}. */
  Tensor indices(String name, int count, int bound) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(bound);
    }
    return i32(name, values);
  }

  /** Groups of rows. */
  RowSegments segments(String name, Groups groups) {
    return new RowSegments(
        i32(name + "_order", groups.order()),
        i32(name + "_keys", groups.keys()),
        i32(name + "_starts", groups.starts()));
  }

  /**
   * Names a result.
   *
   * @param roundings how many units of roundoff of the largest result it may be off by on either
   *     device
   */
  void result(Tensor tensor, double roundings) {
    watched.add(new Watched(tensor, roundings, 0));
  }

  /**
   * Names a result that is a sum of numbers around 1, which may cancel: it may be off by roundings
   * of 1 even where all results are small.
   */
  void sum(Tensor tensor, double roundings) {
    watched.add(new Watched(tensor, roundings, 1));
  }

  private float[] values(int size, double mean, double deviation, boolean narrow) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      float value = (float) (mean + deviation * random.nextGaussian());
      values[i] = narrow ? widen(rounded, narrow(rounded, value)) : value;
    }
    return values;
  }

  private void write(Tensor tensor, float[] values) {
    if (values.length == 0) {
      return;
    }
    if (tensor.dtype() == DType.F32) {
      device.upload(tensor, values);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment halves = arena.allocate(ValueLayout.JAVA_SHORT, values.length);
      for (int i = 0; i < values.length; i++) {
        halves.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) narrow(tensor.dtype(), values[i]));
      }
      device.upload(tensor, halves);
    }
  }

  private static int narrow(DType dtype, float value) {
    return switch (dtype) {
      case F16 -> NarrowFloat.toHalf(value);
      case BF16 -> NarrowFloat.toBfloat16(value);
      default -> Float.floatToRawIntBits(value);
    };
  }

  private static float widen(DType dtype, int bits) {
    return switch (dtype) {
      case F16 -> NarrowFloat.halfToFloat((short) bits);
      case BF16 -> NarrowFloat.bfloat16ToFloat((short) bits);
      default -> Float.intBitsToFloat(bits);
    };
  }

  private Tensor allocate(String name, DType dtype, int... dimensions) {
    Shape shape = Shape.of(dimensions);
    long bytes = Math.max(1, shape.size() * dtype.bytes());
    long address = device.allocate((bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Tensor tensor = Tensor.at(device.ownership(), address, name, dtype, shape);
    owned.add(tensor);
    return tensor;
  }

  /** The results as they are now. */
  List<CaseResult> results() {
    List<CaseResult> results = new ArrayList<>();
    for (Watched one : watched) {
      results.add(
          new CaseResult(
              one.tensor().name(), read(one.tensor()), one.roundings(), one.magnitude()));
    }
    return results;
  }

  private float[] read(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    if (values.length == 0) {
      return values;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(tensor.bytes(), ALIGNMENT);
      device.download(copy, tensor);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (tensor.dtype()) {
              case I32 -> copy.getAtIndex(ValueLayout.JAVA_INT, i);
              case F32 -> copy.getAtIndex(ValueLayout.JAVA_FLOAT, i);
              default -> widen(tensor.dtype(), copy.getAtIndex(ValueLayout.JAVA_SHORT, i));
            };
      }
    }
    return values;
  }

  @Override
  public void close() {
    owned.forEach(tensor -> device.free(tensor.address()));
  }
}

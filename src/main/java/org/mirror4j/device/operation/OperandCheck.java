package org.mirror4j.device.operation;

import java.util.Set;
import java.util.stream.Collectors;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Checks the operands of one operation at a time: types, shapes, memory that is this device's, and
 * that what is written overlaps nothing else. Allocates only to complain.
 */
public final class OperandCheck {
  private static final int MOST_OPERANDS = 24;

  private final String[] names = new String[MOST_OPERANDS];
  private final Tensor[] tensors = new Tensor[MOST_OPERANDS];
  private final boolean[] written = new boolean[MOST_OPERANDS];
  private final Ownership ownership;
  private final Set<DType> storages;
  private String operation;
  private DType storage;
  private int count;

  /**
   * The checks of one device.
   *
   * @param ownership of the device's memory
   * @param storages what a device can store activations as
   */
  public OperandCheck(Ownership ownership, Set<DType> storages) {
    this.ownership = ownership;
    this.storages = storages;
  }

  /** Starts the checks of an operation, first of whether the calling thread may ask for one. */
  OperandCheck of(String operation) {
    ownership.require();
    this.operation = operation;
    storage = null;
    count = 0;
    return this;
  }

  /** A matrix in the storage type that is written. */
  OperandCheck storedOutput(String name, Tensor tensor, int rows, int columns, String meaning) {
    stored(name, tensor, rows, columns, meaning);
    return operand(name, tensor, true);
  }

  /** A matrix in the storage type that is only read. */
  OperandCheck storedInput(String name, Tensor tensor, int rows, int columns, String meaning) {
    stored(name, tensor, rows, columns, meaning);
    return operand(name, tensor, false);
  }

  /** Requires a matrix of any size in the storage type: the first one of an operation fixes it. */
  OperandCheck storedMatrix(String name, Tensor tensor, String meaning) {
    if (storage == null) {
      if (!storages.contains(tensor.dtype())) {
        throw new ShapeException(
            "%s: %s is %s, expected a type this device stores, %s"
                .formatted(operation, name, found(tensor), labels()));
      }
      storage = tensor.dtype();
    }
    if (tensor.dtype() != storage || tensor.rank() != 2) {
      throw new ShapeException(
          "%s: %s is %s, expected a %s matrix %s"
              .formatted(operation, name, found(tensor), storage.label(), meaning));
    }
    return this;
  }

  private void stored(String name, Tensor tensor, int rows, int columns, String meaning) {
    storedMatrix(name, tensor, meaning);
    if (tensor.rows() != rows || tensor.columns() != columns) {
      throw unexpected(name, tensor, storage, Shape.of(rows, columns), meaning);
    }
  }

  private String labels() {
    return storages.stream().sorted().map(DType::label).collect(Collectors.joining(" or "));
  }

  /** Requires one of the types that matrices and vectors of numbers can have here. */
  OperandCheck number(String name, Tensor tensor) {
    if (tensor.dtype() != DType.F32 && !storages.contains(tensor.dtype())) {
      throw new ShapeException(
          "%s: %s is %s, expected f32 or a type this device stores, %s"
              .formatted(operation, name, found(tensor), labels()));
    }
    return this;
  }

  /** An f32 matrix that is written. */
  OperandCheck output(String name, Tensor tensor, int rows, int columns, String meaning) {
    matrix(name, tensor, DType.F32, rows, columns, meaning);
    return operand(name, tensor, true);
  }

  /** An f32 vector that is written. */
  OperandCheck output(String name, Tensor tensor, int size, String meaning) {
    vector(name, tensor, DType.F32, size, meaning);
    return operand(name, tensor, true);
  }

  /** An f32 matrix that is only read. */
  OperandCheck input(String name, Tensor tensor, int rows, int columns, String meaning) {
    matrix(name, tensor, DType.F32, rows, columns, meaning);
    return operand(name, tensor, false);
  }

  /** An f32 vector that is only read. */
  OperandCheck input(String name, Tensor tensor, int size, String meaning) {
    vector(name, tensor, DType.F32, size, meaning);
    return operand(name, tensor, false);
  }

  /** An i32 vector that is only read. */
  OperandCheck indices(String name, Tensor tensor, int size, String meaning) {
    vector(name, tensor, DType.I32, size, meaning);
    return operand(name, tensor, false);
  }

  /** An i32 matrix that is only read. */
  OperandCheck indices(String name, Tensor tensor, int rows, int columns, String meaning) {
    matrix(name, tensor, DType.I32, rows, columns, meaning);
    return operand(name, tensor, false);
  }

  /** An i32 vector that is written. */
  OperandCheck outputIndices(String name, Tensor tensor, int size, String meaning) {
    vector(name, tensor, DType.I32, size, meaning);
    return operand(name, tensor, true);
  }

  /** Bytes that are written, in an order of the device's own. */
  OperandCheck outputBytes(String name, Tensor tensor, long bytes) {
    if (tensor.dtype() != DType.INT8 || tensor.bytes() != bytes) {
      throw new ShapeException(
          "%s: %s is %s, expected %,d bytes of int8"
              .formatted(operation, name, found(tensor), bytes));
    }
    return operand(name, tensor, true);
  }

  /** Groups of the rows of a matrix, which are only read. */
  OperandCheck segments(String name, RowSegments segments, int rows) {
    present(name, segments);
    int ordered = segments.order().rows();
    int groups = segments.keys().rows();
    return require(ordered <= rows, "rows of order", ordered, "at most those that are grouped")
        .indices("order", segments.order(), ordered, "[ordered]")
        .indices("keys", segments.keys(), groups, "[groups]")
        .indices("starts", segments.starts(), groups + 1, "[groups + 1]");
  }

  /** Any tensor of this device, its type and shape not looked at. */
  OperandCheck operand(String name, Tensor tensor, boolean isWritten) {
    ownership.requireOwn(operation, name, tensor, isWritten);
    for (int i = 0; i < count; i++) {
      if ((isWritten || written[i]) && overlap(tensor, tensors[i])) {
        throw new ShapeException(
            "%s: %s overlaps %s in memory, expected apart".formatted(operation, name, names[i]));
      }
    }
    names[count] = name;
    tensors[count] = tensor;
    written[count] = isWritten;
    count++;
    return this;
  }

  /** Requires f32, any shape. */
  OperandCheck f32(String name, Tensor tensor) {
    if (tensor.dtype() != DType.F32) {
      throw new ShapeException(
          "%s: %s is %s, expected f32".formatted(operation, name, found(tensor)));
    }
    return this;
  }

  /** Requires an f32 matrix of any size. */
  OperandCheck matrix(String name, Tensor tensor, String meaning) {
    if (tensor.dtype() != DType.F32 || tensor.rank() != 2) {
      throw new ShapeException(
          "%s: %s is %s, expected an f32 matrix %s"
              .formatted(operation, name, found(tensor), meaning));
    }
    return this;
  }

  /** Requires something of the scalars. */
  OperandCheck require(boolean holds, String name, double value, String expected) {
    if (!holds) {
      boolean isWhole = value == Math.rint(value) && Math.abs(value) < 0x1p53;
      String found = isWhole ? Long.toString((long) value) : Double.toString(value);
      throw new ShapeException(
          "%s: %s is %s, expected %s".formatted(operation, name, found, expected));
    }
    return this;
  }

  /** Requires an argument that is not null. */
  OperandCheck present(String name, Object argument) {
    if (argument == null) {
      throw new ShapeException("%s: %s is null".formatted(operation, name));
    }
    return this;
  }

  private void matrix(
      String name, Tensor tensor, DType dtype, int rows, int columns, String meaning) {
    if (tensor.dtype() != dtype
        || tensor.rank() != 2
        || tensor.rows() != rows
        || tensor.columns() != columns) {
      throw unexpected(name, tensor, dtype, Shape.of(rows, columns), meaning);
    }
  }

  private void vector(String name, Tensor tensor, DType dtype, int size, String meaning) {
    if (tensor.dtype() != dtype || tensor.rank() != 1 || tensor.rows() != size) {
      throw unexpected(name, tensor, dtype, Shape.of(size), meaning);
    }
  }

  private ShapeException unexpected(
      String name, Tensor tensor, DType dtype, Shape shape, String meaning) {
    return new ShapeException(
        "%s: %s is %s, expected %s%s = %s"
            .formatted(operation, name, found(tensor), dtype.label(), shape, meaning));
  }

  private static String found(Tensor tensor) {
    return tensor.dtype().label() + tensor.shape();
  }

  private static boolean overlap(Tensor a, Tensor b) {
    return a.address() < b.address() + b.bytes() && b.address() < a.address() + a.bytes();
  }
}

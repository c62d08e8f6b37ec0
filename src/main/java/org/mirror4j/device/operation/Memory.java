package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Filling, copying and adding, of tensors of any shape. See {@link Kernels}. */
public abstract class Memory {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Memory(OperandCheck check) {
    this.check = check;
  }

  /** {@code x = value}. */
  public final void fill(Tensor x, float value) {
    check.of("fill").f32("x", x).operand("x", x, true);
    computeFill(x, value);
  }

  /** What the device does for {@link #fill}; the operands fit. */
  protected abstract void computeFill(Tensor x, float value);

  /** {@code y = x}; same type and size, any shape. */
  public final void copy(Tensor y, Tensor x) {
    check.of("copy");
    if (y.dtype() != x.dtype() || y.size() != x.size()) {
      throw new ShapeException("copy: y is %s, expected type and size of %s".formatted(y, x));
    }
    check.operand("y", y, true).operand("x", x, false);
    computeCopy(y, x);
  }

  /** What the device does for {@link #copy}; the operands fit. */
  protected abstract void computeCopy(Tensor y, Tensor x);

  /** {@code y = x}, f32 and storage types, rounded to nearest even; same size, any shape. */
  public final void convert(Tensor y, Tensor x) {
    check.of("convert").number("y", y).number("x", x);
    if (y.size() != x.size()) {
      throw new ShapeException("convert: y is %s, expected the size of %s".formatted(y, x));
    }
    check.operand("y", y, true).operand("x", x, false);
    computeConvert(y, x);
  }

  /** What the device does for {@link #convert}; the operands fit. */
  protected abstract void computeConvert(Tensor y, Tensor x);

  /** {@code y += x}; f32 or a storage type, both of the same, same size, any shape. */
  public final void add(Tensor y, Tensor x) {
    check.of("add").number("y", y).number("x", x);
    if (y.dtype() != x.dtype() || y.size() != x.size()) {
      throw new ShapeException("add: y is %s, expected type and size of %s".formatted(y, x));
    }
    check.operand("y", y, true).operand("x", x, false);
    computeAdd(y, x);
  }

  /** What the device does for {@link #add}; the operands fit. */
  protected abstract void computeAdd(Tensor y, Tensor x);
}

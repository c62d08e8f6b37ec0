package org.mirror4j.onnx;

/** Types of a tensor's elements, with their numbers in {@code TensorProto.DataType}. */
enum ElementType {
  F32(1, 4),
  I8(3, 1),
  I64(7, 8),
  BOOL(9, 1),
  F16(10, 2);

  private final int number;
  private final int bytes;

  ElementType(int number, int bytes) {
    this.number = number;
    this.bytes = bytes;
  }

  /** The number in files. */
  int number() {
    return number;
  }

  /** Size of an element. */
  int bytes() {
    return bytes;
  }
}

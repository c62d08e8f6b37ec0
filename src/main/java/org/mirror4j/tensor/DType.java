package org.mirror4j.tensor;

/** Element type of a tensor. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary16. */
  F16(2),
  /** The upper half of a binary32: 8 exponent bits, 7 fraction bits. */
  BF16(2),
  /** IEEE 754 binary64: sums within an operation; no parameter or activation has it. */
  F64(8),
  /** Two's complement 8-bit integer: weights of products that only go forward. */
  INT8(1),
  /** Two's complement 32-bit integer. */
  I32(4),
  /** Two's complement 64-bit integer. */
  I64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** The name used in messages and in safetensors headers except for case: {@code f32}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

package org.mirror4j.device.operation;

/** What a matrix product multiplies of operands in f32; others are multiplied as they are. */
public enum Factors {
  /** All 24 bits of them. */
  AS_STORED,
  /**
   * Rounded to TF32 on the way to the tensor cores: the exponent of f32 and 11 of its 24 bits. A
   * product of two such has 22 bits and is exact in f32, in which they are summed as ever.
   */
  TF32
}

package org.mirror4j.onnx;

/** How the matrices of an encoder stand in a file, and how their products are computed. */
public enum Precision {
  /** As they are. */
  F32,
  /** Rounded to f16, half the bytes; what they are multiplied with, and the sums, are f32. */
  F16,
  /**
   * Rounded to integers of 8 bits with a scale for each output, a quarter of the bytes. What they
   * are multiplied with is rounded to 8 bits as it comes, over the range that a batch has, what
   * that leaves is rounded a second time, and the sums of both are exact.
   */
  INT8
}

package org.mirror4j.lucene;

import org.mirror4j.file.FileException;

/** Vectors of length 1, whose dot products are cosines. */
final class UnitVector {
  /** Above what f32 leaves of a length of 1, below what a cosine of f32 shows. */
  private static final double ROUNDING = 1e-6;

  private UnitVector() {}

  /**
   * v / |v|, with |v| summed in double; a vector that has a length of 1 already, or of 0, stays as
   * it is to the bit.
   *
   * @param text that it is of, for the message
   * @return the vector itself where it is, else a new one
   * @throws ArithmeticException if an element is not finite
   */
  static float[] of(float[] vector, String text) {
    double squares = 0;
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(
            "the vector of %s is not finite: an element is %s"
                .formatted(FileException.quote(text), value));
      }
      squares += (double) value * value;
    }
    double norm = Math.sqrt(squares);
    if (norm == 0 || Math.abs(norm - 1) < ROUNDING) {
      return vector;
    }
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / norm);
    }
    return unit;
  }
}

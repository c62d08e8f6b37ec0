package org.mirror4j.device.host;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * {@link StoredRow} for some columns of consecutive rows of a matrix: a head of a sequence. In
 * scratch memory the rows follow each other without a gap.
 */
final class StoredBlock {
  private StoredBlock() {}

  /** Elements from one row to the next where a block is computed. */
  static int stride(Tensor matrix, int width) {
    return matrix.dtype() == DType.F32 ? matrix.columns() : width;
  }

  /** Floats of scratch that a block takes. */
  static long floats(Tensor matrix, int rows, int width) {
    return matrix.dtype() == DType.F32 ? 0 : (long) rows * width;
  }

  /** {@link StoredRow#load} of {@code rows} rows from element {@code first} on. */
  static long load(Tensor x, long first, int rows, int width, long scratch) {
    if (x.dtype() == DType.F32) {
      return StoredRow.at(x, first);
    }
    for (int i = 0; i < rows; i++) {
      long row = first + (long) i * x.columns();
      StoredRow.load(x, row, width, scratch + 4L * i * width);
    }
    return scratch;
  }

  /** {@link StoredRow#store} of {@code rows} rows from element {@code first} on. */
  static void store(Tensor y, long first, int rows, int width, long values) {
    if (y.dtype() != DType.F32) {
      for (int i = 0; i < rows; i++) {
        long row = first + (long) i * y.columns();
        StoredRow.store(y, row, width, values + 4L * i * width);
      }
    }
  }

  /** {@link StoredRow#round} of {@code rows} rows from element {@code first} on. */
  static void round(Tensor y, long first, int rows, int width, long values) {
    store(y, first, rows, width, values);
    load(y, first, rows, width, values);
  }
}

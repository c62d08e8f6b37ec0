package org.mirror4j.reference;

import org.ejml.data.DMatrixRMaj;

/**
 * A matrix and the derivative of the loss by it.
 *
 * @param gradient of the shape of {@code value}; added to, never overwritten
 */
public record Variable(DMatrixRMaj value, DMatrixRMaj gradient) {
  /** A variable with a gradient of zeros. */
  public static Variable of(DMatrixRMaj value) {
    return new Variable(value, new DMatrixRMaj(value.numRows, value.numCols));
  }

  /** Number of rows. */
  public int rows() {
    return value.numRows;
  }

  /** Number of columns. */
  public int columns() {
    return value.numCols;
  }
}

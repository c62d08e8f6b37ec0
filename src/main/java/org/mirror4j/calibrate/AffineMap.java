package org.mirror4j.calibrate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.tensor.Allocator;

/**
 * A map of vectors in double: {@code y = A x + b}.
 *
 * @param matrix A [outputs, inputs]
 * @param offset b [outputs, 1]
 */
public record AffineMap(DMatrixRMaj matrix, DMatrixRMaj offset) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the offset has other rows than the matrix
   */
  public AffineMap {
    if (offset.numRows != matrix.numRows || offset.numCols != 1) {
      throw new IllegalArgumentException(
          "offset is [%d, %d], expected [%d, 1]"
              .formatted(offset.numRows, offset.numCols, matrix.numRows));
    }
  }

  /** {@code A (x - mean)}. */
  static AffineMap centred(DMatrixRMaj matrix, DMatrixRMaj mean) {
    DMatrixRMaj offset = new DMatrixRMaj(matrix.numRows, 1);
    CommonOps_DDRM.mult(-1, matrix, mean, offset);
    return new AffineMap(matrix, offset);
  }

  /** This map, and another one after it. */
  public AffineMap then(AffineMap next) {
    DMatrixRMaj product = new DMatrixRMaj(next.matrix.numRows, matrix.numCols);
    CommonOps_DDRM.mult(next.matrix, matrix, product);
    DMatrixRMaj sum = next.offset.copy();
    CommonOps_DDRM.multAdd(next.matrix, offset, sum);
    return new AffineMap(product, sum);
  }

  /**
   * The map as a module, in f32.
   *
   * @throws ArithmeticException if a value is beyond f32
   */
  public DenseModule module() {
    return new DenseModule(
        matrix.numCols,
        matrix.numRows,
        floats(matrix),
        Optional.of(floats(offset)),
        DenseModule.Activation.IDENTITY);
  }

  private static MemorySegment floats(DMatrixRMaj values) {
    MemorySegment floats =
        Arena.ofAuto().allocate((long) Float.BYTES * values.getNumElements(), Allocator.ALIGNMENT);
    for (int i = 0; i < values.getNumElements(); i++) {
      float value = (float) values.get(i);
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(
            "calibration: a value is %s, expected one that f32 has".formatted(values.get(i)));
      }
      floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return floats;
  }
}

package org.mirror4j.calibrate;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Mean and covariance of vectors.
 *
 * @param count number of vectors, at least 2
 * @param mean [width, 1]
 * @param covariance [width, width], of divisor count - 1
 */
public record Moments(long count, DMatrixRMaj mean, DMatrixRMaj covariance) {
  /** Values of a vector. */
  public int width() {
    return mean.numRows;
  }

  /** Those of the same vectors after a map: {@code A m + b} and {@code A C A^T}. */
  public Moments after(AffineMap map) {
    DMatrixRMaj mapped = map.offset().copy();
    CommonOps_DDRM.multAdd(map.matrix(), mean, mapped);
    DMatrixRMaj half = new DMatrixRMaj(map.matrix().numRows, width());
    CommonOps_DDRM.mult(map.matrix(), covariance, half);
    DMatrixRMaj spread = new DMatrixRMaj(map.matrix().numRows, map.matrix().numRows);
    CommonOps_DDRM.multTransB(half, map.matrix(), spread);
    return new Moments(count, mapped, spread);
  }

  /** The sum of the variances of all elements. */
  double totalVariance() {
    return CommonOps_DDRM.trace(covariance);
  }

  /** Whether the vectors are the same but for the roundings of the encoder that made them. */
  boolean areOfOneVector() {
    return EncoderRounding.explains(totalVariance(), CommonOps_DDRM.dot(mean, mean));
  }
}

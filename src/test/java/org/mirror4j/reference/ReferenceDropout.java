package org.mirror4j.reference;

import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;

/** What dropout multiplies the elements of a matrix by: 0 where dropped, else 1 / (1 - rate). */
public final class ReferenceDropout {
  private ReferenceDropout() {}

  /**
   * Factors of a matrix that is part of a site.
   *
   * @param site number of the site
   * @param firstRow row of the site that is row 0 of the matrix
   * @param rowStep rows of the site from one row of the matrix to the next
   * @param width columns of the site, of which the matrix has the first
   */
  public static DMatrixRMaj factors(
      Dropout dropout, int site, long firstRow, int rowStep, int width, int rows, int columns) {
    int[] words = new int[4];
    DMatrixRMaj factors = new DMatrixRMaj(rows, columns);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        long index = (firstRow + (long) r * rowStep) * Dropout.rowStride(width) + c;
        boolean kept = dropout.half(words, site, index) >= dropout.threshold();
        factors.set(r, c, kept ? 65536.0 / (65536 - dropout.threshold()) : 0);
      }
    }
    return factors;
  }

  /** Drophead: 0 for the dropped heads of a sequence, heads / kept for the others; never all 0. */
  public static double[] headFactors(Dropout dropout, int layer, int sequence, int heads) {
    int[] words = new int[4];
    double[] factors = new double[heads];
    int kept = 0;
    for (int h = 0; h < heads; h++) {
      long index = sequence * Dropout.rowStride(heads) + h;
      int half = dropout.half(words, DropoutSite.HEADS.in(layer), index);
      if (half >= dropout.headThreshold()) {
        factors[h] = 1;
        kept++;
      }
    }
    for (int h = 0; h < heads; h++) {
      factors[h] = kept == 0 ? 1 : factors[h] * heads / kept;
    }
    return factors;
  }
}

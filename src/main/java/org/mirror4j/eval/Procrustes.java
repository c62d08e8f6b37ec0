package org.mirror4j.eval;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.mirror4j.search.Vectors;

/**
 * The rotation that brings the vectors of one space closest to those of another (Schoenemann 1966;
 * between languages Xing et al. 2015, Glavas et al. 2019, section 3.1):
 *
 * <pre>
 *   W = argmin || X W - Y ||_F over all W with W^T W = I
 *     = U V^T,   U S V^T = X^T Y
 * </pre>
 *
 * Row i of X and row i of Y are a pair. Where the pairs do not span the space, W is one of several.
 *
 * @param rotation W [dimension, dimension]
 */
record Procrustes(DMatrixRMaj rotation) {
  /** Pairs, and vectors, turned to double at a time: bounds the memory, whatever their number. */
  private static final int CHUNK = 1024;

  /**
   * The rotation of pairs: {@code sourceRows[i]} of the sources and {@code targetRows[i]} of the
   * targets.
   *
   * @throws IllegalArgumentException if the dimensions differ
   */
  static Procrustes of(Vectors sources, int[] sourceRows, Vectors targets, int[] targetRows) {
    int dimension = sources.dimension();
    if (targets.dimension() != dimension) {
      throw new IllegalArgumentException(
          "Procrustes: vectors of %d values and of %d, expected as many"
              .formatted(dimension, targets.dimension()));
    }
    DMatrixRMaj product = new DMatrixRMaj(dimension, dimension);
    for (int start = 0; start < sourceRows.length; start += CHUNK) {
      int count = Math.min(CHUNK, sourceRows.length - start);
      CommonOps_DDRM.multAddTransA(
          chunk(sources, sourceRows, start, count),
          chunk(targets, targetRows, start, count),
          product);
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(dimension, dimension, true, true, false);
    if (!svd.decompose(product)) {
      throw new ArithmeticException("Procrustes: the singular vectors did not converge");
    }
    DMatrixRMaj rotation = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.mult(svd.getU(null, false), svd.getV(null, true), rotation);
    return new Procrustes(rotation);
  }

  /** The vectors x W; the caller closes them. */
  Vectors rotate(Vectors vectors) {
    Vectors rotated = Vectors.allocate(vectors.size(), vectors.dimension());
    float[] row = new float[vectors.dimension()];
    for (int start = 0; start < vectors.size(); start += CHUNK) {
      int count = Math.min(CHUNK, vectors.size() - start);
      int[] rows = new int[count];
      for (int i = 0; i < count; i++) {
        rows[i] = start + i;
      }
      DMatrixRMaj product = new DMatrixRMaj(count, vectors.dimension());
      CommonOps_DDRM.mult(chunk(vectors, rows, 0, count), rotation, product);
      for (int i = 0; i < count; i++) {
        for (int column = 0; column < row.length; column++) {
          row[column] = (float) product.unsafe_get(i, column);
        }
        rotated.set(start + i, row);
      }
    }
    return rotated;
  }

  private static DMatrixRMaj chunk(Vectors vectors, int[] rows, int start, int count) {
    DMatrixRMaj chunk = new DMatrixRMaj(count, vectors.dimension());
    float[] vector = new float[vectors.dimension()];
    for (int row = 0; row < count; row++) {
      vectors.get(rows[start + row], vector);
      for (int column = 0; column < vector.length; column++) {
        chunk.unsafe_set(row, column, vector[column]);
      }
    }
    return chunk;
  }
}

package org.mirror4j.calibrate;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, the largest value first.
 *
 * @param values [width]
 * @param directions one a row, of length 1, [width, width]
 */
record PrincipalDirections(double[] values, DMatrixRMaj directions) {
  static PrincipalDirections of(DMatrixRMaj symmetric) {
    int width = symmetric.numRows;
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(width, true, true);
    if (!eigen.decompose(symmetric.copy())) {
      throw new ArithmeticException("calibration: the principal directions did not converge");
    }
    int[] order =
        IntStream.range(0, width)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] values = new double[width];
    DMatrixRMaj directions = new DMatrixRMaj(width, width);
    for (int row = 0; row < width; row++) {
      values[row] = eigen.getEigenvalue(order[row]).getReal();
      System.arraycopy(
          eigen.getEigenVector(order[row]).data, 0, directions.data, row * width, width);
    }
    return new PrincipalDirections(values, directions);
  }
}

package org.mirror4j.calibrate.flow;

import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.LUDecomposition_F64;
import org.ejml.interfaces.decomposition.QRDecomposition;

/**
 * A random orthogonal matrix in the factors with which a learned permutation begins: {@code W = P L
 * (U + diag(sign exp(logScale)))}, L with ones on its diagonal, U with zeros.
 *
 * @param order of P: the product of a row vector with P has element {@code order[j]} at j
 * @param sign of the diagonal, each 1 or -1
 * @param factors row-major, L below the diagonal and U above
 * @param logScale logarithms of the diagonal's magnitudes
 */
record OrthogonalFactors(int[] order, float[] sign, float[] factors, float[] logScale) {
  /** The factors of a matrix that is drawn. */
  static OrthogonalFactors draw(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    DMatrixRMaj drawn = new DMatrixRMaj(n, n);
    for (int i = 0; i < n * n; i++) {
      drawn.data[i] = random.nextGaussian();
    }
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(n, n);
    LUDecomposition_F64<DMatrixRMaj> lu = DecompositionFactory_DDRM.lu(n, n);
    if (!qr.decompose(drawn) || !lu.decompose(qr.getQ(null, false))) {
      throw new IllegalStateException("a matrix of normal numbers has no factors");
    }
    DMatrixRMaj lower = lu.getLower(null);
    DMatrixRMaj upper = lu.getUpper(null);
    float[] sign = new float[n];
    float[] factors = new float[n * n];
    float[] logScale = new float[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        factors[i * n + j] = i == j ? 0 : (float) (i > j ? lower : upper).get(i, j);
      }
      double diagonal = upper.get(i, i);
      sign[i] = (float) Math.signum(diagonal);
      logScale[i] = (float) StrictMath.log(Math.abs(diagonal));
    }
    return new OrthogonalFactors(lu.getRowPivotV(null).clone(), sign, factors, logScale);
  }
}

package org.mirror4j.reference;

import org.ejml.data.DMatrixRMaj;

/** Layer normalisation of each row (Ba et al. 2016, eq. 4), biased variance. */
public final class ReferenceLayerNorm {
  private ReferenceLayerNorm() {}

  /** {@code y = (x - mean) / sqrt(variance + epsilon) * gamma + beta}. */
  public static Variable layerNorm(
      Tape tape, Variable x, Variable gamma, Variable beta, double epsilon) {
    int rows = x.rows();
    int columns = x.columns();
    double[] rstd = new double[rows];
    DMatrixRMaj normalized = new DMatrixRMaj(rows, columns);
    DMatrixRMaj y = new DMatrixRMaj(rows, columns);
    for (int r = 0; r < rows; r++) {
      double mean = 0;
      for (int i = 0; i < columns; i++) {
        mean += x.value().get(r, i) / columns;
      }
      double variance = 0;
      for (int i = 0; i < columns; i++) {
        double deviation = x.value().get(r, i) - mean;
        variance += deviation * deviation / columns;
      }
      rstd[r] = 1 / Math.sqrt(variance + epsilon);
      for (int i = 0; i < columns; i++) {
        normalized.set(r, i, (x.value().get(r, i) - mean) * rstd[r]);
        y.set(r, i, normalized.get(r, i) * gamma.value().get(0, i) + beta.value().get(0, i));
      }
    }
    return tape.operation(
        y,
        dY -> {
          for (int r = 0; r < rows; r++) {
            double meanOfGradient = 0;
            double meanOfProduct = 0;
            for (int i = 0; i < columns; i++) {
              double d = dY.get(r, i);
              gamma.gradient().add(0, i, d * normalized.get(r, i));
              beta.gradient().add(0, i, d);
              double dNormalized = d * gamma.value().get(0, i);
              meanOfGradient += dNormalized / columns;
              meanOfProduct += dNormalized * normalized.get(r, i) / columns;
            }
            for (int i = 0; i < columns; i++) {
              double dNormalized = dY.get(r, i) * gamma.value().get(0, i);
              x.gradient()
                  .add(
                      r,
                      i,
                      rstd[r]
                          * (dNormalized - meanOfGradient - normalized.get(r, i) * meanOfProduct));
            }
          }
        });
  }
}

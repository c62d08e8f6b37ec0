package org.mirror4j.calibrate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Each element on its own less its mean and divided by its standard deviation (SN of Li et al.
 * 2020, table 5). A deviation below the square root of epsilon times the largest is taken for that.
 *
 * @param epsilon least variance that is divided by, as a share of the largest
 */
public record Standardisation(double epsilon) implements LinearCalibration {
  /**
   * Checks the value.
   *
   * @throws IllegalArgumentException if it is out of its range
   */
  public Standardisation {
    Whitening.requireEpsilon(epsilon);
  }

  @Override
  public int outputWidth(int inputWidth) {
    return inputWidth;
  }

  @Override
  public void settings(ObjectNode json) {
    json.put("epsilon", epsilon);
  }

  @Override
  public Fit fit(Moments moments) {
    int width = moments.width();
    DMatrixRMaj variances = new DMatrixRMaj(width, 1);
    CommonOps_DDRM.extractDiag(moments.covariance(), variances);
    double floor = epsilon * CommonOps_DDRM.elementMax(variances);
    DMatrixRMaj matrix = new DMatrixRMaj(width, width);
    for (int i = 0; i < width; i++) {
      matrix.unsafe_set(i, i, 1 / Math.sqrt(Math.max(variances.get(i), floor)));
    }
    return new Fit(AffineMap.centred(matrix, moments.mean()), List.of());
  }

  @Override
  public String described() {
    return "standardisation";
  }
}

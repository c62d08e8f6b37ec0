package org.mirror4j.calibrate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Vectors less their mean, without their parts along the first principal directions (Mu and
 * Viswanath 2018; the removal of top singular vectors in table 5 of Li et al. 2020).
 *
 * <pre>
 *   y = (I - V V^T) (x - mean),   V = [v_1 .. v_count]
 * </pre>
 *
 * @param count directions that are removed
 */
public record DirectionRemoval(int count) implements LinearCalibration {
  /**
   * Checks the value.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public DirectionRemoval {
    if (count < 1) {
      throw new IllegalArgumentException("directions is %d, expected at least 1".formatted(count));
    }
  }

  @Override
  public int outputWidth(int inputWidth) {
    if (count >= inputWidth) {
      throw new IllegalArgumentException(
          "directions is %d, expected less than %d, the width of the vectors"
              .formatted(count, inputWidth));
    }
    return inputWidth;
  }

  @Override
  public void settings(ObjectNode json) {
    json.put("directions", count);
  }

  @Override
  public Fit fit(Moments moments) {
    outputWidth(moments.width());
    DMatrixRMaj all = PrincipalDirections.of(moments.covariance()).directions();
    DMatrixRMaj removed = CommonOps_DDRM.extract(all, 0, count, 0, moments.width());
    DMatrixRMaj matrix = CommonOps_DDRM.identity(moments.width());
    CommonOps_DDRM.multAddTransA(-1, removed, removed, matrix);
    return new Fit(AffineMap.centred(matrix, moments.mean()), List.of());
  }

  @Override
  public String described() {
    return count == 1
        ? "removal of the first direction"
        : "removal of %d directions".formatted(count);
  }
}

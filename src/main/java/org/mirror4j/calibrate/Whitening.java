package org.mirror4j.calibrate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.ejml.data.DMatrixRMaj;

/**
 * Whitening (Su et al. 2021): coordinates along the principal directions, each of variance 1, the
 * directions of the largest variance first.
 *
 * <pre>
 *   C = U diag(l) U^T,   y = W^T (x - mean),   W = U diag(max(l, epsilon l_1))^(-1/2), first columns
 * </pre>
 *
 * @param dimension columns that are kept; empty for all
 * @param epsilon least variance that is divided by, as a share of the largest: directions in which
 *     fewer vectors than values hardly differ would drown all others in vectors that were not
 *     fitted
 */
public record Whitening(OptionalInt dimension, double epsilon) implements LinearCalibration {
  /** Deviations a thousandth of the largest are taken for real, less is not. */
  public static final double DEFAULT_EPSILON = 1e-6;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public Whitening {
    if (dimension.isPresent() && dimension.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "dimension is %d, expected at least 1".formatted(dimension.getAsInt()));
    }
    requireEpsilon(epsilon);
  }

  static void requireEpsilon(double epsilon) {
    if (!(epsilon > 0 && epsilon <= 1)) {
      throw new IllegalArgumentException(
          "epsilon is %s, expected above 0 and at most 1".formatted(epsilon));
    }
  }

  @Override
  public int outputWidth(int inputWidth) {
    int kept = dimension.orElse(inputWidth);
    if (kept > inputWidth) {
      throw new IllegalArgumentException(
          "dimension is %d, expected at most %d, the width of the vectors"
              .formatted(kept, inputWidth));
    }
    return kept;
  }

  @Override
  public void settings(ObjectNode json) {
    dimension.ifPresent(kept -> json.put("dimension", kept));
    json.put("epsilon", epsilon);
  }

  @Override
  public Fit fit(Moments moments) {
    int kept = outputWidth(moments.width());
    PrincipalDirections principal = PrincipalDirections.of(moments.covariance());
    double floor = epsilon * principal.values()[0];
    DMatrixRMaj matrix = new DMatrixRMaj(kept, moments.width());
    int floored = 0;
    for (int row = 0; row < kept; row++) {
      floored += principal.values()[row] < floor ? 1 : 0;
      double scale = 1 / Math.sqrt(Math.max(principal.values()[row], floor));
      for (int column = 0; column < moments.width(); column++) {
        matrix.unsafe_set(row, column, scale * principal.directions().unsafe_get(row, column));
      }
    }
    return new Fit(AffineMap.centred(matrix, moments.mean()), notes(moments, kept, floored));
  }

  private List<String> notes(Moments moments, int kept, int floored) {
    List<String> notes = new ArrayList<>();
    if (floored > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d directions have less than %s of the largest variance among %,d vectors"
                  + " and are divided by that: a smaller dimension leaves them out",
              floored,
              kept,
              epsilon,
              moments.count()));
    }
    return notes;
  }

  @Override
  public String described() {
    return "whitening"
        + (dimension.isPresent() ? " to %d dimensions".formatted(dimension.getAsInt()) : "");
  }
}

package org.mirror4j.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalInt;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Maps fitted by moments, against the singular vectors of the vectors themselves. */
class LinearCalibrationTest {
  private static final double EPSILON = 1e-9;

  /**
   * Conditions of up to 1e4 in the covariance, of eigenvalues and vectors to 1e-15 of the largest.
   */
  private static final double EXACT = 1e-9;

  private static Whitening whitening(int dimension) {
    return new Whitening(OptionalInt.of(dimension), EPSILON);
  }

  /** Singular values and right singular vectors, in rows, of the centred vectors. */
  private record Singular(double[] values, DMatrixRMaj directions) {
    static Singular of(float[][] vectors, Moments moments) {
      DMatrixRMaj centred = new DMatrixRMaj(vectors.length, moments.width());
      for (int row = 0; row < vectors.length; row++) {
        for (int i = 0; i < moments.width(); i++) {
          centred.set(row, i, vectors[row][i] - moments.mean().get(i));
        }
      }
      SingularValueDecomposition_F64<DMatrixRMaj> svd =
          DecompositionFactory_DDRM.svd(vectors.length, moments.width(), false, true, false);
      assertThat(svd.decompose(centred)).isTrue();
      DMatrixRMaj directions = svd.getV(null, true);
      DMatrixRMaj values = svd.getW(null);
      SingularOps_DDRM.descendingOrder(null, false, values, directions, true);
      double[] diagonal = new double[Math.min(values.numRows, values.numCols)];
      for (int i = 0; i < diagonal.length; i++) {
        diagonal[i] = values.get(i, i);
      }
      return new Singular(diagonal, directions);
    }

    double along(int direction, float[] vector, Moments moments) {
      double sum = 0;
      for (int i = 0; i < vector.length; i++) {
        sum += directions.get(direction, i) * (vector[i] - moments.mean().get(i));
      }
      return sum;
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 7, 7", "300, 33, 33", "300, 33, 5", "2, 1, 1", "34, 33, 20"})
  void whitenedVectorsAreCoordinatesOfVarianceOne(int count, int width, int kept) {
    float[][] vectors = RunningMomentsTest.vectors(count, width, 3, 1);
    Moments moments = RunningMomentsTest.moments(vectors);
    LinearCalibration.Fit fit = whitening(kept).fit(moments);
    assertThat(fit.notes()).isEmpty();
    assertThat(fit.map().matrix().numRows).isEqualTo(kept);
    Moments after = moments.after(fit.map());
    for (int i = 0; i < kept; i++) {
      assertThat(after.mean().get(i)).isCloseTo(0, within(EXACT));
      for (int j = 0; j < kept; j++) {
        assertThat(after.covariance().get(i, j)).isCloseTo(i == j ? 1 : 0, within(EXACT));
      }
    }
    Singular singular = Singular.of(vectors, moments);
    for (float[] vector : vectors) {
      double[] whitened = AffineMapTest.apply(fit.map(), vector);
      for (int i = 0; i < kept; i++) {
        double deviation = singular.values()[i] / Math.sqrt(count - 1);
        double expected = Math.abs(singular.along(i, vector, moments)) / deviation;
        // Neighbouring directions differ in variance by percents: vectors to 1e-15 / 1e-2.
        assertThat(Math.abs(whitened[i])).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void theFirstDirectionsAreThoseOfFewerOnes() {
    Moments moments = RunningMomentsTest.moments(RunningMomentsTest.vectors(100, 9, 0, 2));
    AffineMap all = new Whitening(OptionalInt.empty(), EPSILON).fit(moments).map();
    AffineMap four = whitening(4).fit(moments).map();
    assertThat(all.matrix().numRows).isEqualTo(9);
    for (int i = 0; i < 4 * 9; i++) {
      assertThat(four.matrix().get(i)).isEqualTo(all.matrix().get(i));
    }
  }

  /** 10 vectors of 33 values differ in 9 directions; the others are divided by the floor. */
  @Test
  void fewerVectorsThanValues() {
    float[][] vectors = RunningMomentsTest.vectors(10, 33, 1, 3);
    Moments moments = RunningMomentsTest.moments(vectors);
    double epsilon = 1e-4;
    LinearCalibration.Fit fit = new Whitening(OptionalInt.empty(), epsilon).fit(moments);
    assertThat(fit.notes()).hasSize(1);
    assertThat(fit.notes().getFirst())
        .matches("2\\d of 33 directions have less than 1.0E-4 of the largest variance among 10.*");
    assertThat(whitening(9).fit(moments).notes()).isEmpty();
    double first = norm(fit.map().matrix(), 0);
    for (int row = 0; row < 33; row++) {
      double scale = norm(fit.map().matrix(), row);
      assertThat(scale).isBetween(first * (1 - 1e-9), first / Math.sqrt(epsilon) * (1 + 1e-9));
    }
    assertThat(norm(fit.map().matrix(), 32)).isCloseTo(first / Math.sqrt(epsilon), within(1e-9));
    assertThat(fit.map().module().weight().byteSize()).isEqualTo(4 * 33 * 33);
  }

  private static double norm(DMatrixRMaj matrix, int row) {
    double squares = 0;
    for (int i = 0; i < matrix.numCols; i++) {
      squares += matrix.get(row, i) * matrix.get(row, i);
    }
    return Math.sqrt(squares);
  }

  @Test
  void standardisedElements() {
    float[][] vectors = RunningMomentsTest.vectors(50, 5, 100, 4);
    for (float[] vector : vectors) {
      vector[2] = 7;
    }
    Moments moments = RunningMomentsTest.moments(vectors);
    AffineMap map = new Standardisation(1e-6).fit(moments).map();
    Moments after = moments.after(map);
    for (int i = 0; i < 5; i++) {
      assertThat(after.mean().get(i)).isCloseTo(0, within(EXACT));
      assertThat(after.covariance().get(i, i)).isCloseTo(i == 2 ? 0 : 1, within(EXACT));
      for (int j = 0; j < 5; j++) {
        assertThat(map.matrix().get(i, j) != 0).isEqualTo(i == j);
      }
    }
    // An element that never differs is divided by a thousandth of the largest deviation.
    double largest = Math.sqrt(moments.covariance().get(4, 4));
    assertThat(map.matrix().get(2, 2)).isCloseTo(1000 / largest, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"1", "3"})
  void removedDirections(int count) {
    float[][] vectors = RunningMomentsTest.vectors(80, 6, -2, 6);
    Moments moments = RunningMomentsTest.moments(vectors);
    AffineMap map = new DirectionRemoval(count).fit(moments).map();
    Singular singular = Singular.of(vectors, moments);
    for (float[] vector : vectors) {
      double[] left = AffineMapTest.apply(map, vector);
      for (int i = 0; i < 6; i++) {
        double expected = vector[i] - moments.mean().get(i);
        for (int d = 0; d < count; d++) {
          expected -= singular.along(d, vector, moments) * singular.directions().get(d, i);
        }
        assertThat(left[i]).isCloseTo(expected, within(EXACT));
      }
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> whitening(0)).hasMessage("dimension is 0, expected at least 1");
    assertThatThrownBy(() -> new Whitening(OptionalInt.empty(), 0))
        .hasMessage("epsilon is 0.0, expected above 0 and at most 1");
    assertThatThrownBy(() -> new Standardisation(Double.NaN))
        .hasMessageContaining("epsilon is NaN");
    assertThatThrownBy(() -> new DirectionRemoval(0))
        .hasMessage("directions is 0, expected at least 1");
    assertThatThrownBy(() -> whitening(4).outputWidth(3))
        .hasMessage("dimension is 4, expected at most 3, the width of the vectors");
    assertThatThrownBy(() -> new DirectionRemoval(3).outputWidth(3))
        .hasMessage("directions is 3, expected less than 3, the width of the vectors");
  }
}

package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.search.Vectors;

class ProcrustesTest {
  private static float[][] random(int seed, int rows, int columns) {
    Random random = new Random(seed);
    float[][] vectors = new float[rows][columns];
    for (float[] vector : vectors) {
      for (int i = 0; i < columns; i++) {
        vector[i] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  private static float[][] times(float[][] vectors, DMatrixRMaj matrix) {
    float[][] products = new float[vectors.length][matrix.numCols];
    for (int row = 0; row < vectors.length; row++) {
      for (int column = 0; column < matrix.numCols; column++) {
        double sum = 0;
        for (int i = 0; i < matrix.numRows; i++) {
          sum += vectors[row][i] * matrix.get(i, column);
        }
        products[row][column] = (float) sum;
      }
    }
    return products;
  }

  /** More rows than are taken at a time. */
  @ParameterizedTest
  @CsvSource({"1, 4", "3, 3", "33, 40", "16, 1100"})
  void aRotationIsFoundAgain(int dimension, int rows) {
    DMatrixRMaj rotation = RandomMatrices_DDRM.orthogonal(dimension, dimension, new Random(7));
    float[][] sources = random(dimension, rows, dimension);
    float[][] targets = times(sources, rotation);
    int[] all = IntStream.range(0, rows).toArray();
    try (Vectors x = Vectors.of(sources);
        Vectors y = Vectors.of(targets);
        Vectors mapped = Procrustes.of(x, all, y, all).rotate(x)) {
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < dimension; i++) {
          // Values of f32 around 1 to 6: 2^-24 of them, a few of which are in each element of W.
          assertThat(mapped.get(row)[i]).isCloseTo(targets[row][i], within(1e-5f));
        }
      }
    }
  }

  /** In the plane all rotations and reflections can be tried. */
  @Test
  void noOtherRotationIsCloser() {
    float[][] sources = random(1, 9, 2);
    float[][] targets = random(2, 9, 2);
    int[] pairs = {8, 3, 3, 0, 5};
    int[] with = {1, 2, 7, 0, 5};
    DMatrixRMaj found;
    try (Vectors x = Vectors.of(sources);
        Vectors y = Vectors.of(targets)) {
      found = Procrustes.of(x, pairs, y, with).rotation();
    }
    double least = Double.POSITIVE_INFINITY;
    for (int step = 0; step < 20_000; step++) {
      double c = Math.cos(Math.PI * step / 10_000);
      double s = Math.sin(Math.PI * step / 10_000);
      for (int sign : new int[] {-1, 1}) {
        DMatrixRMaj candidate = new DMatrixRMaj(new double[][] {{c, s}, {-sign * s, sign * c}});
        least = Math.min(least, distance(sources, pairs, targets, with, candidate));
      }
    }
    double of = distance(sources, pairs, targets, with, found);
    // At most half a step of pi/10,000 from the best, where the distance is flat: its square, times
    // the norms of 5 pairs of vectors of length below 3.
    assertThat(of).isBetween(least - 1e-5, least + 1e-12);
    DMatrixRMaj square = new DMatrixRMaj(2, 2);
    CommonOps_DDRM.multTransA(found, found, square);
    assertThat(square.get(0, 0)).isCloseTo(1, within(1e-14));
    assertThat(square.get(1, 1)).isCloseTo(1, within(1e-14));
    assertThat(square.get(0, 1)).isCloseTo(0, within(1e-14));
  }

  private static double distance(
      float[][] sources, int[] pairs, float[][] targets, int[] with, DMatrixRMaj rotation) {
    double sum = 0;
    for (int i = 0; i < pairs.length; i++) {
      for (int column = 0; column < 2; column++) {
        double mapped =
            sources[pairs[i]][0] * rotation.get(0, column)
                + sources[pairs[i]][1] * rotation.get(1, column);
        double off = mapped - targets[with[i]][column];
        sum += off * off;
      }
    }
    return sum;
  }

  @Test
  void spacesOfOneDimension() {
    try (Vectors x = Vectors.allocate(2, 3);
        Vectors y = Vectors.allocate(2, 4)) {
      assertThatThrownBy(() -> Procrustes.of(x, new int[1], y, new int[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Procrustes: vectors of 3 values and of 4, expected as many");
    }
  }
}

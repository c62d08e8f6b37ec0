package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mirror4j.search.Vectors;

class IsotropyTest {
  @Test
  void allAxesBothWaysAreIsotropic() {
    int n = 7;
    float[][] vectors = new float[2 * n][n];
    for (int i = 0; i < n; i++) {
      vectors[i][i] = 3;
      vectors[n + i][i] = -3;
    }
    Isotropy isotropy = isotropy(vectors);
    // The axes are the eigenvectors up to the order of summation.
    assertThat(isotropy.score()).isCloseTo(1, within(1e-13));
    assertThat(isotropy.meanVectorNorm()).isZero();
    assertThat(isotropy.rows()).isEqualTo(14);
    assertThat(isotropy.hiddenSize()).isEqualTo(7);
  }

  @Test
  void twoVectorsByHand() {
    // V^T V = diag(1, 4). Z(e1) = e + 1, Z(-e1) = 1/e + 1, Z(e2) = 1 + e^2, Z(-e2) = 1 + e^-2:
    // the smallest over the greatest is (1 + e^-2) / (1 + e^2) = e^-2.
    Isotropy isotropy = isotropy(new float[][] {{1, 0}, {0, 2}});
    assertThat(isotropy.score()).isCloseTo(Math.exp(-2), within(1e-14));
    assertThat(isotropy.meanVectorNorm()).isCloseTo(Math.sqrt(0.25 + 1), within(1e-15));
  }

  @Test
  void turningTheSpaceChangesNothing() {
    double angle = 0.7;
    float cos = (float) Math.cos(angle);
    float sin = (float) Math.sin(angle);
    Isotropy isotropy = isotropy(new float[][] {{cos, sin}, {-2 * sin, 2 * cos}});
    // Float input: relative 6e-8 of exponents up to 2.
    assertThat(isotropy.score()).isCloseTo(Math.exp(-2), within(1e-6));
  }

  @Test
  void manyRowsAgainstTheClosedFormOfTwoDimensions() {
    Random random = new Random(11);
    float[][] vectors = new float[2500][2];
    for (float[] v : vectors) {
      v[0] = (float) (0.3 + random.nextGaussian());
      v[1] = (float) (0.4 * v[0] + 0.5 * random.nextGaussian());
    }
    double a = 0;
    double b = 0;
    double c = 0;
    for (float[] v : vectors) {
      a += (double) v[0] * v[0];
      b += (double) v[0] * v[1];
      c += (double) v[1] * v[1];
    }
    double angle = Math.atan2(2 * b, a - c) / 2;
    double min = Double.POSITIVE_INFINITY;
    double max = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
      double turned = angle + quarter * Math.PI / 2;
      double z = 0;
      for (float[] v : vectors) {
        z += Math.exp(v[0] * Math.cos(turned) + v[1] * Math.sin(turned));
      }
      min = Math.min(min, z);
      max = Math.max(max, z);
    }
    // Sums of 2500 positive terms in double, in two orders: relative 2500 * 2^-53 at most.
    assertThat(isotropy(vectors).score()).isCloseTo(min / max, within(1e-11));
  }

  @Test
  void noiseIsNearlyIsotropic() {
    Isotropy isotropy = isotropy(noise(20_000, 8));
    // The mean of exp(N(0,1)) over 20000 draws has a relative deviation of 0.9 %; of 16 directions
    // the extremes lie some four deviations apart, and the bound leaves ten.
    assertThat(isotropy.score()).isBetween(0.9, 0.999999);
    assertThat(isotropy.meanVectorNorm()).isLessThan(0.05);
  }

  @Test
  void oneDominatingDirectionIsNot() {
    float[][] vectors = noise(500, 12);
    for (float[] v : vectors) {
      v[4] += 20;
    }
    Isotropy isotropy = isotropy(vectors);
    assertThat(isotropy.score()).isBetween(Double.MIN_VALUE, 1e-15);
    assertThat(isotropy.meanVectorNorm()).isCloseTo(20, within(0.5));
  }

  @Test
  void largeVectorsDoNotOverflow() {
    assertThat(isotropy(new float[][] {{2000, 0}, {2000, 1}, {2000, -1}}).score()).isZero();
    assertThat(isotropy(new float[][] {{2000, 0}, {-2000, 0}, {0, 2000}, {0, -2000}}).score())
        .isEqualTo(1);
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> Isotropy.of(Vectors.of(new float[] {1})))
        .hasMessage("isotropy: no vectors");
    assertThatThrownBy(() -> isotropy(new float[][] {{1, 2}, {1, Float.NaN}}))
        .hasMessage("isotropy: row 1 holds NaN, expected finite values");
  }

  @Test
  void rowsThatAreNamedTwiceCountTwice() {
    Vectors vectors = Vectors.of(new float[][] {{9, 9}, {0, 2}, {1, 0}});
    assertThat(Isotropy.of(vectors, 2, 1, 2))
        .isEqualTo(isotropy(new float[][] {{1, 0}, {0, 2}, {1, 0}}));
  }

  static Isotropy isotropy(float[][] rows) {
    try (Vectors vectors = Vectors.of(rows)) {
      return Isotropy.of(vectors, IntStream.range(0, rows.length).toArray());
    }
  }

  private static float[][] noise(int rows, int columns) {
    Random random = new Random(5);
    float[][] vectors = new float[rows][columns];
    for (float[] v : vectors) {
      for (int i = 0; i < columns; i++) {
        v[i] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }
}

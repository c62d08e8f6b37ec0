package org.mirror4j.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpearmanTest {
  /** Sums of a few hundred terms of one sign lose at most about n ulps: 1e-12 is ample. */
  private static final double ROUNDING = 1e-12;

  @Test
  void intelligenceAgainstHoursOfTelevision() {
    // The worked example of the encyclopedia's article on the coefficient: rho = -29/165.
    double[] iq = {106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
    double[] hours = {7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
    assertThat(Spearman.rho(iq, hours)).isCloseTo(-29.0 / 165, within(ROUNDING));
  }

  @Test
  void tiesByHand() {
    // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4; centred products 4.5, squares 4.5 and 5.
    double[] x = {1, 2, 2, 3};
    double[] y = {-10, 5, 0, 100};
    assertThat(Spearman.ranks(x)).containsExactly(1, 2.5, 2.5, 4);
    assertThat(Spearman.rho(x, y)).isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(ROUNDING));
  }

  @Test
  void ranksShareTheirAverage() {
    assertThat(Spearman.ranks(new double[] {7, 7, 7})).containsExactly(2, 2, 2);
    assertThat(Spearman.ranks(new double[] {3, 1, 3, 0.0, -0.0}))
        .containsExactly(4.5, 3, 4.5, 1.5, 1.5);
    assertThat(Spearman.ranks(new double[] {Double.POSITIVE_INFINITY, -1e300, 0}))
        .containsExactly(3, 1, 2);
  }

  @Test
  void onlyTheOrderCounts() {
    double[] x = new Random(1).doubles(101).toArray();
    double[] cubes = Arrays.stream(x).map(v -> 1e6 + v * v * v).toArray();
    double[] negative = Arrays.stream(x).map(v -> -v).toArray();
    assertThat(Spearman.rho(x, cubes)).isCloseTo(1, within(ROUNDING));
    assertThat(Spearman.rho(x, negative)).isCloseTo(-1, within(ROUNDING));
  }

  @Test
  void agreesWithCountingOnRandomTies() {
    Random random = new Random(7);
    for (int n : new int[] {2, 3, 31, 128, 333}) {
      for (int levels : new int[] {2, 5, 1000}) {
        double[] x = random.doubles(n).map(v -> Math.floor(v * levels)).toArray();
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
          y[i] = Math.floor((x[i] / levels + random.nextDouble()) * levels);
        }
        double expected = countingRho(x, y);
        double rho = Spearman.rho(x, y);
        if (Double.isNaN(expected)) {
          assertThat(rho).isNaN();
        } else {
          assertThat(rho).isCloseTo(expected, within(ROUNDING));
        }
      }
    }
  }

  /** Ranks by comparing all with all; rho by Kendall's formula with corrections for ties. */
  private static double countingRho(double[] x, double[] y) {
    int n = x.length;
    double squaredDifferences = 0;
    double tiesX = 0;
    double tiesY = 0;
    for (int i = 0; i < n; i++) {
      double difference = rank(x, i) - rank(y, i);
      squaredDifferences += difference * difference;
      // Each of t equal values contributes (t^2 - 1), together t^3 - t.
      tiesX += equal(x, i) * equal(x, i) - 1;
      tiesY += equal(y, i) * equal(y, i) - 1;
    }
    double all = Math.pow(n, 3) - n;
    double sx = (all - tiesX) / 12;
    double sy = (all - tiesY) / 12;
    return sx == 0 || sy == 0
        ? Double.NaN
        : (sx + sy - squaredDifferences) / (2 * Math.sqrt(sx * sy));
  }

  private static double rank(double[] values, int i) {
    long below = Arrays.stream(values).filter(v -> v < values[i]).count();
    return below + (equal(values, i) + 1) / 2;
  }

  private static double equal(double[] values, int i) {
    return Arrays.stream(values).filter(v -> v == values[i]).count();
  }

  @Test
  void constantListsHaveNoOrder() {
    assertThat(Spearman.rho(new double[] {5, 5, 5}, new double[] {1, 2, 3})).isNaN();
    assertThat(Spearman.rho(new double[] {1, 2, 3}, new double[] {0.1, 0.1, 0.1})).isNaN();
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> Spearman.rho(new double[] {1, Double.NaN}, new double[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Spearman: value 1 is NaN");
    assertThatThrownBy(() -> Spearman.rho(new double[] {1}, new double[] {1}))
        .hasMessage("Spearman: 1 pairs of values, expected at least 2");
    assertThatThrownBy(() -> Spearman.rho(new double[2], new double[3]))
        .hasMessage("Spearman: 2 values against 3, expected as many");
  }
}

package org.mirror4j.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PearsonTest {
  /** A few roundings of terms below 10. */
  private static final double ROUNDING = 1e-14;

  @Test
  void byHand() {
    // Centred -2, -1, 0, 3 and -1, 1, -1, 1: products 2 - 1 - 0 + 3 = 4, squares 14 and 4.
    double[] x = {1, 2, 3, 6};
    double[] y = {4, 6, 4, 6};
    assertThat(Pearson.r(x, y)).isCloseTo(4 / Math.sqrt(56), within(ROUNDING));
  }

  @Test
  void distancesCountUnlikeRanks() {
    double[] x = {1, 2, 3};
    double[] cubes = {1, 8, 27};
    // Centred -1, 0, 1 and -11, -4, 15: products 26, squares 2 and 362.
    assertThat(Pearson.r(x, cubes)).isCloseTo(26 / Math.sqrt(724), within(ROUNDING));
    assertThat(Spearman.rho(x, cubes)).isCloseTo(1, within(ROUNDING));
  }

  @Test
  void aConstantListHasNone() {
    assertThat(Pearson.r(new double[] {5, 5}, new double[] {1, 2})).isNaN();
    assertThat(Pearson.r(new double[] {1, 2}, new double[] {5, 5})).isNaN();
  }

  @Test
  void aConstantListWhoseMeanIsRoundedHasNone() {
    double[] tenths = {0.1, 0.1, 0.1};
    double[] rising = {1, 2, 3};
    assertThat(Arrays.stream(tenths).sum() / tenths.length).isNotEqualTo(tenths[0]);
    assertThat(Pearson.r(tenths, rising)).isNaN();
    assertThat(Pearson.r(rising, tenths)).isNaN();
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> Pearson.r(new double[2], new double[3]))
        .hasMessage("Pearson: 2 values against 3, expected as many");
    assertThatThrownBy(() -> Pearson.r(new double[1], new double[1]))
        .hasMessage("Pearson: 1 pairs of values, expected at least 2");
  }
}

package org.mirror4j.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StudentTTest {
  /**
   * Quantiles of printed tables, to the digits that these have: values 0 and 1 alternate, of which
   * the standard error is known.
   */
  @ParameterizedTest
  @CsvSource({"2, 12.706", "4, 3.182", "6, 2.571", "10, 2.262", "30, 2.045"})
  void quantilesOfPrintedTables(int count, double quantile) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = i % 2;
    }
    double error = Math.sqrt(0.25 / (count - 1));
    StudentT.Interval interval = StudentT.interval(values).orElseThrow();
    assertThat((interval.high() - interval.low()) / 2 / error).isCloseTo(quantile, within(5e-4));
    assertThat((interval.high() + interval.low()) / 2).isCloseTo(0.5, within(1e-15));
  }

  /**
   * With one degree of freedom the distribution is Cauchy's, of which p = 1 - 2 atan(|t|) / pi;
   * with two it is 1 - |t| / sqrt(2 + t^2).
   */
  @Test
  void pOfOneAndTwoDegreesOfFreedom() {
    // Differences 1 and 3: mean 2, standard error 1.
    assertThat(StudentT.pairedTest(new double[] {5, 9}, new double[] {4, 6}).orElseThrow())
        .isCloseTo(1 - 2 * Math.atan(2) / Math.PI, within(1e-12));
    // Differences 1, 2 and 6: mean 3, variance 7.
    double t = 3 / Math.sqrt(7 / 3.0);
    double expected = 1 - t / Math.sqrt(2 + t * t);
    assertThat(StudentT.pairedTest(new double[] {2, 4, 9}, new double[] {1, 2, 3}).orElseThrow())
        .isCloseTo(expected, within(1e-12));
    assertThat(StudentT.pairedTest(new double[] {1, 2, 3}, new double[] {2, 4, 9}).orElseThrow())
        .isCloseTo(expected, within(1e-12));
  }

  /**
   * Of 4,000 draws of five values the interval misses the mean in one of twenty: the count is
   * binomial with a standard deviation of 13.8, and may be four of these away.
   */
  @Test
  void misses5Percent() {
    Random random = new Random(3);
    int missed = 0;
    int significant = 0;
    for (int draw = 0; draw < 4000; draw++) {
      double[] values = random.doubles(5).map(_ -> 7 + 2 * random.nextGaussian()).toArray();
      StudentT.Interval interval = StudentT.interval(values).orElseThrow();
      missed += interval.low() > 7 || interval.high() < 7 ? 1 : 0;
      significant +=
          StudentT.pairedTest(values, new double[] {7, 7, 7, 7, 7}).orElseThrow() < 0.05 ? 1 : 0;
    }
    assertThat(missed).isBetween(200 - 55, 200 + 55).isEqualTo(significant);
  }

  @Test
  void whatIsNotDefined() {
    assertThat(StudentT.interval()).isEmpty();
    assertThat(StudentT.interval(3)).isEmpty();
    assertThat(StudentT.interval(3, Double.NaN)).isEmpty();
    assertThat(StudentT.interval(3, 3)).contains(new StudentT.Interval(3, 3));
    assertThat(StudentT.pairedTest(new double[] {3}, new double[] {4})).isEmpty();
    assertThat(StudentT.pairedTest(new double[] {3, 4}, new double[] {4, Double.NaN})).isEmpty();
    assertThat(StudentT.pairedTest(new double[] {3, 4}, new double[] {4, 5})).isEmpty();
    // Equal differences, but for their rounding.
    assertThat(StudentT.pairedTest(new double[] {0.3, 0.2}, new double[] {0.2, 0.1})).isEmpty();
    assertThat(
            StudentT.pairedTest(
                new double[] {100 * (57 / 71.0), 100 * (40 / 71.0), 100 * (9 / 71.0)},
                new double[] {100 * (56 / 71.0), 100 * (39 / 71.0), 100 * (8 / 71.0)}))
        .isEmpty();
    assertThat(StudentT.pairedTest(new double[] {3, 4}, new double[] {2, 2.999})).isPresent();
    assertThatThrownBy(() -> StudentT.pairedTest(new double[] {3, 4}, new double[] {4}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("paired test: 2 and 1 values, expected as many");
  }
}

package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocCurveTest {
  /** Every positive against every negative. */
  private static double pairs(double[] scores, boolean[] positive) {
    double higher = 0;
    double count = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (positive[i] && !positive[j]) {
          higher += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
          count++;
        }
      }
    }
    return higher / count;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 31, 128, 301})
  void thePairsInOrder(int size) {
    Random random = new Random(size);
    for (int levels : new int[] {1, 3, 1000}) {
      double[] scores = random.doubles(size).map(s -> Math.floor(s * levels)).toArray();
      boolean[] positive = new boolean[size];
      for (int i = 0; i < size; i++) {
        positive[i] = i == 0 || i > 1 && random.nextInt(3) == 0;
      }
      // Ranks are exact, halves at most; one division.
      assertThat(RocCurve.area(scores, positive)).isCloseTo(pairs(scores, positive), within(1e-15));
    }
  }

  @Test
  void allInOrderAndNone() {
    boolean[] positive = {true, false, true, false};
    assertThat(RocCurve.area(new double[] {3, 1, 2, 0}, positive)).isEqualTo(1);
    assertThat(RocCurve.area(new double[] {0, 2, 1, 3}, positive)).isZero();
    assertThat(RocCurve.area(new double[] {5, 5, 5, 5}, positive)).isEqualTo(0.5);
  }

  @Test
  void oneKindAlone() {
    assertThatThrownBy(() -> RocCurve.area(new double[] {1, 2}, new boolean[2]))
        .hasMessage("ROC: 0 positives and 2 negatives, expected both");
    assertThatThrownBy(() -> RocCurve.area(new double[] {1}, new boolean[] {true}))
        .hasMessage("ROC: 1 positives and 0 negatives, expected both");
  }
}

package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.mirror4j.train.ScoredStep;

/** Means and spreads by hand. */
class SeedScoresTest {
  private static SeedScores.Model model(long seed, double f1, double accuracy) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    scores.put("F1", f1);
    scores.put("accuracy", accuracy);
    return new SeedScores.Model(seed, "seed-" + seed, new ScoredStep(1200, scores));
  }

  @Test
  void ofThree() {
    SeedScores scores = new SeedScores(List.of(model(7, 80, 1), model(8, 86, 1), model(9, 86, 4)));
    assertThat(scores.best().seed()).isEqualTo(8);
    assertThat(scores.text())
        .isEqualTo(
            """
            seed                     step     F1  accuracy
            7                       1,200  80.00      1.00
            8                       1,200  86.00      1.00
            9                       1,200  86.00      4.00
            mean                           84.00      2.00
            standard deviation              3.46      1.73
            95 % of the mean, from         75.39     -2.30
            to                             92.61      6.30
            best on the dev set: seed-8
            """);
    assertThat(scores.json().path("mean").toString()).isEqualTo("{\"F1\":84.0,\"accuracy\":2.0}");
    assertThat(scores.json().at("/standardDeviation/F1").doubleValue()).isEqualTo(Math.sqrt(12));
    // The quantile of two degrees of freedom is 4.3027, the standard error of F1 is 2.
    assertThat(scores.json().at("/interval95/F1/0").doubleValue()).isCloseTo(75.3947, within(1e-4));
    assertThat(scores.json().path("best").textValue()).isEqualTo("seed-8");
  }

  @Test
  void whatIsNotDefined() {
    SeedScores scores = new SeedScores(List.of(model(7, Double.NaN, 1), model(8, -3, 1)));
    assertThat(scores.best().seed()).isEqualTo(8);
    assertThat(scores.text()).containsPattern("mean +n/a +1.00");
    assertThat(scores.json().path("mean").toString()).isEqualTo("{\"F1\":null,\"accuracy\":1.0}");
  }

  @Test
  void oneHasNoSpread() {
    SeedScores one = new SeedScores(List.of(model(7, 80, 1)));
    assertThat(one.json().has("standardDeviation")).isFalse();
    assertThat(one.text()).doesNotContain("mean", "deviation", "95 %").contains("seed-7");
  }
}

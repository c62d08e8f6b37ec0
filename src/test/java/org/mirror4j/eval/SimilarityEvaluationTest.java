package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimilarityEvaluationTest {
  private static final ScoredPairs PAIRS =
      new ScoredPairs(
          List.of(
              new ScoredPair("0", "10", 9),
              new ScoredPair("0", "40", 5),
              new ScoredPair("10", "90", 6),
              new ScoredPair("90", "0", 1)),
          2);

  /** A text is an angle in degrees. */
  private static float[] direction(String text) {
    double angle = Math.toRadians(Double.parseDouble(text));
    return new float[] {(float) (3 * Math.cos(angle)), (float) (3 * Math.sin(angle))};
  }

  @Test
  void byHand() {
    List<List<String>> asked = new ArrayList<>();
    SimilarityEvaluation.Result result =
        SimilarityEvaluation.evaluate(
            (texts, vectors) -> {
              asked.add(texts);
              texts.stream().map(SimilarityEvaluationTest::direction).forEach(vectors);
            },
            PAIRS);
    // Angles 10, 40, 80, 90 against scores 9, 5, 6, 1: ranks 4 3 2 1 and 4 2 3 1,
    // rho = 1 - 6 * 2 / (4 * 15).
    assertThat(result.spearman()).isCloseTo(80, within(1e-10));
    assertThat(result.pairs()).isEqualTo(4);
    assertThat(result.undefined()).isEmpty();
    assertThat(asked).containsExactly(List.of("0", "10", "40", "90"));
  }

  private static SimilarityEvaluation.Result bySubset(String... subsets) {
    return SimilarityEvaluation.evaluate(
        (texts, vectors) ->
            texts.stream().map(SimilarityEvaluationTest::direction).forEach(vectors),
        new ScoredPairs(PAIRS.pairs(), 0, List.of(subsets)));
  }

  /** Angles 10, 40, 80, 90 against scores 9, 5, 6, 1, ranked apart. */
  @Test
  void subsetsAreRankedApartAndWeightedByTheirPairs() {
    // b: angles 40, 80, 90 and scores 5, 6, 1: ranks 3 2 1 and 2 3 1, rho = 1 - 6 * 2 / (3 * 8).
    SimilarityEvaluation.Result one = bySubset("a", "b", "b", "b");
    assertThat(one.spearman()).isNaN();
    assertThat(one.undefined()).isEqualTo("not defined for the sub-sets a");
    // a: 10, 80 and 9, 6 agree; b: 40, 90 and 5, 1 agree.
    assertThat(bySubset("a", "b", "a", "b").spearman()).isCloseTo(100, within(1e-10));
    // a: 10, 90 and 9, 1 agree; b: 40, 80 and 5, 6 do not.
    SimilarityEvaluation.Result both = bySubset("a", "b", "b", "a");
    assertThat(both.spearman()).isCloseTo(0, within(1e-10));
    assertThat(both.pairs()).isEqualTo(4);
    List<ScoredPair> pairs = new ArrayList<>(PAIRS.pairs());
    pairs.add(new ScoredPair("0", "20", 8));
    ScoredPairs uneven = new ScoredPairs(pairs, 0, List.of("a", "b", "b", "b", "a"));
    double expected = 100 * (2 * 1 + 3 * 0.5) / 5;
    assertThat(
            SimilarityEvaluation.evaluate(
                    (texts, vectors) ->
                        texts.stream().map(SimilarityEvaluationTest::direction).forEach(vectors),
                    uneven)
                .spearman())
        .isCloseTo(expected, within(1e-10));
    assertThatThrownBy(() -> new ScoredPairs(pairs, 0, List.of("a")))
        .hasMessage("1 sub-sets for 5 pairs, expected one for each");
  }

  @Test
  void collapsedEncodersHaveNoRanking() {
    SimilarityEvaluation.Result result =
        SimilarityEvaluation.evaluate(
            (texts, vectors) -> texts.stream().map(t -> new float[] {1, 2}).forEach(vectors),
            PAIRS);
    assertThat(result.spearman()).isNaN();
    ScoredPair first = PAIRS.pairs().getFirst();
    assertThat(result.undefined())
        .isEqualTo(
            "all 4 pairs have the cosine 1.0000, as \"%s\" and \"%s\""
                .formatted(first.left(), first.right()));
  }

  @Test
  void judgesWhoFoundAllAlikeGiveNoRanking() {
    ScoredPairs alike =
        new ScoredPairs(List.of(new ScoredPair("0", "10", 3), new ScoredPair("0", "40", 3)), 0);
    SimilarityEvaluation.Result result =
        SimilarityEvaluation.evaluate(
            (texts, vectors) ->
                texts.stream().map(SimilarityEvaluationTest::direction).forEach(vectors),
            alike);
    assertThat(result.spearman()).isNaN();
    assertThat(result.undefined()).isEqualTo("all 2 pairs have the score 3.0");
  }

  @Test
  void vectorsThatCannotBeUsed() {
    assertUnusable(
        (texts, vectors) -> List.of(new float[3][2]).forEach(vectors),
        "encoder: 3 vectors for 4 texts");
    assertUnusable(
        (texts, vectors) ->
            List.of(new float[][] {{1, 2}, {1, 2}, {1, 2, 3}, {1, 2}}).forEach(vectors),
        "encoder: the vector of \"40\" has 3 values, that of the first text 2");
    assertUnusable(
        (texts, vectors) ->
            List.of(new float[][] {{1, 2}, {1, 2}, {1, 2}, {1, Float.NaN}}).forEach(vectors),
        "encoder: the vector of \"90\" holds NaN, expected finite values");
  }

  private static void assertUnusable(MeasuredEncoder encoder, String message) {
    assertThatThrownBy(() -> SimilarityEvaluation.evaluate(encoder, PAIRS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  @Test
  void onePairIsNoRanking() {
    ScoredPairs one = new ScoredPairs(PAIRS.pairs().subList(0, 1), 0);
    assertThatThrownBy(() -> SimilarityEvaluation.evaluate((texts, vectors) -> {}, one))
        .hasMessage("1 scored pairs, a ranking needs at least 2");
  }
}

package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.mirror4j.task.answer.SquadText.question;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Scored;

class Squad2ScorerTest {
  private static final String CONTEXT = "The old cat sat on a red mat.";

  /** A few roundings of numbers up to 100. */
  private static final double ROUNDING = 1e-13;

  private static final String GOLD =
      SquadText.of(
          CONTEXT,
          question("right", CONTEXT, "old cat"),
          question("part", CONTEXT, "red mat"),
          question("articles", CONTEXT, "The"),
          question("none", CONTEXT),
          question("spurious", CONTEXT));

  private static final String PREDICTIONS =
      "{\"right\": \"Old cat\", \"part\": \"mat\", \"articles\": \"\", \"none\": \"\","
          + " \"spurious\": \"cat\"}";

  @TempDir Path folder;

  private final Squad2Scorer scorer = new Squad2Scorer();

  @Test
  void byHand() {
    Scored scored = Scored.of(scorer, folder, GOLD, PREDICTIONS);
    // Exact: right, none, and articles, which expects an empty answer. part has F1 2/3.
    Map<String, Double> expected =
        Map.of(
            "items", 5.0,
            "exact-match", 100 * 3.0 / 5,
            "f1", 100 * (3 + 2.0 / 3) / 5,
            "items:has-answer", 3.0,
            "exact-match:has-answer", 100 * 2.0 / 3,
            "f1:has-answer", 100 * (2 + 2.0 / 3) / 3,
            "items:no-answer", 2.0,
            "exact-match:no-answer", 50.0,
            "f1:no-answer", 50.0);
    assertThat(scored.figures()).hasSameSizeAs(expected);
    expected.forEach(
        (name, value) -> assertThat(scored.get(name)).as(name).isCloseTo(value, within(ROUNDING)));
  }

  @Test
  void answersAboveTheThresholdAreNone() {
    // Withdrawn are part and spurious: the one loses 2/3, the other gains 1. At the threshold an
    // answer stands.
    String numbers =
        "{\"right\": 0.5, \"part\": 0.75, \"articles\": 0.1, \"none\": 0.9, \"spurious\": 2}";
    Scored scored = Scored.of(scorer, folder, GOLD, PREDICTIONS, numbers, 0.5);
    assertThat(scored.get("f1")).isCloseTo(100 * 4.0 / 5, within(ROUNDING));
    assertThat(scored.get("exact-match")).isCloseTo(100 * 4.0 / 5, within(ROUNDING));
    assertThat(scored.get("f1:has-answer")).isCloseTo(100 * 2.0 / 3, within(ROUNDING));
    assertThat(scored.get("f1:no-answer")).isEqualTo(100);
    // Best is to answer all but spurious: 4 exact, and 4 2/3.
    assertThat(scored.get("exact-match:best")).isCloseTo(80, within(ROUNDING));
    assertThat(scored.get("exact-match-threshold:best")).isEqualTo(0.5);
    assertThat(scored.get("f1:best")).isCloseTo(100 * (4 + 2.0 / 3) / 5, within(ROUNDING));
    assertThat(scored.get("f1-threshold:best")).isEqualTo(0.75);
  }

  /** Questions that are all answered: the number of each, and its score or none that is right. */
  private static NoAnswerThreshold best(Object... numbersAndScores) {
    SequencedMap<String, Double> numbers = new LinkedHashMap<>();
    Map<String, QuestionScore> scores = new HashMap<>();
    for (int i = 0; i < numbersAndScores.length; i += 2) {
      String id = String.valueOf(i);
      numbers.put(id, (Double) numbersAndScores[i]);
      boolean hasAnswer = numbersAndScores[i + 1] instanceof Double;
      double score = hasAnswer ? (Double) numbersAndScores[i + 1] : 0;
      scores.put(id, new QuestionScore(hasAnswer, true, 0, score));
    }
    numbers.put("of no question", -9.0);
    return NoAnswerThreshold.best(numbers, scores, QuestionScore::f1);
  }

  @Test
  void thresholds() {
    String none = "none";
    // To answer none is best where no answer is right; the threshold is then 0 whatever the
    // numbers.
    assertThat(best(-3.0, none, -2.0, 1.0)).isEqualTo(new NoAnswerThreshold(0, 50, true));
    // The first of equal means.
    assertThat(best(1.0, 1.0, 2.0, none, 3.0, 1.0))
        .isEqualTo(new NoAnswerThreshold(1, 100 * 2.0 / 3, false));
    // Of equal numbers the order of the file counts, as in the official script.
    assertThat(best(-0.0, 1.0, 0.0, none)).isEqualTo(new NoAnswerThreshold(-0.0, 100, false));
    assertThat(best(0.0, none, -0.0, 1.0)).isEqualTo(new NoAnswerThreshold(0, 50, true));
  }

  /** With the threshold that a model is written with its answers have the best F1. */
  @Test
  void aModelMayHaveToSayNothing() {
    List<Question> questions =
        List.of(
            new Question("none", "?", CONTEXT, List.of(), List.of()),
            new Question("right", "?", CONTEXT, List.of("old cat"), List.of()));
    Map<String, String> wrong = Map.of("none", "cat", "right", "mat");
    SequencedMap<String, Double> numbers = new LinkedHashMap<>(Map.of("none", -1.0));
    numbers.put("right", 2.0);
    assertThat(Squad2Scorer.threshold(questions, wrong, numbers)).isEqualTo(Math.nextDown(-1.0));
    Map<String, String> right = Map.of("none", "cat", "right", "old cat");
    numbers.put("right", -4.0);
    assertThat(Squad2Scorer.threshold(questions, right, numbers)).isEqualTo(-4);
  }

  @Test
  void everyQuestionHasToBeThere() {
    expect(
        "{\"right\": \"\"}",
        "{}",
        "predictions: 4 of 5 questions are missing, the first is 'part'; expected one entry for"
            + " each");
    expect(
        PREDICTIONS,
        "{\"right\": 1}",
        "numbers: 4 of 5 questions are missing, the first is 'part'; expected one entry for each");
    expect(
        PREDICTIONS, "{\"right\": \"1\"}", "numbers: question 'right': \"1\", expected a number");
    expect(PREDICTIONS, "{\"right\": 1e999}", "numbers: question 'right': ");
  }

  private void expect(String predictions, String numbers, String message) {
    assertThatThrownBy(() -> Scored.of(scorer, folder, GOLD, predictions, numbers, 1))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder + "/" + message);
  }
}

package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.mirror4j.task.answer.SquadText.question;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Scored;

class AnswerScorerTest {
  private static final String CONTEXT = "The old cat sat on a red mat.";

  /** A few roundings of numbers up to 100. */
  private static final double ROUNDING = 1e-13;

  private static final String GOLD =
      SquadText.of(
          CONTEXT,
          question("exact", CONTEXT, "The old cat"),
          question("best", CONTEXT, "a red mat", "mat"),
          question("part", CONTEXT, "old cat sat"),
          question("wrong", CONTEXT, "on"),
          question("articles", CONTEXT, "The"),
          question("missing", CONTEXT, "old"));

  private static final String PREDICTIONS =
      """
      {"exact": "old cat!", "best": "the mat", "part": "cat sat on a mat", "wrong": "",
       "articles": "a", "of no question": "x"}
      """;

  @TempDir Path folder;

  @Test
  void byHand() {
    Scored scored = Scored.of(AnswerScorer.squad(), folder, GOLD, PREDICTIONS);
    assertThat(scored.figures()).containsOnlyKeys("items", "exact-match", "f1");
    assertThat(scored.get("items")).isEqualTo(6);
    // Exact: exact, best and articles, of which nothing is left on either side.
    assertThat(scored.get("exact-match")).isCloseTo(100.0 * 3 / 6, within(ROUNDING));
    // part has 2 of 4 words and 2 of 3: 2 * 1/2 * 2/3 / (1/2 + 2/3) = 4/7. Without words F1 is 0,
    // also for articles.
    assertThat(scored.get("f1")).isCloseTo(100 * (1 + 1 + 4.0 / 7) / 6, within(ROUNDING));
    assertThat(scored.notices())
        .containsExactly(
            "%s: ids of no question of %s are passed over: 1, as 'of no question'"
                .formatted(folder.resolve("predictions"), folder.resolve("gold")),
            "%s: 1 of 6 questions have no answer and count 0, the first is 'missing'"
                .formatted(folder.resolve("predictions")));
  }

  @Test
  void mrqaScoresAllAcceptedAnswers() {
    String gold =
        """
        {"header": {"dataset": "X", "split": "dev"}}
        {"context": "A red mat.", "qas": [
        """
                .strip()
            + "{\"qid\": \"1\", \"question\": \"What?\", \"answers\": [\"rug\", \"red mat\"],"
            + " \"detected_answers\": [{\"text\": \"Red Mat\", \"char_spans\": [[2, 8]]}]},"
            + "{\"qid\": \"2\", \"question\": \"What?\", \"answers\": [\"mat\"],"
            + " \"detected_answers\": []}]}\n";
    Scored scored =
        Scored.of(AnswerScorer.mrqa(), folder, gold, "{\"1\": \"the rug\", \"2\": \"red mat\"}");
    assertThat(scored.get("exact-match")).isEqualTo(50);
    assertThat(scored.get("f1")).isCloseTo(100 * (1 + 2.0 / 3) / 2, within(ROUNDING));
    assertThat(scored.notices()).isEmpty();
  }

  @Test
  void filesThatDoNotBelongTogether() {
    expect("{\"x\": \"\", \"y\": \"\"}", ": no id is that of a question, as 'x', expected ids of");
    expect("{}", ": no id, expected ids of questions of ");
    expect("{\"exact\": 3}", ": question 'exact': 3, expected a string");
    expect("[]", ": JSON ARRAY at the top, expected an object");
    expect("{\"exact\": \"\", \"exact\": \"\"}", ": not valid JSON: Duplicate");
  }

  private void expect(String predictions, String message) {
    assertThatThrownBy(() -> Scored.of(AnswerScorer.squad(), folder, GOLD, predictions))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("predictions") + message);
  }

  @Test
  void aQuestionWithoutAnAnswerIsOfTheOtherTask() {
    String gold = SquadText.of(CONTEXT, question("none", CONTEXT));
    assertThatThrownBy(() -> Scored.of(AnswerScorer.squad(), folder, gold, "{\"none\": \"\"}"))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("gold")
                + ": question 'none' has no answer, expected one at least; a file of SQuAD 2.0 is"
                + " scored as squad-2.0");
  }
}

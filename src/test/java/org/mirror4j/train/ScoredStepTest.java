package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;

/** Which step of a log the result of its run is of. */
class ScoredStepTest {
  @TempDir Path folder;

  private ScoredStep best(String... scores) throws IOException {
    StringBuilder log = new StringBuilder();
    for (int step = 1; step <= scores.length; step++) {
      log.append("{\"step\":%d,\"loss\":0.5%s}\n".formatted(step, scores[step - 1]));
    }
    Files.writeString(folder.resolve("train.jsonl"), log);
    return ScoredStep.best(folder);
  }

  private static String score(Object f1) {
    return ",\"scores\":{\"F1\":%s,\"accuracy\":9}".formatted(f1);
  }

  @Test
  void theFirstThatIsBest() throws IOException {
    ScoredStep best = best("", score(3), score(7.5), "", score(7.5), score(7));
    assertThat(best.step()).isEqualTo(3);
    assertThat(List.copyOf(best.scores().sequencedKeySet())).containsExactly("F1", "accuracy");
    assertThat(best.quality()).isEqualTo(7.5);
  }

  @Test
  void whatIsNotDefinedIsNeverBest() throws IOException {
    assertThat(best(score("\"NaN\""), score(-2), score("\"NaN\"")).step()).isEqualTo(2);
    ScoredStep last = best(score("\"NaN\""), score("\"NaN\""), "");
    assertThat(last.step()).isEqualTo(2);
    assertThat(last.quality()).isNaN();
  }

  @Test
  void logsWithoutScores() throws IOException {
    assertThatThrownBy(() -> best("", ""))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("train.jsonl")
                + ": has no scores, expected those of a run with a dev set");
    assertThat(ScoredStep.find(folder)).isEmpty();
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> ScoredStep.best(absent))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(absent.resolve("train.jsonl") + ": has no scores");
    assertThat(ScoredStep.find(absent)).isEmpty();
  }

  @Test
  void linesThatAreNone() {
    assertThatThrownBy(() -> best("", ","))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("train.jsonl") + ":2: ");
    assertThatThrownBy(() -> best("", ",\"scores\":4"))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("train.jsonl") + ":2: 'scores' is 4, expected an object");
  }
}

package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;

class FineTuningLogTest {
  @TempDir Path folder;

  private Map<String, Double> best(String log) throws IOException {
    Files.writeString(folder.resolve("train.jsonl"), log);
    return FineTuningLog.bestScores(folder);
  }

  /** As the trainer keeps the model: the first of equals; what is not defined is never best. */
  @Test
  void theFirstOfTheBest() throws IOException {
    assertThat(FineTuningLog.bestScores(folder)).isEmpty();
    assertThat(best("{\"step\":1,\"loss\":2}\n")).isEmpty();
    assertThat(
            best(
                """
                {"step":1,"scores":{"F1":"NaN","t":9}}
                {"step":2,"scores":{"F1":3.5,"t":-0.25}}
                {"step":3,"loss":1}
                {"step":4,"scores":{"F1":3.5,"t":7}}
                {"step":5,"scores":{"F1":3.25,"t":8}}
                """))
        .containsExactly(Map.entry("F1", 3.5), Map.entry("t", -0.25));
    assertThat(best("{\"step\":1,\"scores\":{\"F1\":\"NaN\"}}\n")).isEmpty();
  }

  @Test
  void aLineThatIsNone() {
    assertThatThrownBy(() -> best("{\"step\":1}\n{\"scores\":4}\n"))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("train.jsonl") + ":2: 'scores' is 4, expected an object");
  }
}

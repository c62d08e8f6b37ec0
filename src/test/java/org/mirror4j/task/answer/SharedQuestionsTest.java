package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.Scored;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;

/** Published predictions, and what the official scripts say of them, to the last bit. */
class SharedQuestionsTest {
  private static final Map<String, String> NAMES =
      Map.of(
          "exact_match", "exact-match",
          "exact", "exact-match",
          "f1", "f1",
          "total", "items",
          "HasAns_exact", "exact-match:has-answer",
          "HasAns_f1", "f1:has-answer",
          "HasAns_total", "items:has-answer",
          "NoAns_exact", "exact-match:no-answer",
          "NoAns_f1", "f1:no-answer",
          "NoAns_total", "items:no-answer");

  @Test
  void squad11() {
    Path folder = SharedData.require("data/qa/squad11");
    List<Map.Entry<String, JsonNode>> expected = expected(folder);
    assertThat(expected).hasSize(3);
    for (Map.Entry<String, JsonNode> system : expected) {
      Scored scored = scored(AnswerScorer.squad(), folder, system.getKey());
      for (String name : List.of("exact_match", "f1")) {
        assertThat(scored.get(NAMES.get(name)))
            .as(system.getKey() + " " + name)
            .isEqualTo(system.getValue().get(name).doubleValue());
      }
      // The others are counts of questions that are told.
      String told = String.join("\n", scored.notices());
      int unanswered = system.getValue().get("unanswered").intValue();
      assertThat(told.contains(unanswered + " of 10,570 questions have no answer"))
          .isEqualTo(unanswered > 0);
      int predictions = system.getValue().get("predictions").intValue();
      int unknown = predictions - (10_570 - unanswered);
      assertThat(told.contains("are passed over: " + unknown)).isEqualTo(unknown > 0);
    }
  }

  @Test
  void squad20() {
    Path folder = SharedData.require("data/qa/squad20");
    List<Map.Entry<String, JsonNode>> expected = expected(folder);
    assertThat(expected).hasSize(2);
    for (Map.Entry<String, JsonNode> system : expected) {
      Scored scored = scored(new Squad2Scorer(), folder, system.getKey());
      assertThat(scored.figures()).hasSize(system.getValue().size());
      for (Map.Entry<String, JsonNode> figure : system.getValue().properties()) {
        assertThat(scored.get(NAMES.get(figure.getKey())))
            .as(system.getKey() + " " + figure.getKey())
            .isEqualTo(figure.getValue().doubleValue());
      }
    }
  }

  private static List<Map.Entry<String, JsonNode>> expected(Path folder) {
    return List.copyOf(
        JsonFiles.readObject(folder.resolve("predictions/expected-scores.json")).properties());
  }

  private static Scored scored(Scorer scorer, Path folder, String system) {
    return Scored.of(
        scorer,
        new ScoredFiles(
            folder.resolve("dev.json.gz"), folder.resolve("predictions/" + system + ".json.gz")));
  }

  @ParameterizedTest
  @CsvSource({
    "squad11/dev.json.gz, 10570, 34726, 0",
    "squad11/train-du-test.json.gz, 11877, 11877, 0",
    "squad11/train-extra.json.gz, 6168, 6168, 0",
    "squad20/train-cs224n-dev.json.gz, 6078, -1, 3168",
    "squad20/dev.json.gz, 11873, -1, 5945",
    "policyqa/dev.json.gz, 3809, 6044, 0",
    "xquad/xquad.ar.json.gz, 1190, 1190, 0",
    "xquad/xquad.zh.json, 1190, 1190, 0",
    "mrqa/NewsQA_sample.jsonl, 17, 17, 0"
  })
  void everyAnswerIsWhereItsFileSays(String name, int questions, int spans, int unanswerable) {
    Path file = SharedData.require("data/qa").resolve(name);
    assertThat(file).matches(Files::isRegularFile);
    List<Question> read =
        name.endsWith(".jsonl") ? MrqaFile.read(file, notice -> {}) : SquadFile.read(file);
    assertThat(read).hasSize(questions);
    assertThat(read.stream().filter(question -> !question.hasAnswer())).hasSize(unanswerable);
    if (spans >= 0) {
      assertThat(read.stream().mapToInt(question -> question.spans().size()).sum())
          .isEqualTo(spans);
    }
  }
}

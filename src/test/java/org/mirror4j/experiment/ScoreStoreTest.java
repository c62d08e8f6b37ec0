package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.Measurement.Measure;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/** Scores on disk. */
class ScoreStoreTest {
  private static final ObjectNode KEY = JsonFiles.object().put("model", "a");

  @TempDir Path folder;

  private ScoreStore store() {
    return new ScoreStore(folder);
  }

  /** Also one that is not defined: the model has been made, and would score no better. */
  @Test
  void whatIsKeptIsFound() {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    scores.put("mean", Double.NaN);
    scores.put("Pearson", 1.0 / 3);
    SequencedMap<String, Double> none = new LinkedHashMap<>();
    for (SequencedMap<String, Double> last : List.of(scores, none)) {
      Optional<Double> seconds = last.isEmpty() ? Optional.empty() : Optional.of(12.5);
      ScoreStore.TaskScores all = new ScoreStore.TaskScores(scores, last, seconds);
      store().put(KEY, all);
      assertThat(store().getScores(KEY)).contains(all);
    }
    assertThat(store().getScores(JsonFiles.object().put("model", "b"))).isEmpty();
  }

  /** As above; else it would be made and measured again each time. */
  @Test
  void measurementsThatAreNotDefined() throws IOException {
    Measurement undefined = new Measurement("a", Measure.SPEARMAN, Double.NaN, 3, 0);
    ScoreStore.Scores all =
        new ScoreStore.Scores(
            List.of(undefined, new Measurement("a", Measure.AUC, 1.0 / 3, 3, 0)), Optional.of(2.0));
    store().put(KEY, all);
    assertThat(store().get(KEY)).contains(all);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.findFirst().orElseThrow()).content().contains("null").doesNotContain("NaN");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"key\":{},\"scores\":{},\"seconds\":1}|no score, expected one at least",
        "{\"key\":{},\"scores\":{\"F1\":\"x\"},\"seconds\":1}"
            + "|the score 'F1' is \"x\", expected a number or null",
        "{\"key\":{},\"scores\":{\"F1\":1},\"lastStep\":{\"F1\":[]},\"seconds\":1}"
            + "|the score 'F1' is [], expected a number or null",
        "{\"key\":{},\"measurements\":[],\"seconds\":1}|unknown key 'measurements'",
      })
  void whatIsNoneOfTheseIsRefused(String json, String message) throws IOException {
    store()
        .put(
            KEY,
            new ScoreStore.TaskScores(
                new LinkedHashMap<>(), new LinkedHashMap<>(), Optional.of(1.0)));
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    Files.writeString(file, json);
    assertThatThrownBy(() -> store().getScores(KEY))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }
}

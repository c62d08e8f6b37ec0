package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.classification.GlueKind;
import org.mirror4j.task.tagging.TaggingKind;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingInterruptedException;

/** Rows of tables whose models are fine-tuned for a task, from a few lines each. */
class FineTunedRowsTest {
  private static final String SETTINGS =
      """
      "settings": {"epochs": 3, "batchSize": 4, "maxLength": 12, "evaluations": 1,
            "learningRate": 1e-3}\
      """;

  /** Ends no earlier, but might. */
  private static final String PATIENT = SETTINGS.replace("}", ", \"patience\": 50}");

  /** Of the first model two sets are scored; the second is trained on what the first is. */
  private static final String TASKS =
      """
      {"name": "tasks", "title": "Tasks", "published": "finetuning", "tasks": [], "variants": [
        {"label": "RTE", "published": "BERT-base", "model": "tiny", "differs": "a tiny model",
          "finetuning": {"task": "rte", "train": {"files": ["rte.tsv"], "butEach": 3},
            "dev": {"RTE": {"files": ["rte.tsv"], "each": 3}, "QNLI": {"files": ["more.tsv"]}},
            "share": {"there": 8, "all": 32}, SETTINGS}},
        {"label": "tags", "model": "tiny",
          "finetuning": {"task": "tagging", "train": {"files": ["tags.txt"]},
            "dev": {"tags": {"files": ["tags.txt"]}}, PATIENT}},
        {"label": "no task", "model": "tiny",
          "finetuning": {"task": "chess", "train": {"files": ["rte.tsv"]},
            "dev": {"chess": {"files": ["rte.tsv"]}}, SETTINGS}},
        {"label": "no option", "model": "tiny",
          "finetuning": {"task": "rte", "train": {"files": ["rte.tsv"]},
            "dev": {"option": {"files": ["rte.tsv"]}}, "options": {"depth": 3}, SETTINGS}},
        {"label": "no data", "model": "tiny",
          "finetuning": {"task": "rte", "train": {"files": ["absent.tsv"]},
            "dev": {"absent": {"files": ["rte.tsv"]}}, SETTINGS}},
        {"label": "no model", "model": "huge",
          "finetuning": {"task": "rte", "train": {"files": ["rte.tsv"]},
            "dev": {"huge": {"files": ["rte.tsv"]}}, SETTINGS}}]}\
      """;

  /** Beside a model whose vectors are measured. */
  private static final String MIXED =
      """
      {"name": "mixed", "title": "Mixed", "tasks": ["pairs:pairs.tsv"], "variants": [
        {"label": "text", PRETRAINED, "pooling": "mean"},
        {"label": "text, RTE", PRETRAINED,
          "finetuning": {"task": "rte", "train": {"files": ["rte.tsv"]},
            "dev": {"RTE": {"files": ["more.tsv"]}}, SETTINGS}}]}\
      """;

  private static final String PRETRAINED =
      """
      "pretrained": {"recipe": "bundled", "corpus": ["text.txt"], "size": "tiny", "vocabSize": 80,
            "settings": {"steps": 3, "batchTokens": 64, "deviceTokens": 64, "warmupSteps": 1,
              "maxLength": 16, "shuffleBlocks": 20}}\
      """;

  /** Three epochs of eight examples and of as many sentences, each in batches of four. */
  private static final int STEPS = 6;

  @TempDir Path folder;
  private Path data;
  private Path store;
  private boolean knownOnly;

  @BeforeEach
  void writeData() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    store = folder.resolve("store");
    TinyRun.model(folder.resolve("tiny"), TinyRun.parameters());
    Files.write(data.resolve("text.txt"), TinyRun.documents(40, 4));
    writePairs("rte.tsv", 12, 3);
    writePairs("more.tsv", 7, 5);
    List<String> words = new ArrayList<>();
    List<String> pairs = new ArrayList<>();
    for (String text : TinyRun.texts(8, 6)) {
      String[] all = text.split(" ");
      for (int i = 0; i < all.length; i++) {
        words.add(all[i] + (all[i].startsWith("b") ? " B-B" : " O"));
      }
      words.add("");
      pairs.add("%s\tba\t%d".formatted(text, pairs.size() * 5 % 8));
    }
    Files.write(data.resolve("tags.txt"), words);
    Files.write(data.resolve("pairs.tsv"), pairs);
  }

  private void writePairs(String name, int count, long seed) throws IOException {
    List<String> texts = TinyRun.texts(count, seed);
    List<String> rows = new ArrayList<>(List.of("index\tsentence1\tsentence2\tlabel"));
    for (int i = 0; i < count; i++) {
      String label = texts.get(i).length() % 2 == 0 ? "entailment" : "not_entailment";
      rows.add("%d\t%s\tba\t%s".formatted(i, texts.get(i), label));
    }
    Files.write(data.resolve(name), rows);
  }

  private static Tables tables(String table) {
    String json =
        "{\"tables\": [%s]}"
            .formatted(table)
            .replace("PRETRAINED", PRETRAINED)
            .replace("SETTINGS", SETTINGS)
            .replace("PATIENT", PATIENT);
    return TinyTables.parse(json);
  }

  private ReproducedTable run(
      ReproductionRecorder recorder, String table, int seeds, boolean keepModels) {
    List<TaskKind> kinds = new ArrayList<>(GlueKind.all());
    kinds.add(new TaggingKind());
    try (Device device = new HostDevice(1)) {
      return new Reproduction(
              device,
              new Reproduction.Settings(data, store, seeds, Precision.F32, keepModels, knownOnly),
              this::model,
              kinds,
              recorder)
          .run(tables(table))
          .getFirst();
    }
  }

  private Path model(String name) {
    if (!Files.exists(folder.resolve(name))) {
      throw new FileException(name + ": not there");
    }
    return folder.resolve(name);
  }

  private static List<Double> values(ReproducedTable table, String set, String measure) {
    return TinyTables.values(table, Map.of("task", set, "measure", measure));
  }

  @Test
  void aScoreASeedOfEachSet() throws IOException {
    ReproductionRecorder recorder = new ReproductionRecorder();
    ReproducedTable table = run(recorder, TASKS, 2, true);
    assertThat(recorder.plan.fineTunings()).isEqualTo(4);
    assertThat(recorder.plan.tunings()).isZero();
    assertThat(recorder.plan.known()).isZero();
    assertThat(recorder.plan.seconds()).isPositive();
    assertThat(recorder.steps).isEqualTo(4 * STEPS);
    assertThat(recorder.scored).startsWith("RTE accuracy", "QNLI accuracy", "RTE accuracy");
    assertThat(values(table, "RTE", "accuracy")).hasSize(2);
    assertThat(values(table, "QNLI", "accuracy"))
        .hasSize(2)
        .allSatisfy(value -> assertThat(value * 7 / 100).isBetween(0.0, 7.0));
    assertThat(values(table, "tags", "F1")).hasSize(2);
    assertThat(values(table, "tags", "recall")).hasSize(2);
    assertThat(TinyTables.stored(store, "models")).hasSize(4);
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
    assertThat(TinyTables.stored(store, "corpora"))
        .extracting(path -> path.getFileName().toString().replaceFirst("[0-9a-f]{12}", "DIGEST"))
        .containsExactly("rte.but-each-3.DIGEST.tsv", "rte.each-3.DIGEST.tsv");

    ReproductionRecorder again = new ReproductionRecorder();
    assertThat(run(again, TASKS, 2, false).json()).isEqualTo(table.json());
    assertThat(again.steps).isZero();
    assertThat(again.plan.known()).isEqualTo(6);
  }

  @Test
  void aLineASet() {
    String text = run(new ReproductionRecorder(), TASKS, 2, false).text();
    assertThat(text)
        .startsWith("Tasks\ndata ")
        .containsPattern(
            "RTE\\* +accuracy +tiny +25\\.0 % +2 +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+"
                + " +65\\.7, [-+][0-9.]+ \\(best step\\) +[0-9]+\n")
        .containsPattern(
            "QNLI\\* +accuracy +tiny +25\\.0 % +2 +[0-9.]+ ± [0-9.]+ +-"
                + " +90\\.66, [-+][0-9.]+ \\(best step\\) +[0-9]+\n")
        .containsPattern("tags +F1 +tiny +all +2 +[0-9.]+ ± [0-9.]+ +- +- +[0-9]+\n")
        .doesNotContain("recall")
        .containsPattern("no task +- +tiny +- +0 +- +- +- +-\n")
        .contains("  RTE*: a tiny model\n")
        .contains(
            "published, and ours of the step that is named less that: transformers,"
                + " README of its GLUE example, bert-base-cased, dev: CoLA");
    JsonNode cell = run(new ReproductionRecorder(), TASKS, 2, false).json().path("cells").get(0);
    assertThat(cell.path("trainingShare").doubleValue()).isEqualTo(0.25);
    assertThat(cell.path("published").doubleValue()).isEqualTo(65.7);
    assertThat(cell.path("model").textValue()).isEqualTo("tiny");
    assertThat(cell.path("secondsPerRun").doubleValue()).isPositive();
  }

  @Test
  void rowsThatCannotBeDoneAreLeftOut() {
    ReproductionRecorder recorder = new ReproductionRecorder();
    String absent = data.resolve("absent.tsv") + ": no such file";
    ReproducedTable table = run(recorder, TASKS, 1, false);
    assertThat(recorder.notices)
        .contains(
            "tasks: no task is left out: models cannot be fine-tuned for chess",
            "tasks: no option is left out: rte takes no options, expected none of depth",
            "tasks: no model is left out: huge: not there")
        .anyMatch(notice -> notice.startsWith("tasks: no data is left out: " + absent));
    assertThat(table.text())
        .contains("  no task: left out: models cannot be fine-tuned for chess\n")
        .contains("  no data: left out: " + absent);
    String none = TASKS.replace("\"tiny\"", "\"huge\"");
    assertThatThrownBy(() -> run(new ReproductionRecorder(), none, 1, false))
        .isInstanceOf(FileException.class)
        .hasMessage("huge: not there");
  }

  /** What a file says is refused before anything is trained. */
  @Test
  void aFileOfAnotherForm() throws IOException {
    Files.writeString(data.resolve("tags.txt"), "ba B-B\nda O O\nda nonsense\n");
    ReproductionRecorder recorder = new ReproductionRecorder();
    assertThatThrownBy(() -> run(recorder, TASKS, 1, false))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(data.resolve("tags.txt") + ":3: the tag is 'nonsense'");
    assertThat(recorder.steps).isZero();
  }

  @Test
  void whatWasInterruptedGoesOnAndComesOutTheSame() throws IOException {
    ReproducedTable whole = run(new ReproductionRecorder(), TASKS, 1, false);
    store = folder.resolve("interrupted");
    ReproductionRecorder stopped = new ReproductionRecorder();
    stopped.stopAt = STEPS + 2;
    assertThatThrownBy(() -> run(stopped, TASKS, 1, false))
        .isInstanceOf(TrainingInterruptedException.class);
    knownOnly = true;
    ReproducedTable known = run(new ReproductionRecorder(), TASKS, 1, false);
    assertThat(values(known, "RTE", "accuracy")).hasSize(1);
    assertThat(values(known, "tags", "F1")).isEmpty();
    knownOnly = false;
    data = data.resolve("../data"); // as from another folder
    ReproductionRecorder rest = new ReproductionRecorder();
    ReproducedTable table = run(rest, TASKS, 1, false);
    assertThat(rest.steps).isEqualTo(STEPS - 2);
    for (String set : List.of("RTE", "QNLI")) {
      assertThat(values(table, set, "accuracy")).isEqualTo(values(whole, set, "accuracy"));
    }
    assertThat(values(table, "tags", "F1")).isEqualTo(values(whole, "tags", "F1"));
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
    // What the part before took is not known.
    assertThat(table.json().path("cells").valueStream())
        .allSatisfy(
            cell ->
                assertThat(cell.has("secondsPerRun"))
                    .isEqualTo(!cell.path("task").textValue().equals("tags")));
  }

  /** Shown, and said to be; where more is asked for than what is known it is not taken. */
  @Test
  void whatAnEarlierVersionScored() throws IOException {
    run(new ReproductionRecorder(), TASKS, 1, false);
    for (Path file : TinyTables.stored(store, "scores")) {
      ObjectNode scores = JsonFiles.readObject(file);
      ObjectNode key = (ObjectNode) scores.get("key");
      assertThat(key.put("protocol", 1).has("task")).isTrue();
      Files.delete(file);
      Path earlier = file.resolveSibling(ScoreStore.digest(key) + ".json");
      Files.write(earlier, JsonFiles.bytes(scores));
    }
    knownOnly = true;
    ReproducedTable known = run(new ReproductionRecorder(), TASKS, 1, false);
    assertThat(values(known, "RTE", "accuracy")).hasSize(1);
    assertThat(known.text())
        .contains("on the device cpu in f32, fine-tuned as an earlier version did");
    knownOnly = false;
    ReproductionRecorder again = new ReproductionRecorder();
    run(again, TASKS, 1, false);
    assertThat(again.plan.known()).isZero();
  }

  /** Changed data make another score; what has none of it is known. */
  @Test
  void whatDeterminesAScoreIsAskedFor() throws IOException {
    run(new ReproductionRecorder(), TASKS, 1, false);
    writePairs("more.tsv", 9, 7);
    ReproductionRecorder more = new ReproductionRecorder();
    run(more, TASKS, 1, false);
    assertThat(more.plan.known()).isEqualTo(2);
    writePairs("rte.tsv", 12, 8);
    ReproductionRecorder other = new ReproductionRecorder();
    run(other, TASKS, 1, false);
    assertThat(other.plan.known()).isEqualTo(1);
    assertThat(other.steps).isEqualTo(STEPS);
  }

  @Test
  void besideModelsWhoseVectorsAreMeasured() throws IOException {
    ReproductionRecorder recorder = new ReproductionRecorder();
    ReproducedTable table = run(recorder, MIXED, 1, false);
    assertThat(recorder.plan.pretrainings()).isEqualTo(1);
    assertThat(recorder.plan.fineTunings()).isEqualTo(1);
    assertThat(recorder.steps).isEqualTo(3 + 9);
    assertThat(table.text())
        .containsPattern("model +runs +pairs\\.tsv Spearman +RTE accuracy\n")
        .containsPattern("text +1 +[-0-9.]+ +-\n")
        .containsPattern("text, RTE +1 +- +[0-9.]+\n");
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
  }
}

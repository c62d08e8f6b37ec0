package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingInterruptedException;
import org.mirror4j.train.TrainingListener;

/** Rows of tables whose models are made from a few lines of text, of which some are then tuned. */
class PretrainedRowsTest {
  private static final String SETTINGS =
      """
      "steps": 6, "batchTokens": 64, "deviceTokens": 64, "warmupSteps": 2, "maxLength": 16,
            "shuffleBlocks": 20\
      """;

  private static final String TOKENS =
      """
      "pretrained": {"recipe": "bundled", "corpus": ["text-*.txt"], "size": "tiny", "vocabSize": 80,
            "settings": {SETTINGS}}\
      """;

  /** The first model is measured as it is and tuned, by another task. */
  private static final String TABLE =
      """
      {"tables": [
        {"name": "rows", "title": "Rows", "tasks": ["pairs:pairs.tsv"], "variants": [
          {"label": "tokens", TOKENS, "pooling": "mean"},
          {"label": "tokens + Mirror", TOKENS, "tasks": ["pairs:more.tsv"],
            "tuning": {"recipe": "word", "corpus": "corpus.txt",
              "settings": {"batchSize": 8, "maxLength": 12, "learningRate": 1e-3}}},
          {"label": "spans", "pooling": "mean", "pretrained": {
            "recipe": "bundled", "corpus": ["text-b.txt", "text-a.txt"], "size": "tiny",
            "vocabSize": 80, "settings": {"objective": "span+sbo", SETTINGS}},
            "calibration": {"linear": ["standardisation"]}}]}]}
      """;

  /** Six of each of two pretrainings and two epochs of three batches, with two seeds. */
  private static final int ALL_STEPS = 2 * (6 + 6 + 6);

  @TempDir Path folder;
  private Path data;
  private Path store;

  @BeforeEach
  void writeData() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    store = folder.resolve("store");
    Files.write(data.resolve("text-b.txt"), TinyRun.documents(40, 4));
    Files.write(data.resolve("text-a.txt"), TinyRun.documents(60, 5));
    List<String> texts = TinyRun.texts(24, 3);
    Files.write(data.resolve("corpus.txt"), texts);
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      pairs.add("%s\t%s\t%d".formatted(texts.get(i), texts.get(23 - i), i * 7 % 12));
    }
    Files.write(data.resolve("pairs.tsv"), pairs);
    Files.write(data.resolve("more.tsv"), pairs.subList(0, 9).reversed());
  }

  private static Tables tables() {
    String json = TABLE.replace("TOKENS", TOKENS).replace("SETTINGS", SETTINGS);
    return TinyTables.parse(json);
  }

  private ReproducedTable run(
      ReproductionRecorder recorder, Tables tables, int seeds, boolean keepModels) {
    return run(
        recorder,
        tables,
        new Reproduction.Settings(data, store, seeds, Precision.F32, keepModels, false));
  }

  private static ReproducedTable run(
      ReproductionRecorder recorder, Tables tables, Reproduction.Settings settings) {
    try (Device device = new HostDevice(1)) {
      return new Reproduction(
              device,
              settings,
              name -> {
                if (!Files.exists(settings.data().resolveSibling(name))) {
                  throw new FileException(name + ": not there");
                }
                return settings.data().resolveSibling(name);
              },
              List.of(),
              recorder)
          .run(tables)
          .getFirst();
    }
  }

  /** The models are byte for byte those that the methods make by themselves. */
  @Test
  void modelsFromTextAreMadeMeasuredAndTuned() throws IOException {
    ReproductionRecorder recorder = new ReproductionRecorder();
    ReproducedTable table = run(recorder, tables(), 2, true);
    assertThat(recorder.plan.pretrainings()).isEqualTo(4);
    assertThat(recorder.plan.tunings()).isEqualTo(2);
    assertThat(recorder.plan.evaluations()).isEqualTo(6);
    assertThat(recorder.plan.seconds()).isPositive();
    assertThat(recorder.steps).isEqualTo(ALL_STEPS);
    assertThat(recorder.measured)
        .containsExactly(
            "pairs.tsv", "pairs.tsv", "more.tsv", "more.tsv", "pairs.tsv", "pairs.tsv");
    for (String row : List.of("tokens", "tokens + Mirror", "spans")) {
      assertThat(TinyTables.values(table, row)).as(row).hasSize(2).doesNotHaveDuplicates();
    }
    assertThat(table.text())
        .contains(
            "pretrained from text: size tiny, 80 word pieces, 6 steps of 64 tokens, blocks of 16"
                + " tokens");
    // Two of each row, and of the calibrated one also what was calibrated.
    List<Path> models = TinyTables.stored(store, "models");
    assertThat(models).hasSize(8);
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
    List<byte[]> weights = new ArrayList<>();
    for (Path model : models) {
      weights.add(TinyRun.weights(model));
    }
    Path pretrained = folder.resolve("pretrained");
    Path tuned = folder.resolve("tuned");
    Variant row = tables().tables().getFirst().variants().get(1);
    RunOptions options = new RunOptions(RunOptions.NEVER, false, false);
    pretrain(
        new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
        row.pretrained().orElseThrow().settings(43),
        pretrained);
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new MirrorTraining(
              pretrained,
              "test",
              data.resolve("corpus.txt"),
              "test",
              "test",
              row.tuning().orElseThrow().settings(43)),
          tuned,
          options,
          new TrainingListener() {});
    }
    assertThat(weights).contains(TinyRun.weights(pretrained), TinyRun.weights(tuned));

    ReproductionRecorder again = new ReproductionRecorder();
    assertThat(run(again, tables(), 2, false).json()).isEqualTo(table.json());
    assertThat(again.steps).isZero();
    assertThat(again.plan.known()).isEqualTo(6);
    // Of a third seed nothing is known, of two all.
    ReproducedTable known =
        run(
            new ReproductionRecorder(),
            tables(),
            new Reproduction.Settings(data, store, 3, Precision.F32, false, true));
    assertThat(TinyTables.values(known, "tokens")).isEqualTo(TinyTables.values(table, "tokens"));
    assertThat(TinyTables.values(known, "spans")).isEqualTo(TinyTables.values(table, "spans"));
  }

  /** As the method goes on from a model; another model to go on from makes another. */
  @Test
  void modelsGoOnFromOthers() throws IOException {
    Path start = folder.resolve("start");
    PretrainingSettings settings =
        tables().tables().getFirst().variants().getFirst().pretrained().orElseThrow().settings(42);
    String further =
        """
        {"tables": [{"name": "rows", "title": "Rows", "tasks": ["pairs:pairs.tsv"], "variants": [
          {"label": "further", "model": "start", "pooling": "mean", "pretrained": {
            "recipe": "bundled", "corpus": ["text-*.txt"], "settings": {SETTINGS}}}]}]}
        """
            .replace("SETTINGS", SETTINGS);
    List<byte[]> expected = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      Path from = folder.resolve("from" + seed);
      Path on = folder.resolve("on" + seed);
      pretrain(
          new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
          settings.with(Map.of("seed", seed)),
          from);
      pretrain(new PretrainingStart.Model(from, "start"), settings, on);
      expected.add(TinyRun.weights(on));
      Files.deleteIfExists(start);
      Files.createSymbolicLink(start, from);
      ReproducedTable table = run(new ReproductionRecorder(), TinyTables.parse(further), 1, true);
      assertThat(TinyTables.values(table, "further")).hasSize(1);
      assertThat(table.text())
          .contains(
              "pretrained from text: on from the model start, 6 steps of 64 tokens, blocks of 16"
                  + " tokens");
    }
    List<byte[]> weights = new ArrayList<>();
    for (Path model : TinyTables.stored(store, "models")) {
      weights.add(TinyRun.weights(model));
    }
    assertThat(weights).hasSize(2).containsExactlyInAnyOrderElementsOf(expected);
  }

  private void pretrain(PretrainingStart start, PretrainingSettings settings, Path output)
      throws IOException {
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(data.resolve("text-a.txt"), data.resolve("text-b.txt")),
              Optional.empty(),
              start,
              "test",
              settings),
          output,
          new RunOptions(RunOptions.NEVER, false, false),
          new TrainingListener() {});
    }
  }

  @Test
  void nothingStaysOfWhatIsMeasured() throws IOException {
    ReproductionRecorder recorder = new ReproductionRecorder();
    run(recorder, tables(), 2, false);
    assertThat(recorder.steps).as("a model that is tuned too is made once").isEqualTo(ALL_STEPS);
    assertThat(TinyTables.stored(store, "models")).isEmpty();
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
  }

  /** Stopped in a pretraining, then killed in a tuning whose start is there by then. */
  @Test
  void whatWasInterruptedGoesOnAndComesOutTheSame() throws IOException {
    ReproducedTable whole = run(new ReproductionRecorder(), tables(), 1, false);
    store = folder.resolve("interrupted");
    ReproductionRecorder stopped = new ReproductionRecorder();
    stopped.stopAt = 4;
    assertThatThrownBy(() -> run(stopped, tables(), 1, false))
        .isInstanceOf(TrainingInterruptedException.class);
    assertThat(stopped.steps).isEqualTo(4);
    ReproductionRecorder killed = new ReproductionRecorder();
    killed.killAt = 5;
    assertThatThrownBy(() -> run(killed, tables(), 1, false)).isInstanceOf(TinyRun.Killed.class);
    assertThat(killed.measured).as("after two more steps").containsExactly("pairs.tsv");
    ReproductionRecorder rest = new ReproductionRecorder();
    ReproducedTable table = run(rest, tables(), 1, false);
    assertThat(rest.steps).as("the tuning from its start, the second pretraining").isEqualTo(12);
    assertThat(rest.plan.known()).isEqualTo(1);
    for (String row : List.of("tokens", "tokens + Mirror", "spans")) {
      assertThat(TinyTables.values(table, row))
          .as(row)
          .hasSize(1)
          .isEqualTo(TinyTables.values(whole, row));
    }
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
  }

  @Test
  void whatDeterminesAModelIsAskedFor() throws IOException {
    run(new ReproductionRecorder(), tables(), 1, false);
    ReproductionRecorder larger = new ReproductionRecorder();
    ReproducedTable known =
        run(
            larger,
            tables().of(ModelSize.MINI),
            new Reproduction.Settings(data, store, 1, Precision.F32, false, true));
    assertThat(larger.plan.known()).isZero();
    assertThat(known.isEmpty()).isTrue();
    assertThat(known.text()).contains("pretrained from text: size mini, ");
    Files.write(data.resolve("text-c.txt"), TinyRun.documents(8, 6));
    ReproductionRecorder more = new ReproductionRecorder();
    run(more, tables(), 1, false);
    assertThat(more.plan.known()).as("of the row that has its files by name").isEqualTo(1);
  }

  @Test
  void aCorpusThatIsNotThere() throws IOException {
    Files.delete(data.resolve("text-a.txt"));
    assertThatThrownBy(() -> run(new ReproductionRecorder(), tables(), 1, false))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(data.resolve("text-a.txt") + ": no such file");
    Files.delete(data.resolve("text-b.txt"));
    assertThatThrownBy(() -> run(new ReproductionRecorder(), tables(), 1, false))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(data.resolve("text-*.txt") + ": no such file");
  }
}

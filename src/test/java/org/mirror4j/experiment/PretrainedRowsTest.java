package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.eval.Measurement;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
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

  private static final class Recorder implements ReproductionListener {
    final List<String> measured = new ArrayList<>();
    int steps;
    int stopAt = -1;
    int killAt = -1;
    Plan plan;

    @Override
    public void notice(String message) {}

    @Override
    public void planned(List<ReproducedTable> tables, Plan all) {
      plan = all;
    }

    @Override
    public void model(String table, String variant, int number, int of, double secondsLeft) {}

    @Override
    public TrainingListener training() {
      return new TrainingListener() {
        @Override
        public void step(StepRecord step) {
          steps++;
          if (steps == killAt) {
            throw new TinyRun.Killed();
          }
        }

        @Override
        public boolean stopRequested() {
          return steps == stopAt;
        }
      };
    }

    @Override
    public void task(String task) {
      measured.add(task);
    }

    @Override
    public void progress(String what, long done, long of) {}

    @Override
    public void measured(Measurement measurement) {}

    @Override
    public void scored(String set, String measure, double value) {}
  }

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
    return JsonRecords.read(
        Tables.class,
        JsonFiles.parseObject(json.getBytes(StandardCharsets.UTF_8), "tables"),
        "tables");
  }

  private ReproducedTable run(Recorder recorder, Tables tables, int seeds, boolean keepModels) {
    return run(
        recorder,
        tables,
        new Reproduction.Settings(data, store, seeds, DType.F32, keepModels, false));
  }

  private static ReproducedTable run(
      Recorder recorder, Tables tables, Reproduction.Settings settings) {
    try (Device device = new HostDevice(1)) {
      return new Reproduction(
              device,
              settings,
              name -> {
                throw new FileException(name + ": not there");
              },
              List.of(),
              recorder)
          .run(tables)
          .getFirst();
    }
  }

  /** By row, those of all seeds. */
  private static List<Double> values(ReproducedTable table, String variant) {
    List<Double> values = new ArrayList<>();
    for (JsonNode cell : table.json().path("cells")) {
      if (cell.path("variant").asText().equals(variant)) {
        cell.path("values").forEach(value -> values.add(value.doubleValue()));
      }
    }
    return values;
  }

  private List<Path> stored(String name) throws IOException {
    if (!Files.exists(store.resolve(name))) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(store.resolve(name))) {
      return all.sorted().toList();
    }
  }

  /** The models are byte for byte those that the methods make by themselves. */
  @Test
  void modelsFromTextAreMadeMeasuredAndTuned() throws IOException {
    Recorder recorder = new Recorder();
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
      assertThat(values(table, row)).as(row).hasSize(2).doesNotHaveDuplicates();
    }
    assertThat(table.text())
        .contains(
            "pretrained from text: size tiny, 80 word pieces, 6 steps of 64 tokens, blocks of 16"
                + " tokens");
    // Two of each row, and of the calibrated one also what was calibrated.
    List<Path> models = stored("models");
    assertThat(models).hasSize(8);
    assertThat(stored("unmeasured")).isEmpty();
    List<byte[]> weights = new ArrayList<>();
    for (Path model : models) {
      weights.add(TinyRun.weights(model));
    }
    Path pretrained = folder.resolve("pretrained");
    Path tuned = folder.resolve("tuned");
    Variant row = tables().tables().getFirst().variants().get(1);
    RunOptions options = new RunOptions(RunOptions.NEVER, false, false);
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(data.resolve("text-a.txt"), data.resolve("text-b.txt")),
              Optional.empty(),
              new PretrainingStart.Fresh(ModelSize.TINY, 80),
              "test",
              row.pretrained().orElseThrow().settings(43)),
          pretrained,
          options,
          new TrainingListener() {});
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

    Recorder again = new Recorder();
    assertThat(run(again, tables(), 2, false).json()).isEqualTo(table.json());
    assertThat(again.steps).isZero();
    assertThat(again.plan.known()).isEqualTo(6);
    // Of a third seed nothing is known, of two all.
    ReproducedTable known =
        run(
            new Recorder(),
            tables(),
            new Reproduction.Settings(data, store, 3, DType.F32, false, true));
    assertThat(values(known, "tokens")).isEqualTo(values(table, "tokens"));
    assertThat(values(known, "spans")).isEqualTo(values(table, "spans"));
  }

  @Test
  void nothingStaysOfWhatIsMeasured() throws IOException {
    Recorder recorder = new Recorder();
    run(recorder, tables(), 2, false);
    assertThat(recorder.steps).as("a model that is tuned too is made once").isEqualTo(ALL_STEPS);
    assertThat(stored("models")).isEmpty();
    assertThat(stored("unmeasured")).isEmpty();
  }

  /** Stopped in a pretraining, then killed in a tuning whose start is there by then. */
  @Test
  void whatWasInterruptedGoesOnAndComesOutTheSame() throws IOException {
    ReproducedTable whole = run(new Recorder(), tables(), 1, false);
    store = folder.resolve("interrupted");
    Recorder stopped = new Recorder();
    stopped.stopAt = 4;
    assertThatThrownBy(() -> run(stopped, tables(), 1, false))
        .isInstanceOf(TrainingInterruptedException.class);
    assertThat(stopped.steps).isEqualTo(4);
    Recorder killed = new Recorder();
    killed.killAt = 5;
    assertThatThrownBy(() -> run(killed, tables(), 1, false)).isInstanceOf(TinyRun.Killed.class);
    assertThat(killed.measured).as("after two more steps").containsExactly("pairs.tsv");
    Recorder rest = new Recorder();
    ReproducedTable table = run(rest, tables(), 1, false);
    assertThat(rest.steps).as("the tuning from its start, the second pretraining").isEqualTo(12);
    assertThat(rest.plan.known()).isEqualTo(1);
    for (String row : List.of("tokens", "tokens + Mirror", "spans")) {
      assertThat(values(table, row)).as(row).hasSize(1).isEqualTo(values(whole, row));
    }
    assertThat(stored("unmeasured")).isEmpty();
  }

  @Test
  void whatDeterminesAModelIsAskedFor() throws IOException {
    run(new Recorder(), tables(), 1, false);
    Recorder larger = new Recorder();
    ReproducedTable known =
        run(
            larger,
            tables().of(ModelSize.MINI),
            new Reproduction.Settings(data, store, 1, DType.F32, false, true));
    assertThat(larger.plan.known()).isZero();
    assertThat(known.isEmpty()).isTrue();
    assertThat(known.text()).contains("pretrained from text: size mini, ");
    Files.write(data.resolve("text-c.txt"), TinyRun.documents(8, 6));
    Recorder more = new Recorder();
    run(more, tables(), 1, false);
    assertThat(more.plan.known()).as("of the row that has its files by name").isEqualTo(1);
  }

  @Test
  void aCorpusThatIsNotThere() throws IOException {
    Files.delete(data.resolve("text-a.txt"));
    assertThatThrownBy(() -> run(new Recorder(), tables(), 1, false))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(data.resolve("text-a.txt") + ": no such file");
    Files.delete(data.resolve("text-b.txt"));
    assertThatThrownBy(() -> run(new Recorder(), tables(), 1, false))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(data.resolve("text-*.txt") + ": no such file");
  }
}

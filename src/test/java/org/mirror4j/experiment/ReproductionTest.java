package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.predict.MaskedLoss;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;

class ReproductionTest {
  /** A model as it is beside two tunings, one of them as in the second table. */
  private static final String TABLES =
      """
      {"tables": [
        {"name": "first", "title": "First table", "tasks": ["pairs:pairs.tsv"], "variants": [
          {"label": "raw", "model": "tiny", "pooling": "cls", "maxLength": 12},
          {"label": "tuned", "model": "tiny", "tuning": {"recipe": "word", "corpus": "corpus.txt",
            "settings": {"batchSize": 8, "maxLength": 12, "learningRate": 1e-3}},
            "differs": "a tiny model"}]},
        {"name": "second", "title": "Second table", "tasks": ["pairs:pairs.tsv"],
          "axis": "temperature", "variants": [
          {"label": "0.2", "model": "tiny", "tuning": {"recipe": "word", "corpus": "corpus.txt",
            "settings": {"batchSize": 8, "maxLength": 12, "learningRate": 1e-3}}},
          {"label": "0.4", "model": "tiny", "tuning": {"recipe": "word", "corpus": "corpus.txt",
            "from": 8, "items": 16,
            "settings": {"batchSize": 8, "maxLength": 12, "temperature": 0.4}}}]},
        {"name": "third", "title": "Third table", "tasks": ["pairs:pairs.tsv", "pairs:more.tsv"],
          "variants": [
          {"label": "target", "model": "tiny", "pooling": "mean", "maxLength": 12,
            "calibration": {"linear": ["standardisation", "remove-directions"], "directions": 2,
              "target": {"more.tsv": ["pairs:PAIRS", "pairs:MORE"]}}},
          {"label": "corpus", "model": "tiny", "pooling": "mean", "maxLength": 12,
            "calibration": {"linear": ["whitening"], "dimension": 4, "corpus": "corpus.txt"}},
          {"label": "flow", "model": "tiny", "pooling": "mean", "maxLength": 12,
            "calibration": {"flow": "target", "corpus": "corpus.txt",
              "settings": {"batchSize": 8, "levels": 1, "width": 4, "epochs": 2}}},
          {"label": "both", "model": "tiny", "maxLength": 12,
            "tuning": {"recipe": "word", "corpus": "corpus.txt",
              "settings": {"batchSize": 8, "maxLength": 12, "learningRate": 1e-3}},
            "calibration": {"linear": ["standardisation"]}}]}]}
      """;

  @TempDir Path folder;
  private Path data;
  private Path store;
  private Tables tables;

  @BeforeEach
  void writeData() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    store = folder.resolve("store");
    TinyRun.model(folder.resolve("tiny"), TinyRun.parameters());
    List<String> texts = TinyRun.texts(24, 3);
    Files.write(data.resolve("corpus.txt"), texts);
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      pairs.add("%s\t%s\t%d".formatted(texts.get(i), texts.get(23 - i), i * 7 % 12));
    }
    Files.write(data.resolve("pairs.tsv"), pairs);
    Files.write(data.resolve("more.tsv"), pairs.subList(0, 9).reversed());
    tables =
        TinyTables.parse(
            TABLES
                .replace("PAIRS", data.resolve("pairs.tsv").toString())
                .replace("MORE", data.resolve("more.tsv").toString()));
  }

  private int seeds = 2;
  private boolean knownOnly;
  private Precision precision = Precision.F32;

  private List<ReproducedTable> run(
      ReproductionRecorder recorder, boolean keepModels, String... names) {
    try (Device device = new HostDevice(1)) {
      return new Reproduction(
              device,
              new Reproduction.Settings(data, store, seeds, precision, keepModels, knownOnly),
              this::model,
              List.of(),
              recorder)
          .run(tables.of(List.of(names)));
    }
  }

  private Path model(String name) {
    if (!Files.exists(folder.resolve(name))) {
      throw new FileException(name + ": not there");
    }
    return folder.resolve(name);
  }

  @Test
  void whatIsKnownIsNotDoneAgain() throws IOException {
    ReproductionRecorder first = new ReproductionRecorder();
    ReproducedTable table = run(first, false, "first").getFirst();
    assertThat(first.planned).containsExactly("2 3 0");
    assertThat(first.measured).hasSize(3);
    // Two epochs of three batches, with two seeds.
    assertThat(first.steps).isEqualTo(12);
    assertThat(TinyTables.stored(store, "models")).isEmpty();
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
    List<Double> tuned = TinyTables.values(table, "tuned");
    assertThat(tuned).hasSize(2);
    assertThat(tuned.get(0)).isNotEqualTo(tuned.get(1));
    assertThat(TinyTables.values(table, "raw")).hasSize(1);
    double deviation = Math.abs(tuned.get(0) - tuned.get(1)) / Math.sqrt(2);
    JsonNode cell = table.json().path("cells").get(1);
    assertThat(cell.path("standardDeviation").doubleValue()).isCloseTo(deviation, within(1e-12));
    assertThat(table.text())
        .contains("First table", "tuned*", "tuned*: a tiny model", "%.2f".formatted(deviation));

    ReproductionRecorder again = new ReproductionRecorder();
    ReproducedTable same = run(again, false, "first").getFirst();
    assertThat(again.planned).containsExactly("0 0 3");
    assertThat(again.measured).isEmpty();
    assertThat(same.json()).isEqualTo(table.json());

    // The other table has the tuning of the first one's, and one of its own.
    ReproductionRecorder shared = new ReproductionRecorder();
    ReproducedTable second = run(shared, true, "second").getFirst();
    assertThat(shared.planned).containsExactly("2 2 2");
    assertThat(TinyTables.values(second, "0.2")).isEqualTo(tuned);
    assertThat(TinyTables.stored(store, "models")).hasSize(2);
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
    assertThat(TinyTables.stored(store, "corpora")).hasSize(1);
    assertThat(TinyTables.stored(store, "corpora").getFirst())
        .hasContent(
            String.join("\n", Files.readAllLines(data.resolve("corpus.txt")).subList(8, 24)));
    assertThat(second.svg().orElseThrow()).contains("temperature", "mirror4j");
    assertThat(table.svg()).isEmpty();
  }

  /** Of three seeds the two that are known; of what is not known, nothing. */
  @Test
  void whatIsKnownIsShown() throws IOException {
    List<Double> tuned =
        TinyTables.values(run(new ReproductionRecorder(), true, "first").getFirst(), "tuned");
    Path kept = TinyTables.stored(store, "models").getFirst();
    Path waiting = Files.move(kept, store.resolve("unmeasured").resolve(kept.getFileName()));
    seeds = 3;
    knownOnly = true;
    ReproductionRecorder recorder = new ReproductionRecorder();
    List<ReproducedTable> shown = run(recorder, false, "first", "second");
    assertThat(recorder.planned).containsExactly("0 0 5");
    assertThat(recorder.measured).isEmpty();
    assertThat(waiting).as("a model that another table may wait for").exists();
    assertThat(TinyTables.values(shown.getFirst(), "tuned")).isEqualTo(tuned);
    assertThat(TinyTables.values(shown.getLast(), "0.2")).isEqualTo(tuned);
    assertThat(TinyTables.values(shown.getLast(), "0.4")).isEmpty();
    assertThat(shown.getLast().text()).containsPattern("(?m)^0\\.4 +0 +-$");
  }

  /** Wherever the store came from: a page is made on machines that do not have all precisions. */
  @Test
  void whatIsKnownInAnotherPrecisionIsShownAndSaid() throws IOException {
    List<Double> tuned =
        TinyTables.values(run(new ReproductionRecorder(), false, "first").getFirst(), "tuned");
    knownOnly = true;
    assertThat(run(new ReproductionRecorder(), false, "first").getFirst().text())
        .doesNotContain("on the device");
    precision = Precision.F16;
    ReproductionRecorder recorder = new ReproductionRecorder();
    ReproducedTable shown = run(recorder, false, "first").getFirst();
    assertThat(recorder.planned).containsExactly("0 0 3");
    assertThat(TinyTables.values(shown, "tuned")).isEqualTo(tuned);
    assertThat(shown.text()).containsOnlyOnce("\n  computed on the device cpu in f32\n");
  }

  /** Also where what is known of the model comes first and two tables wait for it. */
  @Test
  void aModelStaysWhileATableWaitsForIt() throws IOException {
    List<String> pairs = Files.readAllLines(data.resolve("pairs.tsv"));
    Files.write(data.resolve("few.tsv"), pairs.subList(2, 9));
    String tuned =
        """
        {"name": "NAME", "title": "NAME", "tasks": ["pairs:FILE"], "variants": [
          {"label": "tuned", "model": "tiny", "tuning": {"recipe": "word", "corpus": "corpus.txt",
            "settings": {"batchSize": 8, "maxLength": 12, "learningRate": 1e-3}}}]}\
        """;
    String tables =
        Stream.of("pairs.tsv", "more.tsv", "few.tsv")
            .map(file -> tuned.replace("NAME", file).replace("FILE", file))
            .collect(Collectors.joining(",", "{\"tables\": [", "]}"));
    this.tables = TinyTables.parse(tables);
    run(new ReproductionRecorder(), false, "pairs.tsv");
    ReproductionRecorder rest = new ReproductionRecorder();
    run(rest, false, "pairs.tsv", "more.tsv", "few.tsv");
    assertThat(rest.planned).containsExactly("2 4 2");
    assertThat(rest.steps).as("two epochs of three batches, with two seeds").isEqualTo(12);
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
  }

  /** Of a model with its head; a table with a model that lacks it is left out before. */
  @Test
  void pretrainedModelsPredictMaskedTokens() throws IOException {
    Path prose = TinyRun.write(data.resolve("prose.txt"), TinyRun.documents(60, 5));
    BertConfig config = TinyRun.config();
    try (Tokenizer tokenizer = Tokenizer.wordPiece(TinyRun.vocabulary(), true)) {
      SmallModel.write(
          folder.resolve("pretrained"),
          config,
          ReferenceParameters.random(SmallModel.reference(config), PretrainingHeads.MASKED, 11),
          tokenizer,
          ModelSettings.NONE,
          PretrainingHeads.MASKED.blocks(config));
    }
    String table =
        """
        {"name": "NAME", "title": "NAME", "tasks": ["pairs:pairs.tsv", "masked-loss:prose.txt:spans"],
          "variants": [{"label": "as it is", "model": "NAME", "maxLength": 16}]}\
        """;
    tables =
        TinyTables.parse(
            Stream.of("pretrained", "tiny")
                .map(name -> table.replace("NAME", name))
                .collect(Collectors.joining(",", "{\"tables\": [", "]}")));
    ReproductionRecorder recorder = new ReproductionRecorder();
    List<ReproducedTable> done = run(recorder, false, "pretrained", "tiny");
    assertThat(done).hasSize(1);
    assertThat(recorder.notices)
        .anyMatch(
            notice ->
                notice.startsWith(
                    "tiny is left out: tiny: model.safetensors has no head of masked language"));
    MaskedLoss.Result expected;
    try (Device device = new HostDevice(1);
        MaskedLoss loss =
            new MaskedLoss(
                device,
                folder.resolve("pretrained"),
                "pretrained",
                new MaskedLoss.Options(MaskScheme.SPANS, 16, Precision.F32))) {
      expected = loss.of(prose, _ -> {}, (_, _) -> {});
    }
    assertThat(TinyTables.values(done.getFirst(), "as it is").getLast())
        .isEqualTo(expected.masked().loss());
    ReproductionRecorder again = new ReproductionRecorder();
    assertThat(run(again, false, "pretrained").getFirst().json()).isEqualTo(done.getFirst().json());
    assertThat(again.measured).isEmpty();
  }

  /**
   * A calibration is fitted for each task, or for a corpus once, and nothing of it stays. Expected
   * values are those of the public parts: what {@code whiten} writes, measured as {@code eval}
   * does.
   */
  @Test
  void calibrationsAreFittedForEachTask() throws IOException {
    ReproductionRecorder recorder = new ReproductionRecorder();
    ReproducedTable table = run(recorder, false, "third").getFirst();
    assertThat(recorder.planned).containsExactly("2 6 0");
    assertThat(recorder.measured).hasSize(12);
    // Mirror-BERT's two epochs of three batches and the flow's two, with two seeds.
    assertThat(recorder.steps).isEqualTo(24);
    assertThat(TinyTables.values(table, "flow")).hasSize(4).doesNotHaveDuplicates();
    assertThat(TinyTables.values(table, "target")).hasSize(2);
    assertThat(TinyTables.stored(store, "models")).isEmpty();
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
    try (Device device = new HostDevice(1)) {
      Path whitened = folder.resolve("whitened");
      List<FittingTexts> texts =
          Stream.of("pairs.tsv", "more.tsv")
              .map(name -> new Tasks(null).resolve("pairs:" + data.resolve(name)))
              .map(group -> group.tasks().getFirst().fittingTexts(_ -> {}))
              .toList();
      new ModelMaker(device, Precision.F32, new TrainingListener() {})
          .calibrate(
              new ModelMaker.Vectors(
                  folder.resolve("tiny"),
                  "tiny",
                  new Encoding(Optional.of(Pooling.MEAN), OptionalInt.of(12), 256, Precision.F32),
                  texts,
                  List.of()),
              tables.tables().get(2).variants().getFirst().calibration().orElseThrow(),
              42,
              whitened);
      EvaluationPlan plan =
          EvaluationPlan.of(
              List.of(new Tasks(null).resolve("pairs:" + data.resolve("more.tsv"))), _ -> {});
      List<Double> expected = new ArrayList<>();
      try (ModelEncoder encoder =
          new ModelEncoder(
              device,
              whitened,
              "whitened",
              new Encoding(Optional.empty(), OptionalInt.empty(), 256, Precision.F32),
              new ReproductionRecorder())) {
        plan.evaluate(device, encoder, _ -> {}, one -> expected.add(one.value()));
      }
      assertThat(TinyTables.values(table, "target").get(1)).isEqualTo(expected.getFirst());
    }

    ReproductionRecorder again = new ReproductionRecorder();
    assertThat(run(again, false, "third").getFirst().json()).isEqualTo(table.json());
    assertThat(again.planned).containsExactly("0 0 12");
    // The texts of one task are fitted on for the other too.
    Files.writeString(
        data.resolve("pairs.tsv"), Files.readString(data.resolve("pairs.tsv")) + "ba\tda\t3\n");
    ReproductionRecorder changed = new ReproductionRecorder();
    run(changed, false, "third");
    assertThat(changed.measured.stream().filter("more.tsv"::equals)).hasSize(1);
  }

  @Test
  void dataThatChangeAreMeasuredAnew() throws IOException {
    run(new ReproductionRecorder(), false, "first");
    Files.writeString(
        data.resolve("pairs.tsv"), Files.readString(data.resolve("pairs.tsv")) + "ba\tda\t3\n");
    ReproductionRecorder recorder = new ReproductionRecorder();
    run(recorder, false, "first");
    assertThat(recorder.planned).containsExactly("2 3 0");
  }

  @Test
  void anInterruptedTableGoesOn() throws IOException {
    ReproductionRecorder interrupted = new ReproductionRecorder();
    interrupted.failAt = 3;
    assertThatThrownBy(() -> run(interrupted, false, "first")).hasMessageContaining("interrupted");
    assertThat(TinyTables.stored(store, "unmeasured"))
        .as("the run that was not measured")
        .hasSize(1);
    assertThat(interrupted.shown).hasSize(1);
    assertThat(TinyTables.values(interrupted.shown.getFirst(), "tuned")).hasSize(1);
    ReproductionRecorder rest = new ReproductionRecorder();
    ReproducedTable table = run(rest, false, "first").getFirst();
    assertThat(rest.planned).containsExactly("1 1 2");
    assertThat(rest.steps).as("that model was there").isZero();
    assertThat(TinyTables.values(table, "tuned")).hasSize(2);
    assertThat(TinyTables.stored(store, "unmeasured")).isEmpty();
  }

  /** Whoever had a model kept wants it, whatever is done later. */
  @Test
  void keptModelsStay() throws IOException {
    run(new ReproductionRecorder(), true, "first");
    List<Path> kept = TinyTables.stored(store, "models");
    assertThat(kept).hasSize(2);
    Files.writeString(
        data.resolve("pairs.tsv"), Files.readString(data.resolve("pairs.tsv")) + "ba\tda\t3\n");
    ReproductionRecorder recorder = new ReproductionRecorder();
    run(recorder, false, "first");
    assertThat(recorder.measured).hasSize(3);
    assertThat(recorder.steps).as("tuned again").isZero();
    assertThat(TinyTables.stored(store, "models")).isEqualTo(kept);
  }

  @Test
  void aPartOfACorpusFollowsTheCorpus() throws IOException {
    run(new ReproductionRecorder(), false, "second");
    List<String> lines = Files.readAllLines(data.resolve("corpus.txt"));
    Files.write(data.resolve("corpus.txt"), lines.reversed());
    ReproductionRecorder recorder = new ReproductionRecorder();
    run(recorder, false, "second");
    assertThat(recorder.planned).containsExactly("4 4 0");
    assertThat(TinyTables.stored(store, "corpora"))
        .extracting(Files::readAllLines)
        .containsExactlyInAnyOrder(lines.subList(8, 24), lines.reversed().subList(8, 24));
  }

  @Test
  void aCorpusThatIsTooShortIsRefused() throws IOException {
    Files.write(data.resolve("corpus.txt"), TinyRun.texts(20, 3));
    assertThatThrownBy(() -> run(new ReproductionRecorder(), false, "second"))
        .isInstanceOf(FileException.class)
        .hasMessage(data.resolve("corpus.txt") + ": 20 lines, expected at least 24");
  }

  /** The model says a length, and no pooling: what the table leaves open is its matter. */
  @Test
  void whatAModelSaysIsPartOfWhatIsMeasured() throws IOException {
    String open =
        TABLES.replace("\"pooling\": \"cls\", \"maxLength\": 12}", "\"pooling\": \"cls\"}");
    assertThat(open).isNotEqualTo(TABLES);
    tables = TinyTables.parse(open);
    run(new ReproductionRecorder(), false, "first");
    Files.writeString(folder.resolve("tiny/mirror4j.json"), "{\"format\": 1, \"max_length\": 4}");
    ReproductionRecorder recorder = new ReproductionRecorder();
    run(recorder, false, "first");
    assertThat(recorder.planned).containsExactly("2 3 0");
  }

  @Test
  void ofSeveralTablesOneThatCannotBeDoneIsLeftOut() throws IOException {
    Files.delete(data.resolve("corpus.txt"));
    ReproductionRecorder recorder = new ReproductionRecorder();
    assertThatThrownBy(() -> run(recorder, false, "first", "second"))
        .hasMessageContaining("corpus.txt: no such file");
    assertThat(recorder.notices)
        .anyMatch(
            notice -> notice.startsWith("second is left out: ") && notice.contains("no such file"));
    assertThatThrownBy(() -> run(new ReproductionRecorder(), false, "first"))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("corpus.txt: no such file");
  }
}

package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.DeviceProxy;
import org.mirror4j.support.StepGradients;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.task.coreference.CoreferenceKind;
import org.mirror4j.task.coreference.CoreferenceScorer;
import org.mirror4j.task.coreference.CoreferenceSettings;
import org.mirror4j.task.coreference.MetricFigures;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/** Coreference from files to a model and back: four documents of two speakers. */
class CoreferenceTrainingTest {
  private static final RunOptions NEW = new RunOptions(3, false, false);
  private static final RunOptions RESUME = new RunOptions(3, true, false);

  @TempDir Path folder;
  private Path model;
  private Path documents;

  @BeforeEach
  void write() {
    model = TinyRun.model(folder.resolve("model"), TinyRun.parameters());
    documents = TinyRun.write(folder.resolve("four.conll"), documents());
  }

  /**
   * Twelve sentences each, of one to nine words, every second of two at most. Nine of them have a
   * mention of one of three chains: their last word, or all of those two. So no mention crosses
   * another candidate, which would keep it from being learned.
   */
  private static List<String> documents() {
    Random random = new Random(3);
    List<String> lines = new ArrayList<>();
    for (int d = 0; d < 4; d++) {
      String name = d % 2 == 0 ? "nw/a" + d : "bc/b" + d;
      lines.add("#begin document (%s); part 000".formatted(name));
      List<Integer> chainOf = new ArrayList<>(List.of(0, 0, 0, 1, 1, 1, 2, 2, 2, 9, 9, 9));
      Collections.shuffle(chainOf, random);
      for (int s = 0; s < 12; s++) {
        String[] words = TinyRun.texts(1, 100 * d + s + 7).getFirst().split(" ");
        words = s % 2 == 0 ? Arrays.copyOf(words, Math.min(2, words.length)) : words;
        String[] chains = new String[words.length];
        Arrays.fill(chains, "-");
        int chain = chainOf.get(s);
        if (chain < 3 && words.length > 1 && s % 2 == 0) {
          chains[0] = "(" + chain;
          chains[1] = chain + ")";
        } else if (chain < 3) {
          chains[words.length - 1] = "(" + chain + ")";
        }
        for (int w = 0; w < words.length; w++) {
          lines.add(
              "%s 0 %d %s - * - - - %s * %s"
                  .formatted(name, w, words[w], s % 3 == 0 ? "ann" : "lee", chains[w]));
        }
        lines.add("");
      }
      lines.add("#end document");
    }
    return lines;
  }

  private static CoreferenceSettings head() {
    return CoreferenceSettings.base()
        .with(
            Map.of(
                "segments", 9,
                "maxWidth", 2,
                "spanRatio", 2,
                "featureSize", 4,
                "hiddenSize", 24,
                "maxAntecedents", 99,
                "dropoutRate", 0,
                "learningRate", 1e-3));
  }

  private static FineTuningSettings settings() {
    return FineTuningRecipe.COREFERENCE
        .settings()
        .with(Map.of("epochs", 50, "maxLength", 16, "learningRate", 1e-3, "dropoutRate", 0));
  }

  private FineTuning method(FineTuningSettings settings, CoreferenceSettings head) {
    CoreferenceKind kind = new CoreferenceKind(head);
    Optional<Path> dev = Optional.of(documents);
    return new FineTuning(
        model,
        model.toString(),
        kind.name(),
        kind.options(),
        documents,
        dev,
        FineTuning.TaskReader.of(kind, documents, dev),
        "test",
        settings);
  }

  private TinyRun.Recorder run(
      FineTuningSettings settings, CoreferenceSettings head, String output) {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(device, method(settings, head), folder.resolve(output), NEW, heard);
    }
    return heard;
  }

  @Test
  void learnsByHeartWhatItThenPredicts() throws IOException {
    TinyRun.Recorder heard = run(settings(), head(), "out");
    assertThat(ToyRun.quality(ToyRun.best(heard.steps))).isEqualTo(100);
    Path said = folder.resolve("said.conll");
    CoreferenceKind kind = new CoreferenceKind();
    try (Device device = new HostDevice(1);
        FineTunedModel tuned =
            new FineTunedModel(folder.resolve("out"), "out", kind, OptionalInt.empty())) {
      PredictedTask<?> asked = kind.read(documents, false, tuned.files(), notice -> {});
      Predictions predicted = tuned.predict(device, Precision.F32, asked, notice -> {}, done -> {});
      Files.write(said, predicted.file());
      assertThat(predicted.text().orElseThrow()).contains("]0", "\n0: ");
    }
    for (MetricFigures figures : CoreferenceScorer.score(documents, said, notice -> {})) {
      assertThat(figures.f1()).as(figures.metric()).isEqualTo(100);
    }
  }

  /** As many genres, of which each has a row in the head, but others. */
  @Test
  void aHeadOfOtherGenresBeginsAnew() throws IOException {
    FineTuningSettings few = fewSteps().with(Map.of("steps", 1, "evaluations", 1));
    run(few, windows(), "first");
    model = folder.resolve("first");
    assertThat(run(few, windows(), "second").notices)
        .noneMatch(notice -> notice.contains("begins anew"));
    Files.writeString(
        documents, Files.readString(documents).replace("nw/", "tc/").replace("bc/", "bn/"));
    assertThat(run(few, windows(), "third").notices)
        .contains(
            model
                + ": the head begins anew: the model's was trained with the genres 'bc', 'nw', here"
                + " they are 'bn', 'tc'");
    assertThat(run(few, windows().with(Map.of("maxWidth", 3)), "fourth").notices)
        .anyMatch(notice -> notice.contains("begins anew"));
  }

  /** A step has a document or a window of it, whatever --device-tokens says. */
  @Test
  void aRunThatCannotFitIsToldWhatToLower() {
    FineTuning method = method(fewSteps(), windows());
    Path output = folder.resolve("out");
    try (Device device = DeviceProxy.full()) {
      assertThatThrownBy(() -> TinyRun.run(device, method, output, NEW, new TinyRun.Recorder()))
          .isInstanceOf(Allocator.OutOfMemoryException.class)
          .hasMessageEndingWith(
              " are free: lower --segments, --antecedents, --head-size or --max-spans");
    }
  }

  private static FineTuningSettings fewSteps() {
    // Windows of two segments, dropout, two documents a step.
    return settings()
        .with(Map.of("epochs", 4, "batchSize", 2, "dropoutRate", 0.1, "evaluations", 2));
  }

  private static CoreferenceSettings windows() {
    return head().with(Map.of("segments", 2, "dropoutRate", 0.2, "maxAntecedents", 5));
  }

  /** Tokens that each epoch has of each document, in windows of two segments. */
  private List<Map<Integer, Integer>> windows(long seed) {
    FineTuningSettings settings = fewSteps().with(Map.of("seed", seed, "batchSize", 1));
    ModelDirectory source = ModelDirectory.open(model);
    BertConfig config = BertConfig.of(source);
    List<Map<Integer, Integer>> epochs = new ArrayList<>();
    try (Tokenizer tokenizer = ModelTokenizer.open(source, config)) {
      FineTunedTask<?> task =
          new CoreferenceKind(windows())
              .read(documents, Optional.empty(), tokenizer, settings.maxLength(), notice -> {});
      TaskBatches batches = new TaskBatches(settings, config, 1);
      for (int step = 0; step < 4 * settings.epochs(); step++) {
        if (step % 4 == 0) {
          epochs.add(new TreeMap<>());
        }
        TaskBatches.Part part = batches.step(task.training(), step + 1).parts().getFirst();
        epochs.getLast().put(part.examples()[0], part.packed().realTokens());
      }
    }
    return epochs;
  }

  @Test
  void windowsFollowTheSeedOfTheRun() {
    assertThat(windows(7)).isEqualTo(windows(7)).doesNotHaveDuplicates();
    assertThat(windows(7)).doesNotContainAnyElementsOf(windows(8));
  }

  /** Killed between two checkpoints, it ends in the same bytes. */
  @Test
  void aKilledRunGoesOn() throws IOException {
    run(fewSteps(), windows(), "unbroken");
    try (Device device = new HostDevice(1)) {
      FineTuning method = method(fewSteps(), windows());
      Path output = folder.resolve("out");
      assertThatThrownBy(() -> TinyRun.run(device, method, output, NEW, new TinyRun.Recorder(5)))
          .isInstanceOf(TinyRun.Killed.class);
      TinyRun.Recorder heard = new TinyRun.Recorder();
      TinyRun.run(device, method, output, RESUME, heard);
      assertThat(heard.firstStep).isEqualTo(4);
      assertThatThrownBy(
              () ->
                  TinyRun.run(
                      device,
                      method(fewSteps(), windows().with(Map.of("segments", 3))),
                      folder.resolve("again"),
                      NEW,
                      new TinyRun.Recorder(3)))
          .isInstanceOf(TinyRun.Killed.class);
      assertThatThrownBy(
              () ->
                  TinyRun.run(
                      device, method, folder.resolve("again"), RESUME, new TinyRun.Recorder()))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("head.segments");
    }
    assertThat(TinyRun.weights(folder.resolve("out")))
        .isEqualTo(TinyRun.weights(folder.resolve("unbroken")));
  }

  /** The same steps on the interpreter, which asks for padding and gets no step to replay. */
  @Test
  void onTheInterpreter() {
    FineTuningSettings three = fewSteps().with(Map.of("steps", 3, "evaluations", 1));
    List<StepRecord> expected = run(three, windows(), "host").steps;
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled())) {
      TinyRun.run(
          device,
          method(three, windows()),
          folder.resolve("ptx"),
          ComputeOptions.DEFAULT,
          NEW,
          heard);
    }
    // Three updates by Adam, whose first ones are as large whatever the gradient's size.
    double bound = 0x1p6 * StepGradients.error(4, 76, DType.F32);
    for (int step = 0; step < expected.size(); step++) {
      double loss = expected.get(step).loss().total();
      assertThat(heard.steps.get(step).loss().total()).isCloseTo(loss, within(bound * loss));
    }
  }

  /** A model without what its head was made with is refused by name. */
  @Test
  void whatTheHeadWasMadeWithIsNeeded() throws IOException {
    run(fewSteps().with(Map.of("steps", 1)), windows(), "out");
    Path config = folder.resolve("out/config.json");
    ObjectNode json = JsonFiles.readObject(config);
    assertThat(json.path("coreference").path("segments").asInt()).isEqualTo(2);
    assertThat(json.path("coreference").path("genres")).hasSize(2);
    json.remove("coreference");
    Files.write(config, json.toString().getBytes(StandardCharsets.UTF_8));
    CoreferenceKind kind = new CoreferenceKind();
    try (FineTunedModel tuned =
        new FineTunedModel(folder.resolve("out"), "out", kind, OptionalInt.empty())) {
      assertThatThrownBy(() -> kind.ask(List.of("a b"), tuned.files()))
          .isInstanceOf(FileException.class)
          .hasMessage(
              "out/config.json has no coreference, expected the sizes of a head that was trained by"
                  + " finetune coreference");
    }
  }
}

package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.StepGradients;
import org.mirror4j.task.ToyHead;
import org.mirror4j.task.ToyTask;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** Whole runs of fine-tuning, with each head. */
class FineTuningTest {
  private static final RunOptions NEW = new RunOptions(2, false, false);
  private static final RunOptions RESUME = new RunOptions(2, true, false);

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
  }

  /**
   * Weights of a new head are so small that it knows nothing: all that is possible is as likely.
   */
  @ParameterizedTest
  @EnumSource
  void learns(ToyHead head) {
    FineTuningSettings settings =
        ToyRun.settings().with(Map.of("epochs", 40, "learningRate", 3e-3, "dropoutRate", 0));
    Path texts = ToyRun.texts(folder, 4, 8);
    TinyRun.Recorder heard;
    try (Device device = new HostDevice(2)) {
      ToyRun run = new ToyRun(model, head, texts, Optional.of(texts), 8);
      heard = run.run(device, settings, folder.resolve("out"));
    }
    double possible = head == ToyHead.ANSWERS ? meanLogOfLengths() : Math.log(ToyRun.CLASSES);
    assertThat(heard.losses().getFirst()).isCloseTo(possible, within(0.3));
    assertThat(heard.losses().getLast()).isLessThan(0.1);
    TrainingTask.Scores scores =
        (TrainingTask.Scores) heard.steps.getLast().heldOut().orElseThrow();
    assertThat(scores.values()).containsEntry("right", 100.0);
  }

  private static double meanLogOfLengths() {
    return TinyRun.texts(4, 8).stream()
        .mapToDouble(text -> Math.log(text.split(" ").length + 2))
        .average()
        .orElseThrow();
  }

  /** The same batches, cut otherwise: the same losses but for roundings. */
  @ParameterizedTest
  @EnumSource
  void severalPartsAreOne(ToyHead head) {
    FineTuningSettings whole =
        ToyRun.settings().with(Map.of("learningRate", 1e-6, "dropoutRate", 0, "evaluations", 1));
    FineTuningSettings cut = whole.with(Map.of("deviceTokens", TinyRun.MAX_LENGTH));
    List<StepRecord> expected = run(head, whole, "whole").steps;
    List<StepRecord> got = run(head, cut, "cut").steps;
    double bound = 2 * StepGradients.error(2, 4 * TinyRun.MAX_LENGTH, DType.F32);
    assertThat(got).hasSize(8);
    for (int step = 0; step < 8; step++) {
      assertThat(got.get(step).loss().total())
          .isCloseTo(expected.get(step).loss().total(), within(bound));
      assertThat(got.get(step).size()).isEqualTo(expected.get(step).size());
      assertThat(got.get(step).heldOut()).isEqualTo(expected.get(step).heldOut());
    }
  }

  /** As often an epoch as was asked for, the last time after its last step. */
  @ParameterizedTest
  @CsvSource({"1, '4 8'", "2, '2 4 6 8'", "3, '2 3 4 6 7 8'", "9, '1 2 3 4 5 6 7 8'"})
  void evaluations(int evaluations, String steps) {
    TinyRun.Recorder heard =
        run(ToyHead.CLASSES, ToyRun.settings().with(Map.of("evaluations", evaluations)), "out");
    assertThat(heard.steps).extracting(StepRecord::epoch).containsExactly(1, 1, 1, 1, 2, 2, 2, 2);
    assertThat(heard.steps.stream().filter(step -> step.heldOut().isPresent()))
        .extracting(step -> Integer.toString(step.step()))
        .containsExactly(steps.split(" "));
    assertThat(heard.untrained).isNull();
  }

  @Test
  void withoutADevSetTheLastStepIsTheResult() {
    FineTuningSettings settings = ToyRun.settings().with(Map.of("steps", 3, "patience", 1));
    TinyRun.Recorder heard;
    try (Device device = new HostDevice(1)) {
      heard =
          new ToyRun(model, ToyHead.TOKENS, ToyRun.texts(folder, 14, 8), Optional.empty(), 8)
              .run(device, settings, folder.resolve("out"));
    }
    assertThat(heard.steps).hasSize(3).allMatch(step -> step.heldOut().isEmpty());
    assertThat(heard.notices).isEmpty();
  }

  /** A step of which nothing is to be predicted is not divided by nothing. */
  @Test
  void aStepWithoutTargets() {
    FineTuningSettings settings = ToyRun.settings().with(Map.of("batchSize", 1, "epochs", 1));
    TinyRun.Recorder heard = run(ToyHead.CLASSES, settings, "out");
    assertThat(heard.losses().stream().filter(loss -> loss == 0)).hasSize(2);
  }

  /** Whatever a batch is asked to be, its buffers are for what there is. */
  @Test
  void aBatchIsNoLargerThanTheData() {
    FineTuningSettings settings =
        ToyRun.settings().with(Map.of("batchSize", Integer.MAX_VALUE, "epochs", 1));
    assertThat(run(ToyHead.CLASSES, settings, "out").steps).hasSize(1);
  }

  /** With a checkpoint every second step: killed before the first, at one, between two, later. */
  @ParameterizedTest
  @CsvSource({
    "CLASSES, 1, 1",
    "CLASSES, 4, 3",
    "CLASSES, 8, 7",
    "TOKENS, 3, 3",
    "TOKENS, 6, 5",
    "ANSWERS, 2, 1",
    "ANSWERS, 5, 5"
  })
  void aKilledRunGoesOn(ToyHead head, int lastStep, int firstStep) throws IOException {
    FineTuningSettings settings = ToyRun.settings().with(Map.of("deviceTokens", 20));
    requireSameIfKilled(head, settings, lastStep, firstStep, 8);
  }

  private void requireSameIfKilled(
      ToyHead head, FineTuningSettings settings, int lastStep, int firstStep, int steps)
      throws IOException {
    run(head, settings, "unbroken");
    kill(head, settings, lastStep);
    TinyRun.Recorder heard = run(head, settings, "out", RESUME);
    assertThat(heard.firstStep).isEqualTo(firstStep);
    requireSame(steps);
  }

  private void requireSame(int steps) throws IOException {
    Path unbroken = folder.resolve("unbroken");
    Path output = folder.resolve("out");
    assertThat(TinyRun.weights(output)).isEqualTo(TinyRun.weights(unbroken));
    List<JsonNode> log = TinyRun.log(output);
    assertThat(log)
        .extracting(step -> step.path("step").asInt())
        .isEqualTo(IntStream.rangeClosed(1, steps).boxed().toList());
    for (String value : List.of("loss", "epoch", "learningRate", "tokens", "scores")) {
      assertThat(log)
          .extracting(step -> step.path(value))
          .isEqualTo(TinyRun.log(unbroken).stream().map(step -> step.path(value)).toList());
    }
    assertThat(folder.resolve("out.training")).doesNotExist();
  }

  /** What has changed since is named. */
  @Test
  void otherDataIsRefused() throws IOException {
    kill(ToyHead.CLASSES, ToyRun.settings(), 3);
    Path dev = folder.resolve("14 texts 9");
    String before = Files.readString(dev);
    ToyRun other =
        new ToyRun(model, ToyHead.CLASSES, folder.resolve("14 texts 8"), Optional.of(dev), 8);
    Files.writeString(dev, before.replace("\n", " \n"));
    refused(other, "the data that is scored \"%s\" has changed".formatted(dev));
    Files.writeString(dev, before);
    Files.writeString(other.training(), before);
    refused(other, "the training data \"%s\" has changed".formatted(other.training()));
  }

  private void refused(ToyRun run, String message) {
    try (Device device = new HostDevice(1)) {
      assertThatThrownBy(
              () ->
                  run.run(
                      device,
                      ToyRun.settings(),
                      folder.resolve("out"),
                      ComputeOptions.DEFAULT,
                      RESUME,
                      new TinyRun.Recorder()))
          .isInstanceOf(FileException.class)
          .hasMessageContaining(
              message
                  + " since the unfinished run began; put the old file back or use --overwrite");
    }
  }

  /** At a rate that does harm. */
  private static FineTuningSettings harmful() {
    return ToyRun.settings()
        .with(Map.of("epochs", 3, "learningRate", 0.02, "warmupShare", 0.5, "evaluations", 4));
  }

  /** Not those of the last step, nor of a later one that did as well. */
  @ParameterizedTest
  @EnumSource
  void theBestStepIsTheResult(ToyHead head) throws IOException {
    List<Double> kept = new ArrayList<>();
    TinyRun.Recorder heard = new TinyRun.Recorder();
    heard.atStep =
        step -> {
          if (step == 12) {
            Path best = TrainingState.latest(folder.resolve("out.training/best")).orElseThrow();
            kept.addAll(values(best.resolve("model.safetensors"), ""));
          }
        };
    run(head, harmful(), "out", NEW, heard);
    StepRecord best = ToyRun.best(heard.steps);
    assertThat(best.step()).isLessThan(12);
    assertThat(ToyRun.quality(heard.steps.getLast())).isLessThan(ToyRun.quality(best));
    assertThat(heard.notices)
        .containsOnlyOnce(
            "the result is that of step %d, which did best on held-out data"
                .formatted(best.step()));
    assertThat(values(folder.resolve("out/model.safetensors"), "bert.")).isEqualTo(kept);
    // With no rate the first step leaves it as it is.
    TinyRun.Recorder again;
    try (Device device = new HostDevice(2)) {
      again =
          ToyRun.of(folder, folder.resolve("out"), head)
              .run(
                  device,
                  ToyRun.settings().with(Map.of("steps", 1, "learningRate", 0)),
                  folder.resolve("again"));
    }
    assertThat(again.steps.getFirst().heldOut()).isEqualTo(best.heldOut());
  }

  /** Elements of all tensors in the order of their names without a prefix. */
  private static List<Double> values(Path file, String prefix) {
    List<Double> values = new ArrayList<>();
    try (SafeTensors tensors = SafeTensors.open(file);
        Arena arena = Arena.ofConfined()) {
      tensors.names().stream()
          .map(name -> name.startsWith(prefix) ? name.substring(prefix.length()) : name)
          .sorted()
          .forEach(
              name -> {
                String stored = tensors.names().contains(name) ? name : prefix + name;
                values.addAll(values(tensors, arena, stored));
              });
    }
    return values;
  }

  private static List<Double> values(SafeTensors tensors, Arena arena, String name) {
    List<Double> values = new ArrayList<>();
    long size = tensors.shape(name).size();
    MemorySegment floats = arena.allocate(4 * size);
    tensors.readFloats(name, floats);
    for (long i = 0; i < size; i++) {
      values.add((double) floats.getAtIndex(ValueLayout.JAVA_FLOAT, i));
    }
    return values;
  }

  private static List<Double> words(Path directory) {
    try (SafeTensors tensors = SafeTensors.open(directory.resolve("model.safetensors"));
        Arena arena = Arena.ofConfined()) {
      String words =
          tensors.names().stream()
              .filter(name -> name.endsWith("word_embeddings.weight"))
              .findFirst()
              .orElseThrow();
      return values(tensors, arena, words);
    }
  }

  /**
   * Of moments m = (1 - beta1) g and v = (1 - beta2) g^2 after one step from zero: corrected, each
   * parameter moves by the rate, without it by (1 - beta1) / sqrt(1 - beta2) = sqrt 10 of it. Of
   * that epsilon takes off epsilon / sqrt(v), where g is greatest, some thousandths, less than 2 %;
   * parameters are stored to within 2^-24 of a few.
   */
  @ParameterizedTest
  @CsvSource({"ADAMW, 1", "BERT, 3.16227766"})
  void howFarTheFirstStepGoes(FineTuningOptimizer optimizer, double times) {
    double rate = 1e-2;
    FineTuningSettings settings =
        ToyRun.settings()
            .with(
                Map.of(
                    "optimizer",
                    optimizer,
                    "steps",
                    1,
                    "learningRate",
                    rate,
                    "warmupShare",
                    0,
                    "weightDecay",
                    0,
                    "maxGradNorm",
                    0));
    run(ToyHead.CLASSES, settings, "out");
    List<Double> before = words(model);
    List<Double> after = words(folder.resolve("out"));
    double most =
        IntStream.range(0, before.size())
            .mapToDouble(i -> Math.abs(after.get(i) - before.get(i)))
            .max()
            .orElseThrow();
    assertThat(most).isBetween(0.98 * times * rate, 1.0001 * times * rate);
  }

  /**
   * Ends when so many evaluations in a row were no better, keeps the best before them, and is as
   * patient when it goes on: killed right before the last evaluation it still knows of the others.
   */
  @ParameterizedTest
  @EnumSource
  void patienceEnds(ToyHead head) throws IOException {
    FineTuningSettings settings = harmful().with(Map.of("patience", 3));
    List<StepRecord> all = run(head, harmful(), "all").steps;
    TinyRun.Recorder heard = run(head, settings, "unbroken");
    StepRecord best = ToyRun.best(heard.steps);
    int last = heard.steps.size();
    assertThat(last).isEqualTo(best.step() + 3).isLessThan(12);
    assertThat(heard.losses())
        .isEqualTo(all.stream().limit(last).map(step -> step.loss().total()).toList());
    assertThat(heard.notices)
        .containsExactly(
            "ended after step %d of 12: 3 times in a row held-out data gave nothing better"
                .formatted(last),
            "the result is that of step %d, which did best on held-out data"
                .formatted(best.step()));
    for (int lastStep : new int[] {last - 1, last}) {
      kill(head, settings, lastStep);
      TinyRun.Recorder resumed = run(head, settings, "out", RESUME);
      assertThat(resumed.steps.getLast().step()).isEqualTo(last);
      assertThat(resumed.notices).containsAll(heard.notices);
      requireSame(last);
      deleteOutput();
    }
  }

  /** A length that nobody asked for gives way to the model's; one that is asked for does not. */
  @Test
  void aRecipesLengthIsShortenedToTheModels() throws IOException {
    int positions =
        JsonFiles.read(model.resolve("config.json")).path("max_position_embeddings").asInt();
    FineTuningRecipe recipe = FineTuningRecipe.TAGGING;
    FineTuningSettings settings =
        recipe.settings().with(Map.of("epochs", 1, "batchSize", ToyRun.BATCH_SIZE));
    ToyRun run = ToyRun.of(folder, model, ToyHead.TOKENS);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(device, run.method(settings, recipe.label()), folder.resolve("out"), NEW, heard);
      assertThat(heard.notices)
          .anyMatch(
              notice ->
                  notice.contains(
                      "examples of %d tokens, not of the recipe's %d"
                          .formatted(positions, settings.maxLength())));
      assertThat(Files.readString(folder.resolve("out/mirror4j.json")))
          .containsPattern("\"maxLength\" *: *%d\\b".formatted(positions));
      FineTuning asked = run.method(settings.with(Map.of("maxLength", 100)), recipe.label());
      assertThatThrownBy(
              () -> TinyRun.run(device, asked, folder.resolve("long"), NEW, new TinyRun.Recorder()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("maximum length is 100, expected 3 to " + positions);
    }
  }

  /** A label that is corrected in a large file makes another run of it. */
  @Test
  void everyByteOfTheDataIsInItsDigest() throws IOException {
    Path large = folder.resolve("large");
    try (FileChannel channel =
        FileChannel.open(large, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), 70 << 20);
      ObjectNode before = settings(large);
      // What FileHash.sampled passes over: its first two pieces of 1 MiB begin 1.1 MiB apart.
      channel.write(ByteBuffer.wrap(new byte[] {1}), (1 << 20) + 10_000);
      ObjectNode after = settings(large);
      assertThat(after.get("trainHash")).isNotEqualTo(before.get("trainHash"));
      assertThat(after.get("devHash")).isNotEqualTo(before.get("devHash"));
    }
  }

  /** Of a run whose data are said to lie in a file. */
  private ObjectNode settings(Path file) {
    ObjectNode[] settings = new ObjectNode[1];
    FineTuning method =
        new FineTuning(
            model,
            "base",
            "toy",
            Collections.emptyNavigableMap(),
            file,
            Optional.of(file),
            (source, tokenizer, maxLength, notices) ->
                new ToyTask(
                    ToyHead.CLASSES,
                    ToyRun.CLASSES,
                    ToyTask.Data.of(
                        ToyHead.CLASSES,
                        ToyRun.CLASSES,
                        TinyRun.texts(4, 8),
                        tokenizer,
                        maxLength,
                        8),
                    Optional.empty()),
            "test",
            ToyRun.settings());
    try (Device device = new HostDevice(1)) {
      method.read(
          device,
          ComputeOptions.DEFAULT,
          TrainingListener.NONE,
          plan -> settings[0] = plan.settings());
    }
    return settings[0];
  }

  private void deleteOutput() throws IOException {
    try (var files = Files.list(folder.resolve("out"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder.resolve("out"));
  }

  /** An output that cannot be written at the end: no step is done again, and none is added. */
  @Test
  void whatEndedEarlyStaysAtItsEnd() throws IOException {
    FineTuningSettings settings = harmful().with(Map.of("patience", 3));
    int last = run(ToyHead.CLASSES, settings, "unbroken").steps.size();
    TinyRun.Recorder meddling = new TinyRun.Recorder();
    Path precious = folder.resolve("out/x");
    meddling.atStep =
        step -> {
          if (step == last) {
            try {
              Files.createDirectories(precious);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    assertThatThrownBy(() -> run(ToyHead.CLASSES, settings, "out", NEW, meddling))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("exists already and is not empty");
    Files.delete(precious);
    assertThat(run(ToyHead.CLASSES, settings, "out", RESUME).steps).isEmpty();
    requireSame(last);
  }

  private void kill(ToyHead head, FineTuningSettings settings, int lastStep) {
    assertThatThrownBy(() -> run(head, settings, "out", NEW, new TinyRun.Recorder(lastStep)))
        .isInstanceOf(TinyRun.Killed.class);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private TinyRun.Recorder run(ToyHead head, FineTuningSettings settings, String output) {
    return run(head, settings, output, NEW);
  }

  private TinyRun.Recorder run(
      ToyHead head, FineTuningSettings settings, String output, RunOptions options) {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    run(head, settings, output, options, heard);
    return heard;
  }

  private void run(
      ToyHead head,
      FineTuningSettings settings,
      String output,
      RunOptions options,
      TinyRun.Recorder heard) {
    try (Device device = new HostDevice(2)) {
      ToyRun.of(folder, model, head)
          .run(device, settings, folder.resolve(output), ComputeOptions.DEFAULT, options, heard);
    }
  }
}

package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.file.FileException;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/** Tunings that are scored as they go, whose output is that of their best step. */
class DevelopmentTaskTest {
  private static final RunOptions NEW = new RunOptions(4, false, false);
  private static final RunOptions RESUME = new RunOptions(4, true, false);
  private static final List<String> SCORED = List.of("ba be bi", "da", "fo gu la le ki");
  private static final int STEPS = 14;

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeInputs() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(7 * 4, 3));
  }

  /**
   * A number that is a function of the vectors alone and goes up and down with every small change
   * of them, so that some step in the middle is the best.
   */
  private static double score(TextEncoder encoder) {
    double sum = 0;
    for (float[] vector : encoder.encode(SCORED)) {
      for (float value : vector) {
        sum += value;
      }
    }
    return Math.sin(1e3 * sum);
  }

  private static SequencedMap<String, Double> scores(Device device, TextEncoder encoder) {
    return new LinkedHashMap<>(Map.of("toy", score(encoder)));
  }

  /** A tuning that is scored each so many steps, or not at all for 0. */
  private MirrorTraining method(MirrorSettings settings, int each) {
    return method(settings, each, DevelopmentTaskTest::scores);
  }

  private MirrorTraining method(MirrorSettings settings, int each, DevelopmentTask.Scorer scorer) {
    return new MirrorTraining(
        model,
        model.toString(),
        corpus,
        corpus.toString(),
        "test",
        settings,
        each == 0
            ? Optional.empty()
            : Optional.of(new DevelopmentTask("toy", List.of(corpus), "ab", each, scorer)));
  }

  private static MirrorSettings settings(Map<String, ?> changes) {
    return TinyRun.mirrorSettings(2, 4, 42).with(changes);
  }

  private void run(
      MirrorTraining method, String output, RunOptions options, TinyRun.Recorder heard) {
    try (Device device = new HostDevice(1)) {
      TinyRun.run(device, method, folder.resolve(output), options, heard);
    }
  }

  private TinyRun.Recorder run(MirrorTraining method, String output) {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    run(method, output, NEW, heard);
    return heard;
  }

  private static double quality(StepRecord step) {
    return step.heldOut().orElseThrow().quality();
  }

  private static StepRecord best(TinyRun.Recorder heard) {
    return heard.steps.stream()
        .filter(step -> step.heldOut().isPresent())
        .reduce((best, step) -> quality(step) > quality(best) ? step : best)
        .orElseThrow();
  }

  /** A step's parameters do not depend on those that follow: the run is cut there, unscored. */
  @Test
  void theBestStepIsTheResult() throws IOException {
    TinyRun.Recorder heard = run(method(settings(Map.of()), 2), "out");
    StepRecord best = best(heard);
    assertThat(best.step()).as("the test needs one in the middle").isBetween(2, STEPS - 2);
    run(
        new MirrorTraining(model, "m", corpus, "c", "test", settings(Map.of("steps", best.step()))),
        "cut");
    assertThat(TinyRun.weights(folder.resolve("out")))
        .isEqualTo(TinyRun.weights(folder.resolve("cut")));
    assertThat(heard.notices)
        .containsOnlyOnce(
            "the result is that of step %d, which did best on held-out data"
                .formatted(best.step()));
    assertThat(Files.readString(folder.resolve("out/mirror4j.json")))
        .contains("\"best_step\" : %d".formatted(best.step()), "\"dev\" : \"toy\"");
    assertThat(Files.readString(folder.resolve("out/README.md")))
        .contains(
            "| scored on | `toy` |\n",
            "| step | %d, which did best on held-out data |\n".formatted(best.step()));
    assertThat(Files.readString(folder.resolve("cut/mirror4j.json"))).doesNotContain("best_step");
    assertThat(Files.readString(folder.resolve("cut/README.md"))).doesNotContain("| step |");
  }

  /** Nothing of the steps themselves changes, and each second one, the last too, has a score. */
  @Test
  void scoringChangesNoStep() throws IOException {
    TinyRun.Recorder heard = run(method(settings(Map.of()), 4), "out");
    TinyRun.Recorder plain = run(method(settings(Map.of()), 0), "plain");
    assertThat(heard.losses()).isEqualTo(plain.losses()).hasSize(STEPS);
    assertThat(heard.steps.stream().filter(step -> step.heldOut().isPresent()))
        .extracting(StepRecord::step)
        .containsExactly(4, 8, 12, 14);
    for (JsonNode step : TinyRun.log(folder.resolve("out"))) {
      StepRecord said = heard.steps.get(step.path("step").asInt() - 1);
      assertThat(step.has("scores")).isEqualTo(said.heldOut().isPresent());
      if (step.has("scores")) {
        assertThat(step.path("scores").path("toy").asDouble()).isEqualTo(quality(said));
      }
    }
  }

  /**
   * The output, read and encoded as its files say, has the score that its step had to the last bit:
   * with another pooling than was trained, a prompt, a template, and weights from the line to those
   * before.
   */
  @ParameterizedTest
  @CsvSource({
    "'', 1, mean, mean",
    "'', 1, mean-padded, cls",
    "'ba {}', 1, mean, mean",
    "'ba {} be', 1, mean, mean",
    "'ba {} be [MASK]', 0.4, mask, mean",
    "'', 0.7, mean, mean"
  })
  void theOutputHasTheScoreOfItsStep(
      String template, double interpolation, String pooling, String outputPooling) {
    MirrorSettings settings =
        settings(
            Map.of(
                "template",
                template,
                "interpolation",
                interpolation,
                "pooling",
                Pooling.of(pooling),
                "outputPooling",
                Pooling.of(outputPooling)));
    TinyRun.Recorder heard = run(method(settings, 3), "out");
    assertThat(score(folder.resolve("out"))).isEqualTo(quality(best(heard)));
    assertThat(heard.untrained.quality()).isNotEqualTo(quality(best(heard)));
  }

  private static double score(Path output) {
    Encoding asItSays = new Encoding(Optional.empty(), OptionalInt.empty(), 256, Precision.F32);
    try (Device device = new HostDevice(1);
        LoadedModel loaded = new LoadedModel(device, output)) {
      TextEncoder.Options options = asItSays.resolve(loaded, "out", _ -> {}, _ -> {}).options();
      try (TextEncoder encoder = loaded.encoder(options, Precision.F32)) {
        return score(encoder);
      }
    }
  }

  /** Killed before, at and after the best step, and at the last, with checkpoints each 4 steps. */
  @Test
  void anInterruptedRunGoesOnToTheSameBytesAndCurve() throws IOException {
    MirrorTraining method = method(settings(Map.of("interpolation", 0.5, "seed", 9)), 2);
    TinyRun.Recorder unbroken = run(method, "unbroken");
    int best = best(unbroken).step();
    assertThat(best).as("the test needs one in the middle").isBetween(3, STEPS - 2);
    for (int killedAt : new int[] {1, best - 1, best, best + 1, STEPS}) {
      String output = "killed" + killedAt;
      assertThatThrownBy(() -> run(method, output, NEW, new TinyRun.Recorder(killedAt)))
          .isInstanceOf(TinyRun.Killed.class);
      run(method, output, RESUME, new TinyRun.Recorder());
      Path resumed = folder.resolve(output);
      assertThat(TinyRun.weights(resumed)).isEqualTo(TinyRun.weights(folder.resolve("unbroken")));
      assertThat(TinyRun.log(resumed))
          .extracting(step -> step.path("scores"))
          .isEqualTo(
              TinyRun.log(folder.resolve("unbroken")).stream()
                  .map(step -> step.path("scores"))
                  .toList());
      assertThat(Files.readString(resumed.resolve("mirror4j.json")))
          .contains("\"best_step\" : %d".formatted(best));
    }
  }

  /** What decides is part of the run. */
  @Test
  void anotherTaskIsAnotherRun() {
    assertThatThrownBy(
            () -> run(method(settings(Map.of()), 2), "out", NEW, new TinyRun.Recorder(5)))
        .isInstanceOf(TinyRun.Killed.class);
    assertThatThrownBy(
            () -> run(method(settings(Map.of()), 3), "out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("devSteps was 2 in the unfinished run, now 3");
    assertThatThrownBy(
            () -> run(method(settings(Map.of()), 0), "out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("dev was \"toy\" in the unfinished run, now absent");
  }

  /** NaN is better than nothing. */
  @Test
  void whatIsNeverDefinedLeavesTheLastStep() throws IOException {
    run(
        method(
            settings(Map.of()),
            5,
            (device, encoder) -> new LinkedHashMap<>(Map.of("toy", Double.NaN))),
        "out");
    run(method(settings(Map.of()), 0), "plain");
    assertThat(TinyRun.weights(folder.resolve("out")))
        .isEqualTo(TinyRun.weights(folder.resolve("plain")));
  }

  /** The estimate covers what scoring takes, with a second model where the output needs one. */
  @Test
  void theEstimateCoversTheScoring() {
    long plain = run(method(settings(Map.of()), 0), "plain").estimate.bytes();
    long scored = run(method(settings(Map.of()), 2), "scored").estimate.bytes();
    long between =
        run(method(settings(Map.of("interpolation", 0.5)), 2), "between").estimate.bytes();
    // Of a batch of 4096 tokens at least its input and output.
    assertThat(scored).isGreaterThan(plain + 2 * 4L * 4096 * TinyRun.HIDDEN);
    assertThat(between).isGreaterThan(scored);
  }
}

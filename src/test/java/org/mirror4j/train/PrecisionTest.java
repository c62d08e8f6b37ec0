package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.support.RoundingDevice;

/** Whole runs with activations and the weights of products stored in 16 bits. */
class PrecisionTest {
  private static final int CHECKPOINT_STEPS = 2;
  private static final RunOptions NEW = new RunOptions(CHECKPOINT_STEPS, false, false);
  private static final RunOptions RESUME = new RunOptions(CHECKPOINT_STEPS, true, false);

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(40, 8));
  }

  /**
   * Losses of ten steps, dropout and drophead on. Each of the k = 10 L + 10 operations up to the
   * loss rounds what it stores, u of its size with random sign; cosines count 1 / temperature times
   * in the loss. The updates are too small to add to that.
   */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F16", "BF16"})
  void lossesAreThoseOfF32UpToStorage(Precision precision) {
    double roundoff = precision == Precision.F16 ? 0x1p-11 : 0x1p-8;
    MirrorSettings settings = TinyRun.mirrorSettings(1, 4, 42).with(Map.of("learningRate", 1e-5));
    List<Double> exact = run(new HostDevice(1), "exact", settings, Precision.F32, NEW).losses();
    double bound = Math.sqrt(30) * (1 + 1 / settings.temperature()) * roundoff;
    assertClose(run(new RoundingDevice(1), "out", settings, precision, NEW).losses(), exact, bound);
    if (precision == Precision.BF16) {
      HostDevice host = bfloat16Processor(2);
      assertClose(run(host, "host", settings, precision, NEW).losses(), exact, bound);
    }
  }

  private static void assertClose(List<Double> got, List<Double> exact, double bound) {
    assertThat(got).hasSize(10).isNotEqualTo(exact);
    for (int step = 0; step < got.size(); step++) {
      assertThat(got.get(step)).as("step %d", step + 1).isCloseTo(exact.get(step), within(bound));
    }
  }

  private static HostDevice bfloat16Processor(int threads) {
    HostDevice device = new HostDevice(threads);
    assumeThat(device.precisions()).as("precisions of the processor").contains(Precision.BF16);
    return device;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void theProcessorsBytesDoNotDependOnTheThreads(int threads) throws IOException {
    MirrorSettings settings = TinyRun.mirrorSettings(1, 20, 42);
    run(bfloat16Processor(1), "one", settings, Precision.BF16, NEW);
    run(bfloat16Processor(threads), "more", settings, Precision.BF16, NEW);
    assertThat(TinyRun.weights(folder.resolve("more")))
        .isEqualTo(TinyRun.weights(folder.resolve("one")))
        .isNotEqualTo(TinyRun.weights(model));
  }

  /** The same bytes after a kill: before, at and after checkpoints, with skipped steps before. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void resumesWithItsLossScale(int lastStep) throws IOException {
    MirrorSettings settings = overflowing();
    run(new RoundingDevice(1), "unbroken", settings, Precision.F16, NEW);
    assertThatThrownBy(
            () ->
                run(
                    new RoundingDevice(1),
                    "out",
                    settings,
                    Precision.F16,
                    NEW,
                    new TinyRun.Recorder(lastStep)))
        .isInstanceOf(TinyRun.Killed.class);
    run(new RoundingDevice(1), "out", settings, Precision.F16, RESUME);
    assertThat(TinyRun.weights(folder.resolve("out")))
        .isEqualTo(TinyRun.weights(folder.resolve("unbroken")));
    assertThat(skipped("out")).isEqualTo(skipped("unbroken"));
  }

  /** A scale of 2^16 is too large at a low temperature; the run finds the one that fits. */
  @Test
  void skippedStepsAreLogged() throws IOException {
    TinyRun.Recorder heard = run(new RoundingDevice(1), "out", overflowing(), Precision.F16, NEW);
    List<Boolean> skipped = skipped("out");
    assertThat(skipped).hasSize(10).startsWith(true).endsWith(false);
    assertThat(heard.steps).extracting(StepRecord::skipped).isEqualTo(skipped);
    assertThat(heard.losses()).allSatisfy(loss -> assertThat(loss).isFinite());
    assertThat(TinyRun.weights(folder.resolve("out"))).isNotEqualTo(TinyRun.weights(model));
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F16", "BF16"})
  void pretrainsInAnyPrecision(Precision precision) throws IOException {
    Path prose = TinyRun.write(folder.resolve("prose"), TinyRun.texts(120, 9));
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new RoundingDevice(1)) {
      TinyRun.run(
          device,
          TinyRun.pretraining(prose, 1),
          folder.resolve("out"),
          new ComputeOptions(precision, true),
          NEW,
          heard);
    }
    assertThat(heard.steps.getLast().heldOut().orElseThrow().quality())
        .isGreaterThan(heard.steps.get(2).heldOut().orElseThrow().quality());
  }

  /** Stored parameters, activations and all: the very bytes. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F32", "F16", "BF16"})
  void theEstimateIsWhatIsTaken(Precision precision) {
    for (int tokenMultiple : new int[] {1, 64}) {
      RoundingDevice device = new RoundingDevice(1, tokenMultiple);
      MirrorSettings settings = TinyRun.mirrorSettings(1, 20, 1);
      TinyRun.Recorder heard = run(device, "out" + tokenMultiple, settings, precision, NEW);
      assertThat(heard.estimate.bytes()).isEqualTo(device.peakBytes());
    }
  }

  /** Weights that are packed do not learn, whatever the processor multiplies. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F16", "TF32", "INT8"})
  void whatADeviceCannotComputeInIsRefused(Precision precision) {
    assertThatThrownBy(
            () -> run(new HostDevice(1), "out", TinyRun.mirrorSettings(1, 4, 1), precision, NEW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "--precision " + precision.label() + ": the device cpu computes in f32( or bf16)?");
  }

  private static MirrorSettings overflowing() {
    return TinyRun.mirrorSettings(1, 4, 42).with(Map.of("temperature", 0.01));
  }

  private List<Boolean> skipped(String output) throws IOException {
    return TinyRun.log(folder.resolve(output)).stream()
        .map((JsonNode step) -> step.path("skipped").asBoolean())
        .toList();
  }

  private TinyRun.Recorder run(
      Device device,
      String output,
      MirrorSettings settings,
      Precision precision,
      RunOptions options) {
    return run(device, output, settings, precision, options, new TinyRun.Recorder());
  }

  /** Closes the device. */
  private TinyRun.Recorder run(
      Device device,
      String output,
      MirrorSettings settings,
      Precision precision,
      RunOptions options,
      TinyRun.Recorder recorder) {
    try (device) {
      TinyRun.run(
          device,
          TinyRun.tuning(model, corpus, settings),
          folder.resolve(output),
          new ComputeOptions(precision, true),
          options,
          recorder);
    }
    return recorder;
  }
}

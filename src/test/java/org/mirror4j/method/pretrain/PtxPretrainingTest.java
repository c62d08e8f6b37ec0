package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/**
 * Whole runs of the code that drives a card, on the interpreter under all checks, against the CPU,
 * which takes the batches as they come: two layers, 128 wide, dropout on.
 */
class PtxPretrainingTest {
  private static final int STEPS = 10;

  @TempDir Path folder;

  static Stream<PretrainingSettings> runs() {
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(42)
            .with(Map.of("steps", STEPS, "learningRate", 1e-4, "places", 3, "placeWidth", 5));
    return Stream.of(
        // In parts, whose gradients are added up.
        settings.with(
            Map.of(
                "objective",
                Objective.SPAN_SBO,
                "mask",
                MaskScheme.SPANS,
                "wholeSentences",
                true,
                "batchTokens",
                70,
                "deviceTokens",
                50)),
        settings.with(Map.of("objective", Objective.MLM_NSP)));
  }

  /**
   * The same bits are dropped, so that losses differ by roundings alone: k = 10 L + 10 operations
   * of inner size n at most 4 * 128 leave sqrt(k n) u = 7e-6 of a logit, in the label's as in those
   * of the softmax. Weights whose gradient is no more than roundings may go the other way in each
   * step, by 1e-4, and losses hardly depend on them.
   */
  @ParameterizedTest
  @MethodSource("runs")
  void tenStepsEqualThoseOfTheProcessor(PretrainingSettings settings) {
    List<StepRecord> expected = run(new HostDevice(2), "cpu", settings, ComputeOptions.DEFAULT);
    List<StepRecord> got = run(interpreter(), "ptx", settings, ComputeOptions.DEFAULT);
    assertThat(got).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      double loss = expected.get(step).loss().total();
      assertThat(got.get(step).loss().total())
          .as("step %d", step + 1)
          .isCloseTo(loss, within(1e-5 * loss));
      assertThat(got.get(step).loss().parts().keySet())
          .isEqualTo(expected.get(step).loss().parts().keySet());
    }
  }

  /**
   * A logit is the sum of n independent roundings, each of its own size, about sqrt(n) u large: 11
   * stored results and 4 weights a layer, 2 of the embedding, 6 of a head. A mean loss moves by at
   * most twice that of logits below 1, which fresh weights make, and the total is that of two
   * objectives. Rates are so small that steps which are skipped do not matter.
   */
  @ParameterizedTest
  @MethodSource("runs")
  void halfPrecision(PretrainingSettings settings) {
    double bound = 2 * 2 * Math.sqrt(2 * (11 + 4) + 2 + 6) * 0x1p-11;
    PretrainingSettings slow = settings.with(Map.of("learningRate", 1e-6));
    List<StepRecord> expected = run(new HostDevice(2), "cpu", slow, ComputeOptions.DEFAULT);
    List<StepRecord> got = run(interpreter(), "ptx", slow, new ComputeOptions(Precision.F16, true));
    for (int step = 0; step < STEPS; step++) {
      double loss = expected.get(step).loss().total();
      assertThat(got.get(step).loss().total())
          .as("step %d", step + 1)
          .isNotEqualTo(loss)
          .isCloseTo(loss, within(bound));
    }
  }

  /** Whether steps are recorded and replayed does not matter. */
  @Test
  void replayedAndEagerStepsGiveTheSameBytes() throws IOException {
    PretrainingSettings settings = runs().findFirst().orElseThrow();
    run(interpreter(), "replayed", settings, ComputeOptions.DEFAULT);
    run(interpreter(), "eager", settings, new ComputeOptions(Precision.F32, false));
    assertThat(TinyRun.weights(folder.resolve("eager")))
        .isEqualTo(TinyRun.weights(folder.resolve("replayed")));
  }

  private static Device interpreter() {
    return PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled());
  }

  /** Closes the device. */
  private List<StepRecord> run(
      Device device, String output, PretrainingSettings settings, ComputeOptions compute) {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (device) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(corpus),
              Optional.empty(),
              new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
              "test",
              settings),
          folder.resolve(output),
          compute,
          new RunOptions(1000, false, false),
          recorder);
    }
    return recorder.steps;
  }
}

package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.objective.PretrainingTargets;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingTask;

/**
 * Pretraining on a device that asks for rounded batches; {@link RoundingDevice} fails where steps
 * of one key are not the same operations.
 */
class PretrainingReplayTest {
  private static final int STEPS = 12;
  private static final int MULTIPLE = 16;

  /**
   * Losses of equal weights differ by the order of sums alone: k = 10 L + 10 operations of inner
   * size n, at most 4 * 128, leave sqrt(k n) u of a logit, in the label's as in those of the
   * softmax.
   */
  private static final double BOUND = 2 * Math.sqrt(30 * 4 * 128) * DeviceBuffers.U;

  @TempDir Path folder;

  static Stream<PretrainingSettings> runs() {
    PretrainingSettings spans =
        settings(Objective.SPAN_SBO)
            .with(Map.of("mask", MaskScheme.SPANS, "wholeSentences", true, "longestSpan", 4));
    return Stream.of(
        settings(Objective.MLM),
        spans,
        spans.with(Map.of("batchTokens", 120, "deviceTokens", 50)),
        settings(Objective.MLM_NSP));
  }

  /** With rates this small each step's loss is that of the same weights. */
  private static PretrainingSettings settings(Objective objective) {
    return TinyRun.pretrainingSettings(42)
        .with(
            Map.of(
                "objective",
                objective,
                "steps",
                STEPS,
                "learningRate",
                1e-6,
                "places",
                3,
                "placeWidth",
                5));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void lossesAreThoseOfUnroundedBatches(PretrainingSettings settings) {
    TinyRun.Recorder plain = run(new HostDevice(2), "plain", settings, true);
    RoundingDevice device = new RoundingDevice(2, MULTIPLE);
    TinyRun.Recorder rounded = run(device, "rounded", settings, true);
    assertThat(device.keys()).isPositive();
    assertThat(device.repeats()).isGreaterThanOrEqualTo(STEPS / 2);
    assertThat(rounded.steps).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      StepRecord got = rounded.steps.get(step);
      StepRecord expected = plain.steps.get(step);
      assertThat(got.size()).isEqualTo(expected.size());
      assertCloseTo(got.loss(), expected.loss());
      assertThat(got.heldOut().isPresent()).isEqualTo(expected.heldOut().isPresent());
      expected
          .heldOut()
          .ifPresent(
              loss ->
                  assertCloseTo((TrainingTask.Loss) got.heldOut().get(), (TrainingTask.Loss) loss));
    }
  }

  private static void assertCloseTo(TrainingTask.Loss got, TrainingTask.Loss expected) {
    assertThat(got.total()).isCloseTo(expected.total(), within(BOUND));
    assertThat(got.parts()).hasSameSizeAs(expected.parts());
    expected
        .parts()
        .forEach(
            (name, mean) ->
                assertThat(got.parts().get(name)).as(name).isCloseTo(mean, within(BOUND)));
  }

  /** Not replaying computes the same batches: the same bytes. */
  @Test
  void eagerStepsGiveTheSameBytes() throws IOException {
    PretrainingSettings settings = runs().toList().get(2).with(Map.of("learningRate", 1e-3));
    run(new RoundingDevice(1, MULTIPLE), "replayed", settings, true);
    RoundingDevice eager = new RoundingDevice(1, MULTIPLE);
    run(eager, "eager", settings, false);
    assertThat(eager.keys()).isZero();
    assertThat(TinyRun.weights(folder.resolve("eager")))
        .isEqualTo(TinyRun.weights(folder.resolve("replayed")));
  }

  /**
   * What the gradients are multiplied by is in memory, so that a step of another scale is the same
   * step. Powers of two change no bit but those of the exponent.
   */
  @Test
  void aChangedScaleIsNoOtherKey() {
    BertConfig config = TinyRun.config();
    PretrainingHeads heads =
        new PretrainingHeads(Optional.of(new PretrainingHeads.SpanBoundarySize(3, 5)), true);
    PretrainingObjective.Limits predicted = new PretrainingObjective.Limits(6, 4, 3);
    PackedBatch packed =
        PackedBatch.of(new int[][] {{7, 8, 9, 10, 11, 12, 13}, {15, 16, 17}}, config.positions())
            .rounded(MULTIPLE, 8, config.padTokenId());
    PretrainingTargets targets =
        new PretrainingTargets(
            new int[] {3, 8},
            new int[] {20, 21},
            PretrainingTargets.Spans.of(
                new int[] {2, 4}, new int[] {0}, new int[] {1}, new int[] {0}, new int[] {20}),
            new int[] {7},
            new int[] {1});
    MaskedBatch batch = new MaskedBatch(packed, targets.padded(predicted));
    RoundingDevice device = new RoundingDevice(1, MULTIPLE);
    try (device;
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, config, 1, heads.blocks(config));
      Tensor gradients = workspace.f32("gradients", model.table().size());
      PretrainingStep step =
          new PretrainingStep(
              device, workspace, model, heads, gradients, true, BatchSize.of(packed), predicted);
      PerObjective scales = new PerObjective(0.5, 0.7, 1.3);
      float[] first = gradient(device, step, batch, scales, 1, gradients);
      float[] larger = gradient(device, step, batch, scales, 16, gradients);
      float[] weighted = gradient(device, step, batch, scales.times(4), 1, gradients);
      for (int i = 0; i < first.length; i++) {
        assertThat(larger[i]).isEqualTo(16 * first[i]);
        assertThat(weighted[i]).isEqualTo(4 * first[i]);
      }
      assertThat(device.keys()).isEqualTo(1);
      assertThat(device.repeats()).isEqualTo(2);
      step.upload(new MaskedBatch(packed, targets), scales);
      step.gradient(Dropout.NONE, 1);
      assertThat(device.keys()).isEqualTo(2);
    }
  }

  private static float[] gradient(
      Device device,
      PretrainingStep step,
      MaskedBatch batch,
      PerObjective scales,
      float lossScale,
      Tensor gradients) {
    device.kernels().memory().fill(gradients, 0);
    step.upload(batch, scales);
    step.gradient(Dropout.NONE, lossScale);
    float[] values = new float[Math.toIntExact(gradients.size())];
    device.download(values, gradients);
    return values;
  }

  /** Closes the device. */
  private TinyRun.Recorder run(
      Device device, String output, PretrainingSettings settings, boolean replay) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    try (device) {
      TinyRun.run(
          device,
          TinyRun.pretraining(corpus, settings),
          folder.resolve(output),
          new ComputeOptions(Precision.F32, replay),
          new RunOptions(1000, false, false),
          recorder);
    }
    return recorder;
  }
}

package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.support.StepGradients;
import org.mirror4j.task.ToyHead;
import org.mirror4j.task.ToyTask;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/**
 * Fine-tuning on a device that asks for rounded batches; {@link RoundingDevice} fails where steps
 * of one key are not the same operations.
 */
class FineTuningReplayTest {
  private static final int MULTIPLE = 32;
  private static final RunOptions NEW = new RunOptions(1000, false, false);

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
  }

  /**
   * Three epochs of four steps. With rates this small each step's loss is that of the same weights,
   * and differs by the order of sums alone.
   */
  @ParameterizedTest
  @EnumSource
  void lossesAreThoseOfUnroundedBatches(ToyHead head) {
    FineTuningSettings settings = ToyRun.settings().with(Map.of("epochs", 3, "learningRate", 1e-6));
    TinyRun.Recorder plain = run(new HostDevice(2), head, "plain", settings, true);
    RoundingDevice device = new RoundingDevice(2, MULTIPLE);
    TinyRun.Recorder rounded = run(device, head, "rounded", settings, true);
    assertThat(device.keys()).isPositive();
    assertThat(device.repeats()).isEqualTo(12 - device.keys()).isGreaterThanOrEqualTo(6);
    assertThat(rounded.steps).hasSize(12);
    double bound = 2 * StepGradients.error(2, 4 * TinyRun.MAX_LENGTH, DType.F32);
    for (int step = 0; step < 12; step++) {
      StepRecord got = rounded.steps.get(step);
      StepRecord expected = plain.steps.get(step);
      assertThat(got.size()).isEqualTo(expected.size());
      assertThat(got.loss().total()).isCloseTo(expected.loss().total(), within(bound));
      assertThat(got.heldOut()).isEqualTo(expected.heldOut());
    }
  }

  /** Not replaying computes the same batches: the same bytes, in parts too. */
  @ParameterizedTest
  @EnumSource
  void eagerStepsGiveTheSameBytes(ToyHead head) throws IOException {
    FineTuningSettings settings = ToyRun.settings().with(Map.of("deviceTokens", 20));
    RoundingDevice replaying = new RoundingDevice(1, MULTIPLE);
    run(replaying, head, "replayed", settings, true);
    assertThat(replaying.keys() + replaying.repeats()).isGreaterThan(8);
    assertThat(replaying.repeats()).isPositive();
    RoundingDevice eager = new RoundingDevice(1, MULTIPLE);
    run(eager, head, "eager", settings, false);
    assertThat(eager.keys()).isZero();
    assertThat(TinyRun.weights(folder.resolve("eager")))
        .isEqualTo(TinyRun.weights(folder.resolve("replayed")));
  }

  /**
   * What the gradients are multiplied by is in memory, so that a step of another scale is the same
   * step, as is one of other targets. Powers of two change no bit but those of the exponent.
   */
  @ParameterizedTest
  @EnumSource
  void aChangedScaleIsNoOtherKey(ToyHead head) {
    BertConfig config = TinyRun.config();
    PackedBatch plain =
        PackedBatch.of(new int[][] {{7, 8, 9, 10, 11, 12, 13}, {15, 16, 17}}, config.positions());
    PackedBatch packed = plain.rounded(MULTIPLE, 8, config.padTokenId());
    int[] targets =
        switch (head) {
          case CLASSES -> new int[] {2, 0};
          case TOKENS -> new int[] {-1, 0, 1, 2, 0, 1, -1, -1, 2, 0};
          case ANSWERS -> new int[] {1, 4, 0, 2};
        };
    RoundingDevice device = new RoundingDevice(1, MULTIPLE);
    try (device;
        Workspace workspace = new Workspace(device)) {
      BertModel model =
          BertModel.fresh(device, workspace, config, 1, head.blocks(config, ToyRun.CLASSES));
      Tensor gradients = workspace.f32("gradients", model.table().size());
      TaskStep<int[]> step =
          new TaskStep<>(
              device,
              workspace,
              model,
              ToyTask.of(head, ToyRun.CLASSES),
              gradients,
              true,
              BatchSize.of(packed));
      float[] first = gradient(device, step, packed, targets, 0.5f, gradients);
      float[] larger = gradient(device, step, packed, targets, 8, gradients);
      for (int i = 0; i < first.length; i++) {
        assertThat(larger[i]).isEqualTo(16 * first[i]);
      }
      int[] others = targets.clone();
      others[others.length - 1] = 1;
      assertThat(gradient(device, step, packed, others, 8, gradients)).isNotEqualTo(larger);
      assertThat(device.keys()).isEqualTo(1);
      assertThat(device.repeats()).isEqualTo(2);
      gradient(device, step, plain, targets, 8, gradients);
      assertThat(device.keys()).isEqualTo(2);
    }
  }

  private static float[] gradient(
      Device device,
      TaskStep<int[]> step,
      PackedBatch packed,
      int[] targets,
      float scale,
      Tensor gradients) {
    device.kernels().memory().fill(gradients, 0);
    step.upload(packed, targets);
    step.gradient(Dropout.NONE, scale);
    float[] values = new float[Math.toIntExact(gradients.size())];
    device.download(values, gradients);
    return values;
  }

  /** Closes the device. */
  private TinyRun.Recorder run(
      Device device, ToyHead head, String output, FineTuningSettings settings, boolean replay) {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (device) {
      ToyRun.of(folder, model, head)
          .run(
              device,
              settings,
              folder.resolve(output),
              new ComputeOptions(Precision.F32, replay),
              NEW,
              heard);
    }
    return heard;
  }
}

package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;
import org.mirror4j.support.StepGradients;
import org.mirror4j.task.ToyHead;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/**
 * Whole runs of the code that drives a card, on the interpreter under all checks, against the CPU,
 * which takes the batches as they come: two layers, 128 wide, with heads of 64 as in every BERT,
 * dropout on, some steps in parts.
 */
class PtxFineTuningTest {
  private static final int STEPS = 10;

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    BertConfig config =
        new BertConfig(
            BertConfig.Family.BERT,
            TinyRun.vocabulary().size(),
            128,
            2,
            2,
            128,
            SmallModel.LENGTH,
            2,
            1e-12f,
            GeluForm.ERF,
            0.02f,
            0);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    model = TinyRun.model(folder.resolve("base"), config, parameters);
  }

  private static FineTuningSettings settings(double learningRate) {
    return ToyRun.settings()
        .with(
            Map.of(
                "steps", STEPS,
                "epochs", 3,
                "evaluations", 1,
                "deviceTokens", 30,
                "learningRate", learningRate));
  }

  /**
   * The same bits are dropped, so that losses differ by roundings alone: weights whose gradient is
   * no more than that may go the other way in each step, but losses hardly depend on them.
   */
  @ParameterizedTest
  @EnumSource
  void tenStepsEqualThoseOfTheProcessor(ToyHead head) {
    FineTuningSettings settings = settings(1e-4);
    List<StepRecord> expected = run(new HostDevice(2), head, "cpu", settings, Precision.F32, true);
    List<StepRecord> got = run(interpreter(), head, "ptx", settings, Precision.F32, true);
    double bound = 2 * StepGradients.error(2, 128, DType.F32);
    assertThat(got).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      double loss = expected.get(step).loss().total();
      assertThat(got.get(step).loss().total())
          .as("step %d", step + 1)
          .isCloseTo(loss, within(bound));
      assertThat(got.get(step).heldOut()).isEqualTo(expected.get(step).heldOut());
    }
  }

  /** At rates so small that steps which are skipped do not matter. */
  @ParameterizedTest
  @EnumSource
  void halfPrecision(ToyHead head) {
    FineTuningSettings settings = settings(1e-6);
    List<StepRecord> expected = run(new HostDevice(2), head, "cpu", settings, Precision.F32, true);
    List<StepRecord> got = run(interpreter(), head, "ptx", settings, Precision.F16, true);
    double bound = 2 * StepGradients.error(2, 128, DType.F16);
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
    run(interpreter(), ToyHead.CLASSES, "replayed", settings(1e-3), Precision.F32, true);
    run(interpreter(), ToyHead.CLASSES, "eager", settings(1e-3), Precision.F32, false);
    assertThat(TinyRun.weights(folder.resolve("eager")))
        .isEqualTo(TinyRun.weights(folder.resolve("replayed")));
  }

  private static Device interpreter() {
    return PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled());
  }

  /** Closes the device. */
  private List<StepRecord> run(
      Device device,
      ToyHead head,
      String output,
      FineTuningSettings settings,
      Precision precision,
      boolean replay) {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (device) {
      ToyRun.of(folder, model, head)
          .run(
              device,
              settings,
              folder.resolve(output),
              new ComputeOptions(precision, replay),
              new RunOptions(1000, false, false),
              heard);
    }
    return heard.steps;
  }
}

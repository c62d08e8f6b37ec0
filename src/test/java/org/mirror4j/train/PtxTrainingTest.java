package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.Device;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;

/**
 * Whole runs of the code that drives a card, on the interpreter under all checks, against the CPU:
 * two layers, 64 wide, everything random switched on.
 */
class PtxTrainingTest {
  private static final int STEPS = 10;
  private static final int BATCH_SIZE = 8;

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() {
    BertConfig config =
        new BertConfig(
            BertConfig.Family.BERT,
            TinyRun.vocabulary().size(),
            64,
            2,
            4,
            128,
            SmallModel.LENGTH,
            2,
            1e-12f,
            GeluForm.ERF,
            0.02f,
            0);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    model = TinyRun.model(folder.resolve("base"), config, parameters);
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(STEPS * BATCH_SIZE, 3));
  }

  /** The same bits are dropped, so that losses differ by roundings alone. */
  @Test
  void tenStepsEqualThoseOfTheProcessor() {
    List<Double> expected = losses(new HostDevice(2), "cpu");
    List<Double> got = losses(interpreter(), "ptx");
    assertThat(got).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      double loss = expected.get(step);
      assertThat(got.get(step)).as("step %d", step + 1).isCloseTo(loss, within(1e-4 * loss));
    }
  }

  @Test
  void sameSeedSameBytes() throws IOException {
    losses(interpreter(), "first");
    losses(interpreter(), "second");
    assertThat(TinyRun.weights(folder.resolve("second")))
        .isEqualTo(TinyRun.weights(folder.resolve("first")))
        .isNotEqualTo(TinyRun.weights(model));
  }

  private static Device interpreter() {
    return PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled());
  }

  private List<Double> losses(Device device, String output) {
    MirrorSettings settings =
        TinyRun.mirrorSettings(1, BATCH_SIZE, 42).with(s -> s.learningRate = 1e-4);
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (device) {
      MirrorTraining.run(
          device,
          TinyRun.request(
              model, corpus, folder.resolve(output), settings, new RunOptions(1000, false, false)),
          recorder);
    }
    return recorder.losses();
  }
}

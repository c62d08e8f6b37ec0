package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;

/**
 * Whole runs of the code that drives a card, on the interpreter under all checks, against the CPU:
 * two layers, 128 wide, with heads of 64 as in every BERT, everything random switched on.
 */
class PtxTrainingTest {
  private static final int STEPS = 10;
  private static final int BATCH_SIZE = 8;
  private static final double TEMPERATURE = 0.2;

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() {
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
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(STEPS * BATCH_SIZE, 3));
  }

  /** The same bits are dropped, so that losses differ by roundings alone. */
  @ParameterizedTest
  @EnumSource(
      value = Pooling.class,
      names = {"CLS", "MEAN", "FIRST_LAST_AVG"})
  void tenStepsEqualThoseOfTheProcessor(Pooling pooling) {
    List<Double> expected = losses(new HostDevice(2), "cpu", pooling, ComputeOptions.DEFAULT);
    List<Double> got = losses(interpreter(), "ptx", pooling, ComputeOptions.DEFAULT);
    assertThat(got).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      double loss = expected.get(step);
      assertThat(got.get(step)).as("step %d", step + 1).isCloseTo(loss, within(1e-4 * loss));
    }
  }

  /**
   * A loss moves by at most 2 / temperature times the error of a cosine. That is at most twice the
   * relative error of a vector, which n independent roundings make about sqrt(n) u large (Higham
   * and Mary 2019, with their constant at 1): 11 stored results and 4 weights a layer, 2 of the
   * embedding. The drift of the weights over ten steps of 1e-4 is far below that. In TF32 it is the
   * two factors of 4 products a layer, which is fewer.
   */
  @ParameterizedTest
  @CsvSource({"F16, 11, MEAN", "BF16, 8, CLS", "TF32, 11, FIRST_LAST_AVG"})
  void lowerPrecision(Precision precision, int bits, Pooling pooling) {
    double roundings = 2 * (11 + 4) + 2;
    double bound = 2 / TEMPERATURE * 2 * Math.sqrt(roundings) * Math.scalb(1.0, -bits);
    List<Double> expected = losses(new HostDevice(2), "cpu", pooling, ComputeOptions.DEFAULT);
    List<Double> got = losses(interpreter(), "ptx", pooling, new ComputeOptions(precision, true));
    for (int step = 0; step < STEPS; step++) {
      assertThat(got.get(step))
          .as("step %d", step + 1)
          .isCloseTo(expected.get(step), within(bound));
    }
    assertThat(got).isNotEqualTo(expected);
  }

  /** Whether steps are recorded and replayed does not matter either. */
  @Test
  void sameSeedSameBytes() throws IOException {
    Map<Precision, byte[]> weights = new EnumMap<>(Precision.class);
    for (Precision precision : List.of(Precision.F32, Precision.TF32)) {
      String first = precision + "-first";
      String second = precision + "-second";
      losses(interpreter(), first, Pooling.CLS, new ComputeOptions(precision, true));
      losses(interpreter(), second, Pooling.CLS, new ComputeOptions(precision, false));
      weights.put(precision, TinyRun.weights(folder.resolve(first)));
      assertThat(TinyRun.weights(folder.resolve(second)))
          .isEqualTo(weights.get(precision))
          .isNotEqualTo(TinyRun.weights(model));
    }
    assertThat(weights.get(Precision.TF32)).isNotEqualTo(weights.get(Precision.F32));
  }

  private static Device interpreter() {
    return PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled());
  }

  private List<Double> losses(
      Device device, String output, Pooling pooling, ComputeOptions compute) {
    MirrorSettings settings =
        TinyRun.mirrorSettings(1, BATCH_SIZE, 42)
            .with(Map.of("learningRate", 1e-4, "temperature", TEMPERATURE, "pooling", pooling));
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (device) {
      TinyRun.run(
          device,
          TinyRun.tuning(model, corpus, settings),
          folder.resolve(output),
          compute,
          new RunOptions(1000, false, false),
          recorder);
    }
    return recorder.losses();
  }
}

package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/**
 * Runs on a device that asks for rounded batches; {@link RoundingDevice} fails where steps of one
 * key are not the same operations.
 */
class ReplayTest {
  private static final int MULTIPLE = 64;
  private static final RunOptions NEW = new RunOptions(1000, false, false);

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(40, 8));
  }

  /**
   * Twelve steps over two epochs, masks and drophead on. With rates this small each step's loss is
   * that of the same weights.
   */
  @ParameterizedTest
  @EnumSource
  void lossesAreThoseOfUnroundedBatches(Pooling pooling) throws IOException {
    String template = pooling.takesMask() ? "{} [MASK]" : "";
    MirrorSettings settings = settings().with(Map.of("pooling", pooling, "template", template));
    List<Double> plain = run(new HostDevice(2), "plain", settings, Precision.F32, true).losses();
    RoundingDevice device = new RoundingDevice(2, MULTIPLE);
    List<Double> rounded = run(device, "rounded", settings, Precision.F32, true).losses();
    assertThat(device.keys()).isBetween(1, 6);
    assertThat(device.repeats()).isEqualTo(12 - device.keys());
    assertThat(rounded).hasSize(12);
    for (int step = 0; step < 12; step++) {
      assertThat(rounded.get(step)).isCloseTo(plain.get(step), within(bound(settings)));
    }
  }

  /** Not replaying computes the same batches: the same bytes. */
  @Test
  void eagerStepsGiveTheSameBytes() throws IOException {
    run(new RoundingDevice(1, MULTIPLE), "replayed", settings(), Precision.F32, true);
    RoundingDevice eager = new RoundingDevice(1, MULTIPLE);
    run(eager, "eager", settings(), Precision.F32, false);
    assertThat(eager.keys()).isZero();
    assertThat(TinyRun.weights(folder.resolve("eager")))
        .isEqualTo(TinyRun.weights(folder.resolve("replayed")));
  }

  /** The loss scale is a number in a launch, so a step of another scale is another step. */
  @Test
  void aChangedLossScaleIsAnotherKey() throws IOException {
    MirrorSettings settings = settings().with(Map.of("temperature", 0.01));
    RoundingDevice device = new RoundingDevice(1, MULTIPLE);
    TinyRun.Recorder heard = run(device, "out", settings, Precision.F16, true);
    assertThat(heard.steps).extracting(StepRecord::skipped).contains(true, false);
    assertThat(device.keys()).isGreaterThan(1);
    assertThat(device.repeats()).isPositive();
  }

  /**
   * Two long and two short texts in batches of two: an epoch that puts the long ones together needs
   * more than the first, which with this seed mixes them. The buffers are planned anew, and steps
   * with them.
   */
  @Test
  void aLaterEpochWithALargerBatch() {
    String word = TinyRun.texts(1, 1).getFirst().substring(0, 2);
    String text = String.join(" ", Collections.nCopies(9, word));
    TinyRun.write(corpus, List.of(word, text, word + " " + word, text + " " + word));
    MirrorSettings settings =
        TinyRun.mirrorSettings(6, 2, 2).with(Map.of("learningRate", 1e-6, "randomSpanMask", 0));
    List<Double> plain = run(new HostDevice(1), "plain", settings, Precision.F32, true).losses();
    RoundingDevice device = new RoundingDevice(1, 8);
    TinyRun.Recorder heard = run(device, "rounded", settings, Precision.F32, true);
    assertThat(device.peakBytes()).isGreaterThan(heard.estimate.bytes());
    for (int step = 0; step < 12; step++) {
      assertThat(heard.losses().get(step)).isCloseTo(plain.get(step), within(bound(settings)));
    }
  }

  /** As with any device: bytes depend on seed and text alone. */
  @Test
  void resumesInTheSameBytes() throws IOException {
    RunOptions everyStep = new RunOptions(1, false, false);
    run(new RoundingDevice(1, MULTIPLE), "unbroken", settings(), Precision.F32, true);
    TinyRun.Recorder stopped = new TinyRun.Recorder(8);
    assertThatThrownBy(
            () ->
                run(
                    new RoundingDevice(1, MULTIPLE),
                    "out",
                    settings(),
                    Precision.F32,
                    true,
                    everyStep,
                    stopped))
        .isInstanceOf(TinyRun.Killed.class);
    run(
        new RoundingDevice(1, MULTIPLE),
        "out",
        settings(),
        Precision.F32,
        true,
        new RunOptions(1, true, false),
        new TinyRun.Recorder());
    assertThat(TinyRun.weights(folder.resolve("out")))
        .isEqualTo(TinyRun.weights(folder.resolve("unbroken")));
  }

  /**
   * Losses of equal weights differ by the order of sums alone: k = 10 L + 10 operations of inner
   * size at most 2 * 6 * 12, counted 1 / temperature times.
   */
  private static double bound(MirrorSettings settings) {
    return (1 + 1 / settings.temperature()) * Math.sqrt(30 * 2 * 6 * 12) * DeviceBuffers.U;
  }

  private static MirrorSettings settings() {
    return TinyRun.mirrorSettings(2, 6, 42).with(Map.of("learningRate", 1e-6));
  }

  private TinyRun.Recorder run(
      Device device, String output, MirrorSettings settings, Precision precision, boolean replay) {
    return run(device, output, settings, precision, replay, NEW, new TinyRun.Recorder());
  }

  /** Closes the device. */
  private TinyRun.Recorder run(
      Device device,
      String output,
      MirrorSettings settings,
      Precision precision,
      boolean replay,
      RunOptions options,
      TinyRun.Recorder recorder) {
    try (device) {
      TinyRun.run(
          device,
          TinyRun.tuning(model, corpus, settings),
          folder.resolve(output),
          new ComputeOptions(precision, replay),
          options,
          recorder);
    }
    return recorder;
  }
}

package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.support.DeviceProxy;
import org.mirror4j.tensor.Allocator;

/** Runs that cannot fit are told what to lower, by options that they have. */
class ResourceEstimateTest {
  @TempDir Path folder;
  private Path corpus;

  @BeforeEach
  void writeCorpus() {
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(60, 8));
  }

  private void requireRefused(Method method, String lower) {
    Path output = folder.resolve("out");
    try (Device device = DeviceProxy.full()) {
      assertThatThrownBy(
              () ->
                  TinyRun.run(
                      device,
                      method,
                      output,
                      new RunOptions(RunOptions.NEVER, false, false),
                      new TinyRun.Recorder()))
          .isInstanceOf(Allocator.OutOfMemoryException.class)
          .hasMessageEndingWith(" 0.0 GiB are free: lower " + lower);
    }
    assertThat(output).doesNotExist();
  }

  @Test
  void aTuning() {
    Path model = TinyRun.model(folder.resolve("model"), TinyRun.parameters());
    requireRefused(
        TinyRun.tuning(model, corpus, TinyRun.mirrorSettings(1, 4, 7)),
        "--batch-size or --max-length");
  }

  @Test
  void aPretraining() {
    requireRefused(TinyRun.pretraining(corpus, 7), "--device-tokens or --max-length");
  }
}

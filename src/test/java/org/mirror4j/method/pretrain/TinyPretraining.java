package org.mirror4j.method.pretrain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;

/**
 * Runs of {@link Pretraining} that take a second.
 *
 * @param folder of their outputs
 */
record TinyPretraining(Path folder) {
  /** Options of a run that begins. */
  static final RunOptions NEW = new RunOptions(1000, false, false);

  /** From fresh weights, into {@code out}. */
  TinyRun.Recorder run(Path corpus, PretrainingSettings settings) {
    return run(1, TinyRun.pretraining(corpus, settings), "out");
  }

  /** From fresh weights. */
  TinyRun.Recorder run(int threads, Path corpus, String output, long seed) {
    return run(threads, TinyRun.pretraining(corpus, seed), output);
  }

  /** From a model. */
  TinyRun.Recorder from(Path model, Path corpus, PretrainingSettings settings, String output) {
    Pretraining method =
        new Pretraining(
            List.of(corpus),
            Optional.empty(),
            new PretrainingStart.Model(model, model.getFileName().toString()),
            "test",
            settings);
    return run(1, method, output);
  }

  private TinyRun.Recorder run(int threads, Pretraining method, String output) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(threads)) {
      TinyRun.run(device, method, folder.resolve(output), NEW, recorder);
    }
    return recorder;
  }
}

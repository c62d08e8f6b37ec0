package org.mirror4j.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.file.OutputLock;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingRun;

/**
 * Tuned models on disk: those that are kept, and those that are there until all is measured of
 * them. What is kept is never deleted here.
 */
final class TunedModels {
  private final Path kept;
  private final Path unmeasured;

  /**
   * @param store folder of all that is kept of experiments
   */
  TunedModels(Path store) {
    kept = store.resolve("models");
    unmeasured = store.resolve("unmeasured");
  }

  private Path unmeasured(ModelState state) {
    return unmeasured.resolve(state.digest());
  }

  private Path kept(ModelState state) {
    return kept.resolve(state.digest());
  }

  /** Whether a model was tuned before. */
  boolean has(ModelState state) {
    return Files.exists(kept(state)) || Files.exists(unmeasured(state));
  }

  /** The directory of a model, tuned if it was not before; goes on where that was begun. */
  Path directory(Device device, DType precision, ModelState state, TrainingListener listener) {
    if (Files.exists(kept(state))) {
      return kept(state);
    }
    Path output = unmeasured(state);
    if (!Files.exists(output)) {
      ModelState.Run tuning = state.run().orElseThrow();
      TrainingRun.execute(
          device,
          new MirrorTraining(
              state.base(),
              tuning.modelName(),
              tuning.corpus(),
              tuning.corpusName(),
              tuning.recipe(),
              tuning.settings()),
          new RunRequest(
              output,
              DType.F32,
              new ComputeOptions(precision, true),
              new RunOptions(RunOptions.NEVER, TrainingRun.isUnfinished(output), false)),
          listener);
    }
    return output;
  }

  /**
   * All is measured of a model: it is kept, or gone from its name at once.
   *
   * @throws FileException if the folder cannot be changed
   */
  void measured(ModelState state, boolean keep) {
    Path directory = unmeasured(state);
    if (!Files.exists(directory)) {
      return;
    }
    try (OutputLock lock = OutputLock.of(directory)) {
      if (keep) {
        Files.createDirectories(kept);
        Files.move(directory, kept(state), StandardCopyOption.ATOMIC_MOVE);
      } else {
        lock.discard();
      }
    } catch (IOException e) {
      throw FileException.of(directory + ": cannot be " + (keep ? "kept" : "removed"), e);
    }
  }
}

package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingRun;

/**
 * A model of a table: as it was fetched, or tuned with one seed.
 *
 * @param base directory of the model that it is or starts from
 * @param run how it is tuned; absent for the model as it is
 * @param key all that determines its weights
 */
record ModelState(Path base, Optional<Run> run, ObjectNode key) {
  /**
   * A tuning with one seed.
   *
   * @param modelName what the run's settings call the model
   * @param corpus file
   * @param corpusName what the run's settings call it
   * @param recipe that the output carries
   * @param settings every value
   */
  record Run(
      String modelName, Path corpus, String corpusName, String recipe, MirrorSettings settings) {}

  /**
   * A model with what determines it: the content of all files, all settings, how it is computed.
   *
   * @param digests those that are known, by file or directory; others are made and kept there
   */
  static ModelState of(
      Path base,
      Optional<Run> run,
      BiFunction<Path, Function<Path, String>, String> digests,
      String device,
      String precision) {
    ObjectNode key = JsonFiles.object();
    key.put("model", digests.apply(base, ModelState::digest));
    run.ifPresent(
        tuning -> {
          key.put("corpus", digests.apply(tuning.corpus(), FileHash::of));
          key.set("settings", JsonRecords.write(tuning.settings()));
        });
    key.put("device", device);
    key.put("precision", precision);
    return new ModelState(base, run, key);
  }

  private static String digest(Path model) {
    ModelDirectory directory = ModelDirectory.open(model);
    return directory.hash() + " " + directory.tokenizerHash();
  }

  /** A name that no other state has. */
  String digest() {
    return ScoreStore.digest(key);
  }

  /**
   * Tunes the model; goes on where that was begun before.
   *
   * @param output directory to write
   */
  void tune(Device device, DType precision, Path output, TrainingListener listener) {
    Run tuning = run.orElseThrow();
    try {
      Files.createDirectories(output.getParent());
    } catch (IOException e) {
      throw FileException.of("cannot make " + output.getParent(), e);
    }
    TrainingRun.execute(
        device,
        new MirrorTraining(
            base,
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
}

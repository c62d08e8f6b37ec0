package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Tokenizer;

/**
 * What every run does once its model and task are planned: train with checkpoints beside the
 * output, then write the output and remove the checkpoints.
 */
final class TrainingRun {
  private final Device device;
  private final Path output;
  private final RunOptions options;
  private final ModelSettings.Provenance provenance;
  private final TrainingListener listener;
  private final RunDirectory directory;

  /**
   * A run.
   *
   * @param directory its folder, begun
   * @param output directory to write
   * @param provenance what the result depends on
   */
  TrainingRun(
      Device device,
      RunDirectory directory,
      Path output,
      RunOptions options,
      ModelSettings.Provenance provenance,
      TrainingListener listener) {
    this.device = device;
    this.directory = directory;
    this.output = output;
    this.options = options;
    this.provenance = provenance;
    this.listener = listener;
  }

  /**
   * Whether there is something to do; says so if there is not.
   *
   * @throws FileException as {@link RunDirectory#begin}
   */
  static boolean begin(
      RunDirectory directory, Path output, ObjectNode settings, TrainingListener listener) {
    if (directory.begin(settings)) {
      return true;
    }
    listener.notice(output + ": is there already, made by a run with these settings");
    listener.finished();
    return false;
  }

  /** Runs the steps that are left. */
  void train(List<Trainable> trainables, Optimization optimization, TrainingTask task) {
    new Trainer(device, trainables, optimization, task, directory, provenance, options)
        .run(listener);
  }

  /**
   * Writes the output directory, which appears whole or not at all, and ends the run. Until the
   * output is whole and on disk the folder stays, with a checkpoint of the last step.
   *
   * @param config content of {@code config.json}
   * @param store type of the written weights
   * @param pooling label of the pooling, empty for a model that is no encoder of sentences yet
   * @param maxLength longest sequence in tokens
   * @param embedding what the model does before the tokenizer and after the pooling
   */
  void finish(
      ObjectNode config,
      BertModel model,
      DType store,
      Optional<String> pooling,
      int maxLength,
      EmbeddingSettings embedding,
      Tokenizer tokenizer) {
    ModelSettings settings =
        new ModelSettings(pooling, OptionalInt.of(maxLength), embedding, Optional.of(provenance));
    try (Arena arena = Arena.ofConfined()) {
      ModelDirectory.write(
          output,
          new ModelDirectory.Contents(
              config,
              model.tensors(device, arena, store),
              settings,
              path -> {
                tokenizer.save(path);
                Files.copy(directory.log(), path.resolve(directory.log().getFileName()));
              }),
          directory.replacesOutput());
    } catch (FileException e) {
      throw new FileException(e.getMessage() + kept(), e);
    } catch (IOException e) {
      throw new FileException(FileException.of(output, e).getMessage() + kept(), e);
    }
    try {
      directory.delete();
    } catch (FileException e) {
      listener.warning(e.getMessage()); // the output is there all the same
    }
    listener.finished();
  }

  private String kept() {
    return "; all steps are kept in %s: %s writes the output"
        .formatted(directory.path(), directory.resuming());
  }
}

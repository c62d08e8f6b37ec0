package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.optim.LearningRateSchedule;
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
   * Makes the run directory or opens that of an unfinished run.
   *
   * @param output directory to write
   * @param provenance what the result depends on; the settings in it decide whether a run resumes
   * @throws org.mirror4j.checkpoint.CheckpointException as {@link RunDirectory#open}
   */
  TrainingRun(
      Device device,
      Path output,
      RunOptions options,
      ModelSettings.Provenance provenance,
      TrainingListener listener) {
    this.device = device;
    this.output = output;
    this.options = options;
    this.provenance = provenance;
    this.listener = listener;
    directory = RunDirectory.open(output, provenance.run(), options);
  }

  /** Runs the steps that are left. */
  void train(TrainableModel model, TrainingTask task, LearningRateSchedule schedule) {
    new Trainer(device, model, task, schedule, directory, provenance, options.checkpointSteps())
        .run(listener);
  }

  /**
   * Writes the output directory, which appears whole or not at all, and ends the run.
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
                Files.copy(directory.log(), path.resolve("train.jsonl"));
              }),
          options.overwrite());
    }
    directory.delete();
    listener.finished();
  }
}

package org.mirror4j.method.finetune;

import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/** What a fine-tuned model scores, as it is scored while it trains. */
public final class FineTunedScores {
  private FineTunedScores() {}

  /**
   * Scores a model.
   *
   * @param precision that the model is computed in
   * @param model directory that fine-tuning has written
   * @param reader reads the task with what is scored
   * @param settings that it was fine-tuned with
   * @param notices is told what is worth knowing of the files
   * @return by their names, the one that decides first
   * @throws org.mirror4j.file.FileException if the model has no head of the task
   */
  public static SequencedMap<String, Double> of(
      Device opened,
      Precision precision,
      Path model,
      FineTuning.TaskReader reader,
      FineTuningSettings settings,
      Consumer<String> notices) {
    Device device = opened.computing(precision);
    ModelDirectory directory = ModelDirectory.open(model);
    BertConfig config = BertConfig.of(directory);
    try (SafeTensors weights = directory.weights();
        Tokenizer tokenizer = ModelTokenizer.open(directory, config);
        Workspace workspace = new Workspace(device)) {
      FineTunedTask<?> task = reader.read(directory, tokenizer, settings.maxLength(), notices);
      BertModel loaded =
          BertModel.load(device, workspace, config, weights, task.head(config))
              .storedAs(device, workspace, precision.storage());
      return of(
          device,
          workspace,
          loaded,
          task,
          new TaskBatches(settings, config, device.tokenMultiple()));
    }
  }

  private static <T> SequencedMap<String, Double> of(
      Device device,
      Workspace workspace,
      BertModel model,
      FineTunedTask<T> task,
      TaskBatches batches) {
    Evaluation<T> scored = task.development().orElseThrow();
    TaskStep<T> step =
        new TaskStep<>(
            device, workspace, model, task, null, false, batches.largest(scored.examples()));
    return of(scored, batches, step);
  }

  /** Of a model whose step predicts. */
  static <T> SequencedMap<String, Double> of(
      Evaluation<T> scored, TaskBatches batches, TaskStep<T> step) {
    Evaluation.Collector collector = scored.begin();
    batches.forEach(
        scored.examples(),
        part ->
            collector.add(part.examples(), part.packed(), step.predict(scored.examples(), part)));
    return collector.scores();
  }
}

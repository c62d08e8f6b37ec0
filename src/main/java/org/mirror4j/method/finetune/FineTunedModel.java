package org.mirror4j.method.finetune;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.file.FileException;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.task.TaskHead;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ScoredStep;

/**
 * A model directory with the head of a task, made here or by transformers. Its files are read when
 * it is opened, its weights when it predicts.
 */
public final class FineTunedModel implements AutoCloseable {
  private final ModelDirectory directory;
  private final String name;
  private final String task;
  private final BertConfig config;
  private final TrainedModel files;
  private final FineTuningSettings settings;

  /**
   * Opens a directory.
   *
   * @param name of the model, for messages
   * @param kind of the task that it is asked for
   * @param length tokens of an example; empty for what it was fine-tuned with, or of a model made
   *     elsewhere what the task's recipe has
   * @throws FileException if it is no model, or one with the head of another task
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   * @throws IllegalArgumentException if the model does not take the length
   */
  public FineTunedModel(Path path, String name, PredictedKind kind, OptionalInt length) {
    directory = ModelDirectory.open(path);
    this.name = name;
    task = kind.name();
    String file = Path.of(name, "config.json").toString();
    requireClass(file, kind);
    config = BertConfig.of(directory);
    Tokenizer tokenizer = ModelTokenizer.open(directory, config);
    try {
      settings = settings(kind, length);
      files =
          new TrainedModel(
              file,
              directory.config(),
              directory.settings().run(),
              scores(directory.path()),
              tokenizer,
              settings.maxLength());
    } catch (RuntimeException | Error e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Those of the held-out data when the model was at its best; of models made elsewhere, none. */
  private static SequencedMap<String, Double> scores(Path model) {
    return ScoredStep.find(model).map(ScoredStep::scores).orElseGet(LinkedHashMap::new);
  }

  /** By the class of transformers: heads of several tasks have tensors of the same names. */
  private void requireClass(String file, PredictedKind kind) {
    JsonNode classes = directory.config().path("architectures");
    if (classes.isEmpty()) {
      return;
    }
    List<String> names = classes.valueStream().map(JsonNode::asText).toList();
    if (names.stream().noneMatch(one -> one.endsWith(kind.className()))) {
      throw new FileException(
          "%s: architectures is %s, expected ...%s, as of a model that was fine-tuned for %s"
              .formatted(
                  file,
                  FileException.clean(String.join(", ", names)),
                  kind.className(),
                  kind.name()));
    }
  }

  private FineTuningSettings settings(PredictedKind kind, OptionalInt length) {
    FineTuningSettings recipe = FineTuningRecipe.of(kind.recipe()).settings();
    int maxLength =
        Stream.of(length, directory.settings().maxLength())
            .filter(OptionalInt::isPresent)
            .mapToInt(OptionalInt::getAsInt)
            .findFirst()
            .orElseGet(() -> Math.min(recipe.maxLength(), config.maxSequenceLength()));
    return recipe.with(
        Map.of(
            "maxLength",
            config.requireLength(maxLength),
            "deviceTokens",
            Math.max(maxLength, recipe.deviceTokens())));
  }

  /** What its files say; the tokenizer is open for as long as the model is. */
  public TrainedModel files() {
    return files;
  }

  /** The task that it was fine-tuned for; empty where its files do not say. */
  public Optional<String> tunedFor() {
    return files.run().map(run -> run.path("task").asText("")).filter(said -> !said.isEmpty());
  }

  /**
   * What it says of texts.
   *
   * @param precision that the model is computed in
   * @param notices is told how the weights were read
   * @param progress is told how many examples are done
   * @throws FileException if the weights have no such head
   * @throws IllegalArgumentException if the device does not compute in the precision
   */
  public <T> Predictions predict(
      Device opened,
      Precision precision,
      PredictedTask<T> texts,
      Consumer<String> notices,
      LongConsumer progress) {
    Device device = opened.computing(precision);
    try (Workspace workspace = new Workspace(device)) {
      BertModel model = load(device, workspace, texts, precision.storage());
      model.notes().forEach(note -> notices.accept(name + ": " + note));
      TaskBatches batches = new TaskBatches(settings, config, device.tokenMultiple());
      TaskStep<T> step =
          new TaskStep<>(
              device, workspace, model, texts, null, false, batches.largest(texts.examples()));
      Predictions predictions = texts.begin();
      long[] done = new long[1];
      batches.forEach(
          texts.examples(),
          part -> {
            predictions.add(part.examples(), part.packed(), step.predict(texts.examples(), part));
            done[0] += part.examples().length;
            progress.accept(done[0]);
          });
      return predictions;
    }
  }

  private BertModel load(Device device, Workspace workspace, TaskHead<?> wanted, DType storage) {
    ParameterTable.Block[] blocks = wanted.head(config);
    try (SafeTensors weights = directory.weights()) {
      if (!Arrays.stream(blocks).allMatch(block -> WeightMap.hasAny(weights, block))) {
        List<String> parameters =
            ParameterTable.of(List.of(blocks)).entries().stream()
                .map(ParameterTable.Entry::name)
                .toList();
        throw new FileException(
            "%s: has no head of the task %s (%s), expected a model that was fine-tuned for it"
                .formatted(weights.file(), task, String.join(", ", parameters)));
      }
      return BertModel.load(device, workspace, config, weights, blocks)
          .storedAs(device, workspace, storage);
    }
  }

  @Override
  public void close() {
    files.tokenizer().close();
  }
}

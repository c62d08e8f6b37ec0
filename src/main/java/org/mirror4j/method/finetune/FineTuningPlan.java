package org.mirror4j.method.finetune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.optim.Optimization;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.ResourceEstimate;
import org.mirror4j.train.Settings;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/**
 * A run of {@link FineTuning} over data that has been read.
 *
 * @param <T> what is to be predicted of a batch
 */
final class FineTuningPlan<T> implements Method.Plan {
  private final FineTuning method;
  private final FineTuningSettings settings;
  private final Device device;
  private final ComputeOptions compute;
  private final TrainingListener listener;
  private final ModelDirectory source;
  private final AtomicFiles.DirectoryWriter licences;
  private final BertConfig config;
  private final Tokenizer tokenizer;
  private final FineTunedTask<T> task;
  private final TaskBatches batches;
  private final int steps;
  private final String dataHash;

  FineTuningPlan(
      FineTuning method,
      Device device,
      ComputeOptions compute,
      TrainingListener listener,
      ModelDirectory source,
      BertConfig config,
      Tokenizer tokenizer,
      FineTunedTask<T> task) {
    this.method = method;
    settings = method.settings();
    this.device = device;
    this.compute = compute;
    this.listener = listener;
    this.source = source;
    licences = source.licences();
    this.config = config;
    this.tokenizer = tokenizer;
    this.task = task;
    batches = new TaskBatches(settings, config, device.tokenMultiple());
    dataHash = FileHash.whole(List.of(method.training()));
    steps =
        Settings.steps(
            settings.epochs(), batches.stepsPerEpoch(task.training().size()), settings.steps());
  }

  @Override
  public String dataHash() {
    return dataHash;
  }

  @Override
  public ObjectNode settings() {
    ObjectNode json = JsonFiles.object();
    json.put("command", "finetune");
    json.put("model", method.modelName());
    json.put("modelHash", source.hash());
    json.put("tokenizerHash", source.tokenizerHash());
    json.put("task", method.task());
    method.options().forEach(json::put);
    json.put("train", method.training().toString());
    json.put("trainHash", dataHash);
    json.put("dev", method.development().map(Path::toString).orElse(""));
    json.put("devHash", method.development().map(file -> FileHash.whole(List.of(file))).orElse(""));
    json.put("recipe", method.recipe());
    json.setAll(JsonRecords.write(settings));
    json.put("steps", steps);
    // The steps say it: a run may go on with other epochs.
    json.remove("epochs");
    return json;
  }

  @Override
  public ResourceEstimate estimate() {
    long tokens = 0;
    int examples = task.training().size();
    for (int example = 0; example < examples; example++) {
      tokens += task.training().text(example).length();
    }
    tokens = Math.round((double) tokens / examples * batches.examples(examples, steps));
    try (Workspace counting = Workspace.counting()) {
      DType storage = compute.precision().storage();
      BertModel planned =
          BertModel.plan(counting, config, task.head(config)).storedAs(null, counting, storage);
      Trainable trainable = method.trainable(null, counting, planned, task, steps);
      trainable.optimization(null, counting, method.clipping(task));
      BatchSize largest = batches.largest(task.training());
      new TaskStep<>(device, counting, planned, task, trainable.gradients(), false, largest);
      if (batches.parts(task.training())) {
        FineTuningTask.sum(counting, trainable.gradients());
      }
      task.development()
          .ifPresent(
              development ->
                  new TaskStep<>(
                      device,
                      counting,
                      planned,
                      task,
                      null,
                      false,
                      batches.largest(development.examples())));
      return ResourceEstimate.of(
          device,
          storage,
          counting.bytes(),
          config.multiplications(tokens, tokens),
          config.hiddenSize(),
          config.intermediateSize());
    }
  }

  @Override
  public String memoryOptions() {
    return task.memoryOptions();
  }

  @Override
  public Method.Training begin(Workspace workspace) {
    BertModel model;
    try (SafeTensors weights = source.weights()) {
      model =
          extended(workspace, weights).storedAs(device, workspace, compute.precision().storage());
    }
    model.notes().forEach(note -> listener.notice(method.modelName() + ": " + note));
    Trainable trainable = method.trainable(device, workspace, model, task, steps);
    return new InTraining<>(
        this,
        model,
        List.of(trainable),
        trainable.optimization(device, workspace, method.clipping(task)));
  }

  private BertModel extended(Workspace workspace, SafeTensors weights) {
    ParameterTable.Block[] head = task.head(config);
    ParameterTable.Block labels = head[head.length - 1];
    Optional<String> others = HeadLabels.others(source.config(), weights, task, labels);
    others.ifPresent(reason -> listener.notice(method.modelName() + ": " + reason));
    Set<ParameterTable.Block> anew = others.isPresent() ? Set.of(labels) : Set.of();
    return BertModel.extended(device, workspace, config, weights, settings.seed(), anew, head);
  }

  private record InTraining<T>(
      FineTuningPlan<T> plan,
      BertModel model,
      List<Trainable> trainables,
      Optimization optimization)
      implements Method.Training {
    @Override
    public TrainingTask task() {
      return new FineTuningTask<>(
          plan.device,
          model,
          trainables.getFirst().gradients(),
          plan.settings,
          plan.compute.replay(),
          plan.task,
          plan.batches,
          plan.steps);
    }

    @Override
    public ModelContents result(Arena arena, DType store, ModelSettings.Provenance made) {
      ObjectNode json = plan.config.written(plan.source.config(), plan.task.className());
      HeadLabels.replace(json, plan.task);
      return new ModelContents(
              json,
              model.tensors(plan.device, arena, store),
              new ModelSettings(
                  Optional.empty(), OptionalInt.of(plan.settings.maxLength()), Optional.of(made)),
              plan.tokenizer::save)
          .with(plan.licences);
    }
  }
}

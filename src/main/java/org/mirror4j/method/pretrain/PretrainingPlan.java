package org.mirror4j.method.pretrain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.ResourceEstimate;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** A run of {@link Pretraining} over texts that have been looked into. */
final class PretrainingPlan implements Method.Plan {
  private final Pretraining method;
  private final PretrainingSettings settings;
  private final Device device;
  private final ComputeOptions compute;
  private final TrainingListener listener;
  private final PretrainedModel model;
  private final PretrainingText text;
  private final String dataHash;

  PretrainingPlan(
      Pretraining method,
      Device device,
      ComputeOptions compute,
      TrainingListener listener,
      PretrainedModel model,
      PretrainingText text) {
    this.method = method;
    settings = method.settings();
    this.device = device;
    this.compute = compute;
    this.listener = listener;
    this.model = model;
    this.text = text;
    dataHash = text.files().hash();
  }

  @Override
  public String dataHash() {
    return dataHash;
  }

  @Override
  public ObjectNode settings() {
    ObjectNode json = JsonFiles.object();
    json.put("command", "pretrain");
    model.describe(json);
    ArrayNode corpus = json.putArray("corpus");
    method.corpus().forEach(file -> corpus.add(file.toString()));
    json.put("dataHash", dataHash);
    json.put("heldOut", method.heldOut().map(Path::toString).orElse(""));
    json.put("heldOutHash", text.files().heldOutHash());
    json.put("recipe", method.recipe());
    json.setAll(JsonRecords.write(settings));
    json.put("steps", text.steps());
    // The steps say it: a run may go on with other epochs.
    json.remove("epochs");
    return json;
  }

  @Override
  public void remark(TrainingListener listener) {
    int steps = text.steps();
    if (text.tokens() > 0 && text.tokens() < settings.batchTokens()) {
      listener.warning(
          "the text has %,d tokens, fewer than the %,d of a step: a step takes parts of it several times"
              .formatted(text.tokens(), settings.batchTokens()));
    }
    if (settings.warmupSteps() > steps) {
      listener.warning(
          "a warm-up of %,d steps is longer than the run: the learning rate rises over all of its %,d steps and never falls"
              .formatted(settings.warmupSteps(), steps));
    }
  }

  @Override
  public ResourceEstimate estimate() {
    long tokens = (long) settings.batchTokens() * text.steps();
    BertConfig config = model.config();
    try (Workspace counting = Workspace.counting()) {
      DType storage = compute.precision().storage();
      BertModel planned = model.plan(counting).storedAs(null, counting, storage);
      Trainable trainable = method.trainable(null, counting, planned, text.steps());
      trainable.optimization(null, counting, method.clipping());
      PretrainingTask.plan(device, counting, planned, trainable.gradients(), settings, false);
      PretrainingTask.sum(counting, trainable.gradients(), settings);
      if (method.heldOut().isPresent()) {
        PretrainingTask.plan(device, counting, planned, null, settings, false);
      }
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
    return "--device-tokens or --max-length";
  }

  @Override
  public Method.Training begin(Workspace workspace) {
    BertModel loaded =
        model
            .load(device, workspace, settings.seed())
            .storedAs(device, workspace, compute.precision().storage());
    loaded.notes().forEach(listener::notice);
    Trainable trainable = method.trainable(device, workspace, loaded, text.steps());
    return new InTraining(
        this,
        loaded,
        List.of(trainable),
        trainable.optimization(device, workspace, method.clipping()));
  }

  private record InTraining(
      PretrainingPlan plan, BertModel model, List<Trainable> trainables, Optimization optimization)
      implements Method.Training {
    @Override
    public TrainingTask task() {
      return new PretrainingTask(
          plan.device,
          model,
          trainables.getFirst().gradients(),
          plan.settings,
          plan.compute.replay(),
          plan.text.batches(plan.device.tokenMultiple()),
          plan.text.measured(),
          plan.text.steps());
    }

    @Override
    public ModelContents result(Arena arena, DType store, ModelSettings.Provenance made) {
      return plan.model.contents(
          plan.device,
          arena,
          store,
          model,
          new ModelSettings(
              Optional.empty(), OptionalInt.of(plan.settings.maxLength()), Optional.of(made)));
    }
  }
}

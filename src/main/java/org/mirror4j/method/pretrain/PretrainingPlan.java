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
import org.mirror4j.bert.ModelSize;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.objective.MaskedLanguageModel;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.TokenMasking;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.ResourceEstimate;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** A run of {@link Pretraining} over text that is cut into sequences. */
final class PretrainingPlan implements Method.Plan {
  private final Pretraining method;
  private final PretrainingSettings settings;
  private final Device device;
  private final ComputeOptions compute;
  private final Tokenizer tokenizer;
  private final PretrainingText text;
  private final PretrainingText heldOut;
  private final BertConfig config;
  private final int batchSize;
  private final int stepsPerEpoch;
  private final int steps;

  /**
   * A plan.
   *
   * @param heldOut null for none
   */
  PretrainingPlan(
      Pretraining method,
      Device device,
      ComputeOptions compute,
      TrainingListener listener,
      Tokenizer tokenizer,
      PretrainingText text,
      PretrainingText heldOut) {
    this.method = method;
    settings = method.settings();
    this.device = device;
    this.compute = compute;
    this.tokenizer = tokenizer;
    this.text = text;
    this.heldOut = heldOut;
    config = config(method.size(), tokenizer);
    batchSize = Math.min(settings.batchSize(), text.size());
    if (batchSize < settings.batchSize()) {
      listener.warning(
          "the text has %,d sequences, fewer than a batch of %,d: training on batches of %,d"
              .formatted(batchSize, settings.batchSize(), batchSize));
    }
    stepsPerEpoch = text.size() / batchSize;
    steps =
        settings.steps() > 0
            ? settings.steps()
            : Math.multiplyExact(stepsPerEpoch, settings.epochs());
  }

  private BertConfig config(ModelSize size, Tokenizer tokenizer) {
    // Positions beyond the trained length would stay random, so there are none.
    return size.config(
        tokenizer.vocabSize(),
        tokenizer.padId(),
        settings.maxLength(),
        initializerRange(size.hiddenSize()));
  }

  /** BERT-base's 0.02, with the products of narrower models as large as its own. */
  private static float initializerRange(int hiddenSize) {
    return (float) (0.02 * Math.sqrt(768.0 / hiddenSize));
  }

  @Override
  public String dataHash() {
    return text.sha256();
  }

  @Override
  public ObjectNode settings() {
    ObjectNode json = JsonFiles.object();
    json.put("command", "pretrain");
    ArrayNode corpus = json.putArray("corpus");
    method.corpus().forEach(file -> corpus.add(file.toString()));
    json.put("dataHash", dataHash());
    json.put("heldOut", method.heldOut().map(Path::toString).orElse(""));
    json.put("heldOutHash", heldOut == null ? "" : heldOut.sha256());
    json.put("config", JsonRecords.label(method.size()));
    json.put("vocabSize", config.vocabSize());
    json.setAll(JsonRecords.write(settings));
    json.put("steps", steps);
    json.put("batchSize", batchSize);
    // The steps say it: a run may go on with other epochs.
    json.remove("epochs");
    return json;
  }

  @Override
  public void remark(TrainingListener listener) {
    int leftOut = text.size() - stepsPerEpoch * batchSize;
    if (leftOut > 0) {
      listener.notice(
          "%,d of %,d sequences fill no batch of %,d and are left out of each epoch"
              .formatted(leftOut, text.size(), batchSize));
    }
    if (settings.warmupSteps() > steps) {
      listener.warning(
          "a warm-up of %,d steps is longer than the run: the learning rate rises over all of its %,d steps and never falls"
              .formatted(settings.warmupSteps(), steps));
    }
  }

  @Override
  public ResourceEstimate estimate() {
    long tokens = text.tokens() / text.size() * batchSize * steps;
    try (Workspace counting = Workspace.counting()) {
      DType storage = compute.precision();
      BertModel model =
          BertModel.plan(counting, config, MaskedLanguageModel.head(config))
              .storedAs(null, counting, storage);
      Trainable trainable = method.trainable(null, counting, model, steps);
      trainable.optimization(null, counting, method.clipping());
      PretrainingTask.plan(device, counting, model, trainable.gradients(), settings, batchSize);
      if (heldOut != null) {
        PretrainingTask.plan(device, counting, model, null, settings, batchSize);
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
  public Method.Training begin(Workspace workspace) {
    BertModel model =
        BertModel.fresh(
                device, workspace, config, settings.seed(), MaskedLanguageModel.head(config))
            .storedAs(device, workspace, compute.precision());
    Trainable trainable = method.trainable(device, workspace, model, steps);
    return new InTraining(
        this,
        model,
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
          plan.text,
          plan.heldOut,
          TokenMasking.of(plan.tokenizer),
          plan.batchSize,
          plan.steps);
    }

    @Override
    public ModelContents result(Arena arena, DType store, ModelSettings.Provenance made) {
      return new ModelContents(
          plan.config.toJson(true),
          model.tensors(plan.device, arena, store),
          new ModelSettings(
              Optional.empty(), OptionalInt.of(plan.settings.maxLength()), Optional.of(made)),
          plan.tokenizer::save);
    }
  }
}

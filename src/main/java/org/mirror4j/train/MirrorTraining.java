package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.Pooling;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.Tokenizer;

/**
 * Mirror-BERT tuning (Liu et al. 2021) from a model directory and a corpus to a new model
 * directory. The optimiser is AdamW with a constant rate and decay of all parameters, as released.
 */
public final class MirrorTraining {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.999;
  private static final double EPSILON = 1e-8;

  /**
   * What to train.
   *
   * @param model directory to start from
   * @param modelName what the settings of the run call it
   * @param corpus one item a line
   * @param output directory to write
   * @param recipe name that the output carries
   * @param settings every value
   * @param lowerCase whether BERT's tokenizer is made to lower-case, as the released code does
   * @param text how the corpus is read
   * @param store type of the written weights
   * @param compute how the steps are computed
   * @param run how the run is kept
   */
  public record Request(
      Path model,
      String modelName,
      Path corpus,
      Path output,
      String recipe,
      MirrorSettings settings,
      boolean lowerCase,
      Corpus.Options text,
      DType store,
      ComputeOptions compute,
      RunOptions run) {
    /** The model is called by its path. */
    public Request(
        Path model,
        Path corpus,
        Path output,
        String recipe,
        MirrorSettings settings,
        boolean lowerCase,
        Corpus.Options text,
        DType store,
        ComputeOptions compute,
        RunOptions run) {
      this(
          model,
          model.toString(),
          corpus,
          output,
          recipe,
          settings,
          lowerCase,
          text,
          store,
          compute,
          run);
    }
  }

  private final Device device;
  private final Request request;
  private final MirrorSettings settings;
  private final TrainingListener listener;

  private MirrorTraining(Device device, Request request, TrainingListener listener) {
    this.device = device;
    this.request = request;
    this.settings = request.settings();
    this.listener = listener;
  }

  /** Trains and writes the output directory, which appears whole or not at all. */
  public static void run(Device device, Request request, TrainingListener listener) {
    new MirrorTraining(device, request, listener).run();
  }

  private void run() {
    request.compute().requireSupport(device);
    ModelDirectory.checkReplaceable(request.output(), request.run().overwrite());
    ModelDirectory source = ModelDirectory.open(request.model());
    BertConfig config = BertConfig.parse(source.config());
    TextEncoder.checkMaxLength(settings.maxLength(), config);
    Corpus corpus = Corpus.read(request.corpus(), request.text());
    listener.notice(corpus.report().summary());
    try (Tokenizer saved = Tokenizer.open(request.model());
        Tokenizer tokenizer = request.lowerCase() ? saved.lowerCasing(true) : saved;
        Workspace workspace = new Workspace(device)) {
      tokenizer.requireRows(config.vocabSize());
      train(source, config, corpus, tokenizer, workspace);
    }
  }

  private void train(
      ModelDirectory source,
      BertConfig config,
      Corpus corpus,
      Tokenizer tokenizer,
      Workspace workspace) {
    int batchSize = batchSize(corpus.pairs());
    MirrorEpochs epochs =
        new MirrorEpochs(
            config, settings, corpus.pairs(), tokenizer, batchSize, device.tokenMultiple());
    MirrorEpoch first = epochs.get(0);
    int stepsPerEpoch = first.steps();
    int steps = Math.multiplyExact(stepsPerEpoch, settings.epochs());
    if (settings.maxSteps() > 0) {
      steps = Math.min(steps, settings.maxSteps());
    }
    ObjectNode resolved = resolved(corpus, batchSize, steps);
    listener.settings(resolved);
    long tokens = first.tokens() / stepsPerEpoch * steps;
    long outputs =
        settings.pooling() == Pooling.CLS ? (long) first.largest().sequences() * steps : tokens;
    ResourceEstimate estimate = estimate(config, MirrorTask.plannedFor(first), tokens, outputs);
    listener.estimate(estimate);
    estimate.requireMemory(device);

    BertModel model;
    try (SafeTensors weights = source.weights()) {
      model =
          BertModel.load(device, workspace, config, false, weights)
              .storedAs(device, workspace, request.compute().precision());
    }
    TrainableModel trainable = TrainableModel.of(device, workspace, model, optimizerSettings());
    TrainingRun run =
        new TrainingRun(
            device,
            request.output(),
            request.run(),
            new ModelSettings.Provenance(
                request.recipe(),
                settings.seed(),
                corpus.report().sha256(),
                Versions.of(device),
                resolved),
            listener);
    try (MirrorTask task =
        new MirrorTask(device, trainable, settings, request.compute().replay(), epochs, steps)) {
      run.train(trainable, task, LearningRateSchedule.constant(settings.learningRate()));
    }
    ObjectNode written = source.config();
    written.set("architectures", config.toJson(false).get("architectures"));
    run.finish(
        written,
        model,
        request.store(),
        Optional.of(settings.pooling().label()),
        settings.maxLength(),
        tokenizer);
  }

  private int batchSize(List<TextPair> pairs) {
    if (pairs.size() >= settings.batchSize()) {
      return settings.batchSize();
    }
    listener.warning(
        "the corpus has %,d items, fewer than a batch of %,d: training on batches of %,d"
            .formatted(pairs.size(), settings.batchSize(), pairs.size()));
    return pairs.size();
  }

  private AdamW.Settings optimizerSettings() {
    return optimizerSettings(settings);
  }

  /** The optimiser of Mirror-BERT. */
  static AdamW.Settings optimizerSettings(MirrorSettings settings) {
    return new AdamW.Settings(
        BETA_1, BETA_2, EPSILON, settings.weightDecay(), true, settings.maxGradNorm());
  }

  private ResourceEstimate estimate(BertConfig config, BatchSize size, long tokens, long outputs) {
    try (Workspace counting = Workspace.counting()) {
      DType storage = request.compute().precision();
      BertModel model = BertModel.plan(counting, config, false).storedAs(null, counting, storage);
      TrainableModel trainable = TrainableModel.of(null, counting, model, optimizerSettings());
      new MirrorStep(device, counting, model, trainable.gradients(), settings, false, size);
      return ResourceEstimate.of(device, config, storage, counting.bytes(), tokens, outputs);
    }
  }

  /** Everything that the result depends on, in the order of the options. */
  private ObjectNode resolved(Corpus corpus, int batchSize, int steps) {
    ObjectNode json = Settings.json();
    json.put("command", "train");
    json.put("model", request.modelName());
    json.put("corpus", request.corpus().toString());
    json.put("dataHash", corpus.report().sha256());
    json.put("recipe", request.recipe());
    json.put("epochs", settings.epochs());
    json.put("batchSize", batchSize);
    json.put("steps", steps);
    json.put("learningRate", settings.learningRate());
    json.put("weightDecay", settings.weightDecay());
    json.put("maxLength", settings.maxLength());
    json.put("temperature", settings.temperature());
    json.put("pooling", settings.pooling().label());
    json.put("dropoutRate", settings.dropoutRate());
    json.put("dropheadRate", settings.dropheadRate());
    json.put("randomSpanMask", settings.spanMask());
    json.put("spanUnit", Settings.label(settings.spanUnit()));
    json.put("pairwise", settings.pairwise());
    json.put("falseNegatives", settings.maskFalseNegatives() ? "mask" : "keep");
    json.put("shuffle", settings.shuffle());
    json.put("maxGradNorm", settings.maxGradNorm());
    json.put("lowerCase", request.lowerCase());
    json.put("keepBlankLines", request.text().keepBlankLines());
    json.put("maxCharacters", request.text().maxCharacters());
    json.put("seed", settings.seed());
    json.put("precision", request.compute().precision().label());
    json.put("store", request.store().label());
    return json;
  }
}

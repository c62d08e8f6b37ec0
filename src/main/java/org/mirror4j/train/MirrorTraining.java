package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.OutputPath;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.LossScaler;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.TextException;
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
   * @param corpusName what the settings of the run call it
   * @param output directory to write
   * @param recipe name that the output carries
   * @param settings every value
   * @param store type of the written weights
   * @param compute how the steps are computed
   * @param run how the run is kept
   */
  public record Request(
      Path model,
      String modelName,
      Path corpus,
      String corpusName,
      Path output,
      String recipe,
      MirrorSettings settings,
      DType store,
      ComputeOptions compute,
      RunOptions run) {
    /** Model and corpus are called by their paths. */
    public Request(
        Path model,
        Path corpus,
        Path output,
        String recipe,
        MirrorSettings settings,
        DType store,
        ComputeOptions compute,
        RunOptions run) {
      this(
          model,
          model.toString(),
          corpus,
          corpus.toString(),
          output,
          recipe,
          settings,
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
    device.requireStorage(request.compute().precision());
    OutputPath.requireApart(request.output(), List.of(request.model(), request.corpus()));
    try (RunDirectory directory = RunDirectory.lock(request.output(), request.run())) {
      run(directory);
    }
  }

  private void run(RunDirectory directory) {
    ModelDirectory source = ModelDirectory.open(request.model());
    BertConfig config;
    try (SafeTensors weights = source.weights()) {
      config = BertConfig.of(source, weights);
    }
    EmbeddingSettings embedding = source.settings().embedding();
    config.requireLength(settings.maxLength());
    if (!embedding.prompts().byDefault().isEmpty()) {
      listener.notice(
          "tuned without the model's default prompt %s, which is kept"
              .formatted(FileException.quote(embedding.prompts().defaultName().get())));
    }
    try (Corpus corpus = Corpus.read(request.corpus(), settings.text());
        Tokenizer saved = Tokenizer.open(source.path());
        Tokenizer cased = settings.lowerCase() ? saved.lowerCasing(true) : saved;
        Tokenizer tokenizer = embedding.lowerCase() ? cased.lowerCasingText() : cased;
        Workspace workspace = new Workspace(device)) {
      tokenizer.requireRows(config.vocabSize());
      listener.notice(corpus.report().summary(request.corpusName()));
      requireNegatives(corpus.report());
      train(directory, source, config, embedding, corpus, tokenizer, workspace);
    }
  }

  private void train(
      RunDirectory directory,
      ModelDirectory source,
      BertConfig config,
      EmbeddingSettings embedding,
      Corpus corpus,
      Tokenizer tokenizer,
      Workspace workspace) {
    int batchSize = batchSize(corpus.size());
    MirrorBlocks blocks =
        new MirrorBlocks(
            config,
            settings,
            corpus,
            tokenizer,
            batchSize,
            device.tokenMultiple(),
            MirrorBlocks.ITEMS);
    MirrorBlock first = blocks.get(1).block();
    int steps = Math.multiplyExact(blocks.stepsPerEpoch(), settings.epochs());
    if (settings.steps() > 0) {
      steps = Math.min(steps, settings.steps());
    }
    ObjectNode resolved = resolved(source, corpus, batchSize, steps);
    listener.settings(resolved);
    String pooling = settings.pooling().label();
    if (ModelSettings.inLibrary(pooling).isEmpty()) {
      listener.notice(
          "pooling %s will stand in mirror4j.json alone: sentence-transformers has none like it and would take the mean"
              .formatted(pooling));
    }
    sayWhatIsLeftOut(corpus.size(), blocks.stepsPerEpoch() * batchSize, batchSize, first);
    long tokens = first.tokens() / first.steps() * steps;
    long outputs =
        settings.pooling().takesOneRow() ? (long) first.largest().sequences() * steps : tokens;
    ResourceEstimate estimate = estimate(config, MirrorTask.plannedFor(first), tokens, outputs);
    listener.estimate(estimate);
    estimate.requireMemory(device);

    BertModel model;
    try (SafeTensors weights = source.weights()) {
      model =
          BertModel.load(device, workspace, config, weights)
              .storedAs(device, workspace, request.compute().precision());
    }
    model.notes().forEach(note -> listener.notice(request.modelName() + ": " + note));
    Trainable trainable = trainable(device, workspace, model, settings);
    Optimization optimization = optimization(device, workspace, trainable, settings);
    if (!TrainingRun.begin(directory, request.output(), resolved, listener)) {
      return;
    }
    TrainingRun run =
        new TrainingRun(
            device,
            directory,
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
        new MirrorTask(
            device,
            model,
            trainable.gradients(),
            settings,
            request.compute().replay(),
            blocks,
            steps,
            listener)) {
      run.train(List.of(trainable), optimization, task);
      if (task.batchesWithoutNegatives() > 0) {
        listener.warning(
            "%,d batches had no negatives and taught nothing"
                .formatted(task.batchesWithoutNegatives()));
      }
    }
    run.finish(
        config.written(source.config(), false),
        model,
        request.store(),
        Optional.of(settings.pooling().label()),
        settings.maxLength(),
        embedding,
        tokenizer);
  }

  /** The other items of a batch are what a text is told from. */
  private static void requireNegatives(Corpus.Report report) {
    if (report.distinct() == 1) {
      throw new TextException(
          report.items() == 1
              ? "%s has one item, expected at least two: the others of a batch are the negatives"
                  .formatted(report.file())
              : "%s has %,d items that are all the same, expected different ones: the others of a batch are the negatives"
                  .formatted(report.file(), report.items()));
    }
  }

  private int batchSize(int items) {
    if (items >= settings.batchSize()) {
      return settings.batchSize();
    }
    listener.warning(
        "the corpus has %,d items, fewer than a batch of %,d: training on batches of %,d"
            .formatted(items, settings.batchSize(), items));
    return items;
  }

  private void sayWhatIsLeftOut(int items, int used, int batchSize, MirrorBlock first) {
    if (used < items) {
      listener.notice(
          "%,d of %,d items fill no batch of %,d and are left out of each epoch"
              .formatted(items - used, items, batchSize));
    }
    if (first.cutTexts() > 0) {
      listener.notice(
          "%,d of the first %,d texts are longer than %,d tokens and are cut"
              .formatted(first.cutTexts(), first.texts(), settings.maxLength()));
    }
  }

  /** A model with the optimiser of Mirror-BERT. */
  static Trainable trainable(
      Device device, Workspace workspace, BertModel model, MirrorSettings settings) {
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        new AdamW.Settings(
            BiasCorrection.MOMENTS, BETA_1, BETA_2, EPSILON, settings.weightDecay(), true),
        LearningRateSchedule.constant(settings.learningRate()));
  }

  /** The steps of that optimiser. */
  static Optimization optimization(
      Device device, Workspace workspace, Trainable trainable, MirrorSettings settings) {
    return new Optimization(
        device,
        workspace,
        List.of(trainable.optimizer()),
        Clipping.global(settings.maxGradNorm()),
        LossScaler.of(trainable.stored().dtype()));
  }

  private ResourceEstimate estimate(BertConfig config, BatchSize size, long tokens, long outputs) {
    try (Workspace counting = Workspace.counting()) {
      DType storage = request.compute().precision();
      BertModel model = BertModel.plan(counting, config).storedAs(null, counting, storage);
      Trainable trainable = trainable(null, counting, model, settings);
      optimization(null, counting, trainable, settings);
      new MirrorStep(device, counting, model, trainable.gradients(), settings, false, size);
      return ResourceEstimate.of(device, config, storage, counting.bytes(), tokens, outputs);
    }
  }

  /** Everything that the result depends on. */
  private ObjectNode resolved(ModelDirectory source, Corpus corpus, int batchSize, int steps) {
    ObjectNode json = JsonFiles.object();
    json.put("command", "train");
    json.put("model", request.modelName());
    json.put("modelHash", source.hash());
    json.put("tokenizerHash", source.tokenizerHash());
    json.put("corpus", request.corpusName());
    json.put("dataHash", corpus.report().sha256());
    json.put("recipe", request.recipe());
    json.setAll(JsonRecords.write(settings));
    json.put("batchSize", batchSize);
    json.put("steps", steps);
    json.put("precision", request.compute().precision().label());
    json.put("store", request.store().label());
    return json;
  }
}

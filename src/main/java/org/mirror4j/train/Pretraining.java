package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.OutputPath;
import org.mirror4j.objective.MaskedLanguageModel;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.LossScaler;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TokenMasking;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.WordCounts;
import org.mirror4j.text.WordPieceTrainer;

/**
 * A masked language model from raw text alone: vocabulary, weights and head (Devlin et al. 2019;
 * dynamic masking and no next sentence prediction as Liu et al. 2019).
 */
public final class Pretraining {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.98;
  private static final double EPSILON = 1e-6;
  private static final int MIN_FREQUENCY = 2;
  private static final int LIMIT_ALPHABET = 200;
  private static final int LINE_CHARACTERS = 100_000;

  /**
   * What to train.
   *
   * @param corpus files of raw text, a paragraph a line, an empty line between texts
   * @param heldOut text whose loss is reported
   * @param output directory to write
   * @param size the architecture
   * @param vocabSize pieces to learn
   * @param store type of the written weights
   * @param compute how the steps are computed
   */
  public record Request(
      List<Path> corpus,
      Optional<Path> heldOut,
      Path output,
      ModelSize size,
      int vocabSize,
      PretrainingSettings settings,
      DType store,
      ComputeOptions compute,
      RunOptions run) {}

  private final Device device;
  private final Request request;
  private final PretrainingSettings settings;
  private final TrainingListener listener;

  private Pretraining(Device device, Request request, TrainingListener listener) {
    this.device = device;
    this.request = request;
    this.settings = request.settings();
    this.listener = listener;
  }

  /** Trains and writes the output directory, which appears whole or not at all. */
  public static void run(Device device, Request request, TrainingListener listener) {
    new Pretraining(device, request, listener).run();
  }

  private void run() {
    device.requireStorage(request.compute().precision());
    OutputPath.requireApart(request.output(), request.corpus());
    OutputPath.requireApart(request.output(), request.heldOut().stream().toList());
    try (RunDirectory directory = RunDirectory.lock(request.output(), request.run())) {
      run(directory);
    }
  }

  private void run(RunDirectory directory) {
    try (Tokenizer tokenizer = learnVocabulary();
        PretrainingText text =
            PretrainingText.read(request.corpus(), tokenizer, settings.maxLength());
        PretrainingText heldOut = readHeldOut(tokenizer);
        Workspace workspace = new Workspace(device)) {
      listener.notice(
          "%,d sequences of at most %d tokens, %,d tokens"
              .formatted(text.size(), settings.maxLength(), text.tokens()));
      train(directory, tokenizer, text, heldOut, workspace);
    }
  }

  /** Null where none is asked for. */
  private PretrainingText readHeldOut(Tokenizer tokenizer) {
    return request
        .heldOut()
        .map(file -> PretrainingText.read(List.of(file), tokenizer, settings.maxLength()))
        .orElse(null);
  }

  private Tokenizer learnVocabulary() {
    WordCounts counts = new WordCounts(true);
    try (LineReader lines = new LineReader(request.corpus(), LINE_CHARACTERS)) {
      counts.addAll(lines);
      lines.notices().forEach(listener::notice);
      listener.notice(
          "%,d lines, %,d distinct words; %,d lines with invalid UTF-8, %,d cut"
              .formatted(lines.lines(), counts.distinct(), lines.invalidLines(), lines.cutLines()));
    }
    List<String> vocabulary =
        WordPieceTrainer.train(counts, request.vocabSize(), MIN_FREQUENCY, LIMIT_ALPHABET);
    listener.notice("%,d word pieces learned".formatted(vocabulary.size()));
    return Tokenizer.wordPiece(vocabulary, true);
  }

  private void train(
      RunDirectory directory,
      Tokenizer tokenizer,
      PretrainingText text,
      PretrainingText heldOut,
      Workspace workspace) {
    int batchSize = Math.min(settings.batchSize(), text.size());
    if (batchSize < settings.batchSize()) {
      listener.warning(
          "the text has %,d sequences, fewer than a batch of %,d: training on batches of %,d"
              .formatted(batchSize, settings.batchSize(), batchSize));
    }
    int stepsPerEpoch = text.size() / batchSize;
    int steps =
        settings.steps() > 0
            ? settings.steps()
            : Math.multiplyExact(stepsPerEpoch, settings.epochs());
    BertConfig config = config(tokenizer);
    ObjectNode resolved = resolved(config, text, heldOut, batchSize, steps);
    listener.settings(resolved);
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
    long tokens = text.tokens() / text.size() * batchSize * steps;
    ResourceEstimate estimate = estimate(config, batchSize, steps, tokens);
    listener.estimate(estimate);
    estimate.requireMemory(device);

    BertModel model =
        BertModel.fresh(
                device, workspace, config, settings.seed(), MaskedLanguageModel.head(config))
            .storedAs(device, workspace, request.compute().precision());
    Trainable trainable = trainable(device, workspace, model, steps);
    Optimization optimization = optimization(device, workspace, trainable);
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
                "pretrain", settings.seed(), text.sha256(), Versions.of(device), resolved),
            listener);
    TokenMasking masking = TokenMasking.of(tokenizer);
    try (PretrainingTask task =
        new PretrainingTask(
            device,
            model,
            trainable.gradients(),
            settings,
            text,
            heldOut,
            masking,
            batchSize,
            steps)) {
      run.train(List.of(trainable), optimization, task);
    }
    run.finish(
        config.toJson(true),
        model,
        request.store(),
        Optional.empty(),
        settings.maxLength(),
        EmbeddingSettings.NONE,
        tokenizer);
  }

  private BertConfig config(Tokenizer tokenizer) {
    // Positions beyond the trained length would stay random, so there are none.
    return request
        .size()
        .config(
            tokenizer.vocabSize(),
            tokenizer.padId(),
            settings.maxLength(),
            initializerRange(request.size().hiddenSize()));
  }

  /** BERT-base's 0.02, with the products of narrower models as large as its own. */
  private static float initializerRange(int hiddenSize) {
    return (float) (0.02 * Math.sqrt(768.0 / hiddenSize));
  }

  private Trainable trainable(Device device, Workspace workspace, BertModel model, int steps) {
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        new AdamW.Settings(
            BiasCorrection.MOMENTS, BETA_1, BETA_2, EPSILON, settings.weightDecay(), false),
        LearningRateSchedule.linear(
            settings.learningRate(), Math.min(settings.warmupSteps(), steps), steps));
  }

  private Optimization optimization(Device device, Workspace workspace, Trainable trainable) {
    return new Optimization(
        device,
        workspace,
        List.of(trainable.optimizer()),
        Clipping.global(settings.maxGradNorm()),
        LossScaler.of(trainable.stored().dtype()));
  }

  private ResourceEstimate estimate(BertConfig config, int batchSize, int steps, long tokens) {
    try (Workspace counting = Workspace.counting()) {
      DType storage = request.compute().precision();
      BertModel model =
          BertModel.plan(counting, config, MaskedLanguageModel.head(config))
              .storedAs(null, counting, storage);
      Trainable trainable = trainable(null, counting, model, steps);
      optimization(null, counting, trainable);
      PretrainingTask.plan(device, counting, model, trainable.gradients(), settings, batchSize);
      if (request.heldOut().isPresent()) {
        PretrainingTask.plan(device, counting, model, null, settings, batchSize);
      }
      return ResourceEstimate.of(device, config, storage, counting.bytes(), tokens, tokens);
    }
  }

  private ObjectNode resolved(
      BertConfig config, PretrainingText text, PretrainingText heldOut, int batchSize, int steps) {
    ObjectNode json = JsonFiles.object();
    json.put("command", "pretrain");
    ArrayNode corpus = json.putArray("corpus");
    request.corpus().forEach(file -> corpus.add(file.toString()));
    json.put("dataHash", text.sha256());
    json.put("heldOut", request.heldOut().map(Path::toString).orElse(""));
    json.put("heldOutHash", heldOut == null ? "" : heldOut.sha256());
    json.put("config", JsonRecords.label(request.size()));
    json.put("vocabSize", config.vocabSize());
    json.setAll(JsonRecords.write(settings));
    json.put("steps", steps);
    json.put("batchSize", batchSize);
    // The steps say it: a run may go on with other epochs.
    json.remove("epochs");
    json.put("precision", request.compute().precision().label());
    json.put("store", request.store().label());
    return json;
  }
}

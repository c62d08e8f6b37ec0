package org.mirror4j.method.mirror;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.Template;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.ResourceEstimate;
import org.mirror4j.train.Settings;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** A run of {@link MirrorTraining} over a model and a corpus that are open. */
final class MirrorPlan implements Method.Plan {
  /** Name of the prompt that a model was tuned with. */
  private static final String PROMPT = "tuned";

  /** Texts of a batch when a model is scored. */
  private static final int SCORED_TOGETHER = 256;

  private final MirrorTraining method;
  private final MirrorSettings settings;
  private final Device device;
  private final ComputeOptions compute;
  private final TrainingListener listener;
  private final ModelDirectory source;
  private final AtomicFiles.DirectoryWriter licences;
  private final BertConfig config;
  private final Corpus corpus;
  private final Tokenizer tokenizer;
  private final int batchSize;
  private final MirrorBlocks blocks;
  private final MirrorBlock first;
  private final int steps;

  MirrorPlan(
      MirrorTraining method,
      Device device,
      ComputeOptions compute,
      TrainingListener listener,
      ModelDirectory source,
      BertConfig config,
      Corpus corpus,
      Tokenizer tokenizer) {
    this.method = method;
    settings = method.settings();
    this.device = device;
    this.compute = compute;
    this.listener = listener;
    this.source = source;
    licences = source.licences();
    this.config = config;
    this.corpus = corpus;
    this.tokenizer = tokenizer;
    batchSize = Math.min(corpus.size(), settings.batchSize());
    if (batchSize < settings.batchSize()) {
      listener.warning(
          "the corpus has %,d items, fewer than a batch of %,d: training on batches of %,d"
              .formatted(batchSize, settings.batchSize(), batchSize));
    }
    blocks =
        new MirrorBlocks(
            config,
            settings,
            corpus,
            tokenizer,
            batchSize,
            device.tokenMultiple(),
            MirrorBlocks.ITEMS);
    first = blocks.get(1).block();
    steps = Settings.steps(settings.epochs(), blocks.stepsPerEpoch(), settings.steps());
  }

  @Override
  public String dataHash() {
    return corpus.report().sha256();
  }

  @Override
  public ObjectNode settings() {
    ObjectNode json = JsonFiles.object();
    json.put("command", "train");
    json.put("model", method.modelName());
    json.put("modelHash", source.hash());
    json.put("tokenizerHash", source.tokenizerHash());
    json.put("corpus", method.corpusName());
    json.put("dataHash", dataHash());
    json.put("recipe", method.recipe());
    json.setAll(JsonRecords.write(settings));
    json.put("batchSize", batchSize);
    json.put("steps", steps);
    method
        .development()
        .ifPresent(
            development -> {
              json.put("dev", development.task());
              json.put("devHash", development.hash());
              json.put("devSteps", development.steps());
            });
    return json;
  }

  @Override
  public void remark(TrainingListener listener) {
    String pooling = settings.output().label();
    if (ModelSettings.inLibrary(pooling).isEmpty()) {
      listener.notice(
          "pooling %s will stand in mirror4j.json alone: sentence-transformers has none like it and would take the mean"
              .formatted(pooling));
    } else if (template().isPresent()) {
      listener.notice(
          "the template will stand in mirror4j.json alone: sentence-transformers has none and would"
              + " take the bare text");
    }
    int items = corpus.size();
    int leftOut = items - blocks.stepsPerEpoch() * batchSize;
    if (leftOut > 0) {
      listener.notice(
          "%,d of %,d items fill no batch of %,d and are left out of each epoch"
              .formatted(leftOut, items, batchSize));
    }
    if (first.cutTexts() > 0) {
      listener.notice(
          "%,d of the first %,d texts are longer than %,d tokens and are cut"
              .formatted(first.cutTexts(), first.texts(), settings.maxLength()));
    }
  }

  @Override
  public ResourceEstimate estimate() {
    long tokens = first.tokens() / first.steps() * steps;
    long outputs =
        settings.pooling().takesOneRow() ? (long) first.largest().sequences() * steps : tokens;
    try (Workspace counting = Workspace.counting()) {
      DType storage = compute.precision().storage();
      BertModel model = BertModel.plan(counting, config).storedAs(null, counting, storage);
      Trainable trainable = MirrorTraining.trainable(null, counting, model, settings);
      trainable.optimization(null, counting, MirrorTraining.clipping(settings));
      new MirrorStep(
          device,
          counting,
          model,
          trainable,
          settings,
          false,
          blocks.maskId(),
          MirrorTask.plannedFor(first));
      scoring().ifPresent(scoring -> scoring.count(device, counting, model));
      return ResourceEstimate.of(
          device,
          storage,
          counting.bytes(),
          config.multiplications(tokens, outputs),
          config.hiddenSize(),
          config.intermediateSize());
    }
  }

  @Override
  public String memoryOptions() {
    return "--batch-size or --max-length";
  }

  @Override
  public Method.Training begin(Workspace workspace) {
    BertModel model;
    try (SafeTensors weights = source.weights()) {
      model =
          BertModel.load(device, workspace, config, weights)
              .storedAs(device, workspace, compute.precision().storage());
    }
    model.notes().forEach(note -> listener.notice(method.modelName() + ": " + note));
    Trainable trainable = MirrorTraining.trainable(device, workspace, model, settings);
    return new InTraining(
        this,
        model,
        List.of(trainable),
        trainable.optimization(device, workspace, MirrorTraining.clipping(settings)));
  }

  private Optional<Interpolation> interpolation() {
    return settings.interpolation().map(where -> new Interpolation(source, config, where));
  }

  private Optional<MirrorScoring> scoring() {
    return method
        .development()
        .map(
            development ->
                new MirrorScoring(
                    development,
                    tokenizer,
                    outputOptions(),
                    interpolation(),
                    compute.precision().storage()));
  }

  /** How the output's vectors are made where it is encoded as its files say. */
  private TextEncoder.Options outputOptions() {
    EmbeddingSettings output = embedding();
    String prompt = output.prompts().byDefault();
    Template around = settings.firstTemplate();
    if (around.equals(Template.NONE) && !prompt.isEmpty()) {
      around = Template.prompt(prompt);
    }
    return new TextEncoder.Options(
        settings.output(),
        settings.maxLength(),
        SCORED_TOGETHER,
        around,
        output.normalize(),
        output.dimensions(),
        Optional.empty());
  }

  /** A prompt stands in the files of sentence-transformers, where that library finds it. */
  private Optional<String> template() {
    Template template = settings.firstTemplate();
    return template.isPrompt() ? Optional.empty() : Optional.of(template.toString());
  }

  private EmbeddingSettings embedding() {
    EmbeddingSettings own = source.settings().embedding();
    Template template = settings.firstTemplate();
    if (template.equals(Template.NONE)) {
      return own;
    }
    return own.withPrompts(
        template.isPrompt()
            ? own.prompts().withDefault(PROMPT, template.before())
            : own.prompts().withoutDefault());
  }

  private record InTraining(
      MirrorPlan plan, BertModel model, List<Trainable> trainables, Optimization optimization)
      implements Method.Training {
    @Override
    public TrainingTask task() {
      return new MirrorTask(
          plan.device,
          model,
          trainables.getFirst(),
          plan.settings,
          plan.compute.replay(),
          plan.blocks,
          plan.steps,
          plan.scoring(),
          plan.listener);
    }

    @Override
    public ModelContents result(Arena arena, DType store, ModelSettings.Provenance made) {
      plan.interpolation().ifPresent(line -> line.apply(plan.device, model));
      return new ModelContents(
              plan.config.written(plan.source.config(), false),
              model.tensors(plan.device, arena, store),
              new ModelSettings(
                  Optional.of(plan.settings.output().label()),
                  OptionalInt.of(plan.settings.maxLength()),
                  plan.template(),
                  plan.embedding(),
                  Optional.of(made)),
              plan.tokenizer::save)
          .with(plan.licences);
    }
  }
}

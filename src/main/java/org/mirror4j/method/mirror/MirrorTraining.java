package org.mirror4j.method.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.Template;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;

/**
 * Mirror-BERT tuning (Liu et al. 2021) from a model directory and a corpus to a new model
 * directory. The optimiser is AdamW with a constant rate and decay of all parameters, as released.
 *
 * @param model directory to start from
 * @param modelName what the settings of the run call it
 * @param corpus one item a line
 * @param corpusName what the settings of the run call it
 * @param recipe name that the output carries
 * @param settings every value
 * @param development what the model is scored on meanwhile: the output is that of the best step
 */
public record MirrorTraining(
    Path model,
    String modelName,
    Path corpus,
    String corpusName,
    String recipe,
    MirrorSettings settings,
    Optional<DevelopmentTask> development)
    implements Method {
  /** A corpus that is read within them is not worth a word. */
  private static final double SILENT_SECONDS = 2;

  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** A tuning whose output is that of the last step. */
  public MirrorTraining(
      Path model,
      String modelName,
      Path corpus,
      String corpusName,
      String recipe,
      MirrorSettings settings) {
    this(model, modelName, corpus, corpusName, recipe, settings, Optional.empty());
  }

  /**
   * A model with the optimiser of Mirror-BERT, which takes no time for words that no step has read.
   */
  static Trainable trainable(
      Device device, Workspace workspace, BertModel model, MirrorSettings settings) {
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        List.of(
            new AdamW.Group(
                name -> true,
                new AdamW.Settings(
                    BiasCorrection.MOMENTS, BETA_1, BETA_2, EPSILON, settings.weightDecay(), true),
                LearningRateSchedule.constant(settings.learningRate()))),
        Optional.of(BertModel.WORDS));
  }

  /** How its gradients are clipped. */
  static Clipping clipping(MirrorSettings settings) {
    return Clipping.global(settings.maxGradNorm());
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Path> inputs() {
    return Stream.concat(
            Stream.of(model, corpus), development.stream().flatMap(task -> task.files().stream()))
        .toList();
  }

  @Override
  public void read(
      Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run) {
    ModelDirectory source = ModelDirectory.open(model);
    BertConfig config = BertConfig.of(source);
    source.requireTunable(modelName, listener::warning);
    EmbeddingSettings embedding = source.settings().embedding();
    config.requireLength(settings.maxLength());
    boolean bare = settings.firstTemplate().equals(Template.NONE);
    if (!embedding.prompts().byDefault().isEmpty()) {
      listener.notice(
          "tuned without the model's default prompt %s, which is kept%s"
              .formatted(
                  FileException.quote(embedding.prompts().defaultName().get()),
                  bare ? "" : " under its name"));
    }
    if (bare) {
      source
          .settings()
          .template()
          .ifPresent(
              template ->
                  listener.notice(
                      "tuned without the model's template %s, which the result does not have: --template keeps it"
                          .formatted(FileException.quote(template))));
    }
    try (Corpus items = read(listener);
        Tokenizer saved = Tokenizer.open(source.path());
        Tokenizer cased = settings.lowerCase() ? saved.lowerCasing(true) : saved;
        Tokenizer tokenizer = embedding.lowerCase() ? cased.lowerCasingText() : cased) {
      tokenizer.requireRows(config.vocabSize());
      listener.notice(items.report().summary(corpusName));
      requireNegatives(items.report());
      run.accept(new MirrorPlan(this, device, compute, listener, source, config, items, tokenizer));
    }
  }

  private Corpus read(TrainingListener listener) {
    long start = System.nanoTime();
    return Corpus.read(
        corpus,
        settings.text(),
        bytes -> {
          double seconds = (System.nanoTime() - start) * 1e-9;
          if (seconds >= SILENT_SECONDS && Files.isRegularFile(corpus)) {
            listener.progress("bytes", bytes, size(), seconds);
          }
        });
  }

  private long size() {
    try {
      return Files.size(corpus);
    } catch (IOException e) {
      throw FileException.of("cannot read " + corpus, e);
    }
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
}

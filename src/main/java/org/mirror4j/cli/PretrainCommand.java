package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.SavedEncoding;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.RunRequest;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pretrain}: a masked language model from raw text. */
@Command(
    name = "pretrain",
    sortOptions = false,
    customSynopsis = {
      "mirror4j pretrain --corpus FILE... --output DIR [OPTION...]",
      "       mirror4j pretrain --from MODEL --corpus FILE... --output DIR [OPTION...]"
    },
    description = {
      "Trains a masked language model from raw text, or goes on with a model.",
      "Vocabulary, weights and heads are learned, or those of the model are taken."
    })
final class PretrainCommand implements Runnable {
  private static final PretrainingRecipe DEFAULT = PretrainingRecipe.BUNDLED;

  /** Peak of BERT and SpanBERT, for models that are gone on with. */
  private static final double CONTINUING_RATE = 1e-4;

  /** Blocks of most models, also of those with more positions, whose steps would take more. */
  private static final int LONGEST_BLOCK = 512;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      arity = "1..*",
      required = true,
      description =
          "Raw text, a paragraph a line, an empty line between texts; UTF-8, perhaps gzipped.")
  private List<Path> corpus;

  @Option(names = "--held-out", paramLabel = "FILE", description = "Text whose loss is reported.")
  private Path heldOut;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "What the settings are unless they are given: bundled, bert, bert-1seq or spanbert. The"
              + " last three are those of the SpanBERT paper. Default: bundled; with --from at a"
              + " learning rate of 1e-4, on blocks as long as the model's own texts, at most 512"
              + " tokens.")
  private PretrainingRecipe recipe;

  @ArgGroup(exclusive = true)
  private Start start = new Start();

  private static final class Start {
    @Option(
        names = "--from",
        paramLabel = "MODEL",
        description = "A model directory or name (see fetch) to go on with, with its heads.")
    private ModelArgument from;

    @ArgGroup(exclusive = false)
    private Fresh fresh = new Fresh();
  }

  private static final class Fresh {
    @Option(
        names = "--config",
        paramLabel = "SIZE",
        defaultValue = "mini",
        description = "tiny, mini, small, medium, base or large. Default: ${DEFAULT-VALUE}.")
    private ModelSize size;

    @Option(
        names = "--vocab-size",
        paramLabel = "N",
        defaultValue = "8192",
        description = "Word pieces to learn. Default: ${DEFAULT-VALUE}.")
    private int vocabSize;

    @Option(
        names = "--cased",
        description =
            "Keep case and accents, as SpanBERT does. Default: all is lower-cased, without"
                + " accents.")
    private boolean cased;
  }

  @Mixin private TrainingOptions training;
  @Mixin private StoreOption store;
  @Mixin private PretrainingOptions pretraining;
  @Mixin private DeviceOptions device;
  @Mixin private KernelFolder kernels;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    RunRequest request = training.request(store.type());
    if (start.from == null) {
      PretrainingStart.Fresh fresh =
          new PretrainingStart.Fresh(start.fresh.size, start.fresh.vocabSize, start.fresh.cased);
      train(fresh, settings(DEFAULT::settings), request);
      return;
    }
    try (Bundled bundled = Bundled.open()) {
      Path model = start.from.path(output.console(), bundled);
      PretrainingSettings settings = settings(() -> continuing(model));
      train(new PretrainingStart.Model(model, start.from.text()), settings, request);
    }
  }

  /**
   * The settings with what is given.
   *
   * @param unnamed what they are otherwise where no recipe is named
   */
  private PretrainingSettings settings(Supplier<PretrainingSettings> unnamed) {
    PretrainingSettings otherwise = recipe == null ? unnamed.get() : recipe.settings();
    return training.valid(
        () -> {
          PretrainingSettings settings = pretraining.settings(otherwise);
          pretraining.requireEffect(settings, heldOut != null);
          return settings;
        });
  }

  /** The recipe was chosen for a small model from nothing; one that has learned keeps its own. */
  private static PretrainingSettings continuing(Path model) {
    ModelDirectory directory = ModelDirectory.open(model);
    BertConfig config = BertConfig.of(directory);
    try (Tokenizer tokenizer = ModelTokenizer.open(directory, config)) {
      int own =
          new SavedEncoding(model.toString(), directory.settings(), config).maxLength(tokenizer);
      return DEFAULT
          .settings()
          .with(Map.of("learningRate", CONTINUING_RATE, "maxLength", Math.min(own, LONGEST_BLOCK)));
    }
  }

  private void train(PretrainingStart from, PretrainingSettings settings, RunRequest request) {
    TrainingCall.run(
        output.console(),
        said -> device.open(said, kernels),
        "pretrain",
        new Pretraining(
            corpus,
            Optional.ofNullable(heldOut),
            from,
            (recipe == null ? DEFAULT : recipe).label(),
            settings),
        request);
  }
}

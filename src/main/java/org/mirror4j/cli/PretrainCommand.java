package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.encode.Bundled;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
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
      defaultValue = "bundled",
      description =
          "What the settings are unless they are given: bundled, bert, bert-1seq or spanbert. The"
              + " last three are those of the SpanBERT paper. Default: ${DEFAULT-VALUE}.")
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
    PretrainingSettings settings = training.valid(this::settings);
    RunRequest request = training.request(store.type());
    if (start.from == null) {
      PretrainingStart.Fresh fresh =
          new PretrainingStart.Fresh(start.fresh.size, start.fresh.vocabSize, start.fresh.cased);
      train(fresh, settings, request);
      return;
    }
    try (Bundled bundled = Bundled.open()) {
      Path model = start.from.path(output.console(), bundled);
      train(new PretrainingStart.Model(model, start.from.text()), settings, request);
    }
  }

  private PretrainingSettings settings() {
    PretrainingSettings settings = pretraining.settings(recipe);
    pretraining.requireEffect(settings, heldOut != null);
    return settings;
  }

  private void train(PretrainingStart from, PretrainingSettings settings, RunRequest request) {
    TrainingCall.run(
        output.console(),
        said -> device.open(said, kernels),
        "pretrain",
        new Pretraining(corpus, Optional.ofNullable(heldOut), from, recipe.label(), settings),
        request);
  }
}

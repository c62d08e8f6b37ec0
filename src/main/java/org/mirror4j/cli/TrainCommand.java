package org.mirror4j.cli;

import java.nio.file.Path;
import org.mirror4j.encode.Bundled;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.train.RunRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code train}: Mirror-BERT tuning. */
@Command(
    name = "train",
    sortOptions = false,
    customSynopsis = "mirror4j train [--model DIR] --corpus FILE --output DIR [OPTION...]",
    description = {
      "Mirror-BERT: tunes a model on a list of words or sentences, without labels.",
      "With --dev the model is scored as it goes, and the best one is written."
    },
    preprocessor = ReleasedNames.class)
final class TrainCommand implements Runnable {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Model to start from: a directory, a name (see fetch), or bundled for the one that comes"
              + " with the program."
              + " Default: bundled.")
  private ModelArgument model = ModelArgument.BUNDLED;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      required = true,
      description = "Text to tune on, one item a line; UTF-8, perhaps gzipped.")
  private Path corpus;

  @Mixin private TrainingOptions training;
  @Mixin private StoreOption store;
  @Mixin private MirrorOptions mirror;
  @Mixin private DevelopmentOptions development;
  @Mixin private DeviceOptions device;
  @Mixin private KernelFolder kernels;
  @Mixin private OutputOptions output;

  @Option(
      names = {"--use_cuda", "--amp", "--parallel"},
      hidden = true)
  private boolean[] withoutEffect;

  @Override
  public void run() {
    Console console = output.console();
    if (model.isBundled()) {
      mirror.forBundled();
    }
    MirrorSettings settings = training.valid(mirror::settings);
    RunRequest request = training.request(store.type());
    if (withoutEffect != null) {
      console.warning("--use_cuda, --amp and --parallel have no effect here; see --device");
    }
    console.notice(mirror.fidelityNotice());
    try (Bundled bundled = Bundled.open()) {
      Path from = model.path(console, bundled);
      TrainingCall.run(
          console,
          said -> device.open(said, kernels),
          "train",
          new MirrorTraining(
              from,
              model.text(),
              corpus,
              corpus.toString(),
              mirror.recipeName(),
              settings,
              development.task(console)),
          request);
    }
  }
}

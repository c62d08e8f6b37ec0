package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.train.RunRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pretrain}: a masked language model from raw text. */
@Command(
    name = "pretrain",
    sortOptions = false,
    customSynopsis = "mirror4j pretrain --corpus FILE... --output DIR [OPTION...]",
    description = "Trains a masked language model from raw text: vocabulary, weights and head.")
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

  @Mixin private TrainingOptions training;
  @Mixin private StoreOption store;
  @Mixin private PretrainingOptions pretraining;
  @Mixin private DeviceOptions device;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    PretrainingSettings settings = training.valid(pretraining::settings);
    RunRequest request = training.request(store.type());
    TrainingCall.run(
        output.console(),
        device,
        "pretrain",
        new Pretraining(corpus, Optional.ofNullable(heldOut), size, vocabSize, settings),
        request);
  }
}

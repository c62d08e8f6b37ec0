package org.mirror4j.cli;

import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.method.flow.FlowRecipe;
import org.mirror4j.method.flow.FlowSettings;
import org.mirror4j.method.flow.FlowTraining;
import org.mirror4j.method.flow.ModelSource;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.RunRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flow}: BERT-flow. */
@Command(
    name = "flow",
    sortOptions = false,
    customSynopsis =
        "mirror4j flow --model MODEL (--corpus FILE | --task TASK)... [--data DIR] --output DIR"
            + " [OPTION...]",
    description = {
      "BERT-flow: trains a small invertible network that maps a model's vectors of texts to a"
          + " standard Gaussian, where cosines say more, and writes the model with it. The model"
          + " itself stays as it is, and the output is used like any other here;"
          + " sentence-transformers knows no flows.",
      "The vectors are computed in the type of --precision; the flow is trained and written in"
          + " f32."
    })
final class FlowCommand implements Runnable {
  /** Texts encoded at once. */
  private static final int ENCODED_BATCH = 256;

  @Mixin private FittingOptions fitting;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      defaultValue = "target",
      description =
          "Where values come from that are not given, see below: target for the texts that are to"
              + " be compared, nli for those of natural language inference. Default:"
              + " ${DEFAULT-VALUE}.")
  private FlowRecipe recipe;

  @Option(
      names = "--fidelity",
      paramLabel = "KIND",
      defaultValue = "clean",
      description =
          "clean or released. released does what the released code does: the vectors of each epoch"
              + " are computed with dropout in the encoder, the flow begins with drawn scales and"
              + " not with those of a batch, and all texts are shuffled. Default: clean.")
  private Fidelity fidelity;

  @Mixin private FlowFlags flags;
  @Mixin private TrainingOptions training;
  @Mixin private DeviceOptions device;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    FlowSettings settings = training.valid(() -> flags.settings(recipe.settings(fidelity)));
    RunRequest request = training.request(DType.F32);
    Encoding encoding = fitting.encoding(ENCODED_BATCH, request.compute().precision());
    try (Bundled bundled = Bundled.open();
        FittingOptions.Opened opened = fitting.open(console, bundled, request.output())) {
      ModelSource source =
          new ModelSource(
              opened.model(), opened.modelName(), encoding, opened.texts(), opened.inputs());
      TrainingCall.run(
          console,
          device::open,
          "flow",
          new FlowTraining(source, recipe.label(), settings, fidelity),
          request);
    }
  }
}

package org.mirror4j.cli;

import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.pretrain.PretrainingSettings;
import picocli.CommandLine.Option;

/**
 * The settings of pretraining as options: each field is called like the component of {@link
 * PretrainingSettings} that it sets, and null unless the option is given.
 */
final class PretrainingOptions {
  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the text. Default: 1.")
  private Integer epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = {
        "Steps of the whole run, 0 for as many as the epochs have. May change with --resume: the"
            + " learning rate then falls to 0 at the new end. Default: 0."
      })
  private Integer steps;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Sequences of a step. Default: 64.")
  private Integer batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Peak of the learning rate. Default: 1e-3.")
  private Double learningRate;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      description = "Steps of linear rise; the rate then falls to 0. Default: 300.")
  private Integer warmupSteps;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Weight decay of matrices. Default: 0.01.")
  private Double weightDecay;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of a sequence, special tokens included. Default: 64.")
  private Integer maxLength;

  @Option(
      names = "--dropout-rate",
      paramLabel = "X",
      description = "Rate of every dropout place. Default: 0.1.")
  private Double dropoutRate;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm, 0 for no clipping. Default: 1.")
  private Double maxGradNorm;

  @Option(
      names = "--held-out-steps",
      paramLabel = "N",
      description =
          "Steps between reports of the held-out loss, which also comes last. Default:" + " 500.")
  private Integer heldOutSteps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of weights, masks, dropout and order. Default: 42.")
  private Long seed;

  /** The settings, checked. */
  PretrainingSettings settings() {
    return JsonRecords.with(PretrainingSettings.DEFAULT, Given.of(this));
  }
}

package org.mirror4j.cli;

import org.mirror4j.train.PretrainingSettings;
import picocli.CommandLine.Option;

/** The settings of pretraining. */
final class PretrainingOptions {
  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Passes over the text. Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Steps of the whole run, 0 for as many as the epochs have. May change with --resume: the"
            + " learning rate then falls to 0 at the new end. Default: 0."
      })
  private int maxSteps;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Sequences of a step. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "1e-3",
      description = "Peak of the learning rate. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      defaultValue = "300",
      description = "Steps of linear rise; the rate then falls to 0. Default: ${DEFAULT-VALUE}.")
  private int warmupSteps;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "Weight decay of matrices. Default: ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens of a sequence, special tokens included. Default: ${DEFAULT-VALUE}.")
  private int maxLength;

  @Option(
      names = "--dropout-rate",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "Rate of every dropout place. Default: ${DEFAULT-VALUE}.")
  private double dropoutRate;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      defaultValue = "1",
      description = "Clip gradients to this global norm, 0 for no clipping. Default: 1.")
  private double maxGradNorm;

  @Option(
      names = "--held-out-steps",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Steps between reports of the held-out loss, which also comes last. Default:"
              + " ${DEFAULT-VALUE}.")
  private int heldOutSteps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of weights, masks, dropout and order. Default: ${DEFAULT-VALUE}.")
  private long seed;

  /** The settings, checked. */
  PretrainingSettings settings() {
    return new PretrainingSettings(
        epochs,
        batchSize,
        learningRate,
        warmupSteps,
        weightDecay,
        maxLength,
        dropoutRate,
        maxGradNorm,
        maxSteps,
        heldOutSteps,
        seed);
  }
}

package org.mirror4j.method.pretrain;

import org.mirror4j.file.JsonRecords;
import org.mirror4j.train.Settings;

/**
 * Every setting of masked language model pretraining but the architecture, in the order in which
 * the settings of a run store them.
 *
 * @param epochs passes over the text
 * @param steps of the whole run, 0 for as many as the epochs have
 * @param batchSize sequences of a step
 * @param learningRate peak of the schedule
 * @param warmupSteps steps of linear rise; the rate then falls linearly to 0
 * @param weightDecay on matrices, not on biases and LayerNorm
 * @param maxLength tokens of a sequence, special tokens included
 * @param dropoutRate of all dropout places
 * @param maxGradNorm gradients are clipped to this global norm, 0 for no clipping
 * @param heldOutSteps held-out loss is computed every so many steps and at the end
 * @param seed of weights, masks, dropout and order
 */
public record PretrainingSettings(
    int epochs,
    int steps,
    int batchSize,
    double learningRate,
    int warmupSteps,
    double weightDecay,
    int maxLength,
    double dropoutRate,
    double maxGradNorm,
    int heldOutSteps,
    long seed) {

  /** What the bundled model is made with. */
  public static final PretrainingSettings DEFAULT =
      JsonRecords.resource(PretrainingSettings.class, "bundled.json");

  /** Checks each value; messages name the option. */
  public PretrainingSettings {
    Settings.atLeast("--epochs", epochs, 1);
    Settings.atLeast("--batch-size", batchSize, 1);
    Settings.atLeast("--warmup-steps", warmupSteps, 0);
    Settings.atLeast("--max-length", maxLength, 4);
    Settings.atLeast("--max-steps", steps, 0);
    Settings.atLeast("--held-out-steps", heldOutSteps, 1);
    Settings.require(learningRate >= 0, "--learning-rate", learningRate, "at least 0");
    Settings.require(weightDecay >= 0, "--weight-decay", weightDecay, "at least 0");
    Settings.require(maxGradNorm >= 0, "--max-grad-norm", maxGradNorm, "at least 0");
    Settings.require(
        dropoutRate >= 0 && dropoutRate < 1, "--dropout-rate", dropoutRate, "0 <= rate < 1");
  }
}

package org.mirror4j.method.finetune;

import java.util.Map;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.train.Settings;

/**
 * Every setting of fine-tuning, in the order in which the settings of a run store them.
 *
 * @param epochs passes over the examples
 * @param steps the run ends after that many, 0 for all that the epochs have
 * @param batchSize examples of a step
 * @param deviceTokens most tokens that are computed at once; gradients of such parts are added up
 * @param learningRate peak of the schedule
 * @param warmupShare share of the steps over which the rate rises; it then falls linearly to 0
 * @param optimizer of encoder and head, unless the head has one of its own
 * @param weightDecay on matrices, not on biases and LayerNorm
 * @param maxLength tokens of an example, special tokens included
 * @param dropoutRate of all dropout places
 * @param maxGradNorm gradients are clipped to this global norm, 0 for no clipping
 * @param evaluations times an epoch that the dev set is scored, at most after each step; after the
 *     last step of the run it always is
 * @param patience evaluations in a row without a better score after which the run ends; 0 for never
 * @param seed of the head, dropout, order and windows of what is too long to learn from whole
 */
public record FineTuningSettings(
    int epochs,
    int steps,
    int batchSize,
    int deviceTokens,
    double learningRate,
    double warmupShare,
    FineTuningOptimizer optimizer,
    double weightDecay,
    int maxLength,
    double dropoutRate,
    double maxGradNorm,
    int evaluations,
    int patience,
    long seed) {
  /** Fewest tokens of an example: special tokens and one of the text. */
  public static final int LEAST_LENGTH = 4;

  /** Checks each value; messages name the option. */
  public FineTuningSettings {
    Settings.atLeast("--epochs", epochs, 1);
    Settings.atLeast("--max-steps", steps, 0);
    Settings.atLeast("--batch-size", batchSize, 1);
    Settings.atLeast("--max-length", maxLength, LEAST_LENGTH);
    Settings.require(
        deviceTokens >= maxLength,
        "--device-tokens",
        deviceTokens,
        "at least --max-length " + maxLength);
    Settings.notNegative("--learning-rate", learningRate);
    Settings.require(
        warmupShare >= 0 && warmupShare <= 1, "--warmup-share", warmupShare, "a share from 0 to 1");
    Settings.notNegative("--weight-decay", weightDecay);
    Settings.require(
        dropoutRate >= 0 && dropoutRate < 1, "--dropout-rate", dropoutRate, "0 <= rate < 1");
    Settings.notNegative("--max-grad-norm", maxGradNorm);
    Settings.atLeast("--evaluations", evaluations, 1);
    Settings.atLeast("--patience", patience, 0);
  }

  /**
   * These settings with some changed.
   *
   * @param changes values by the names of their components
   */
  public FineTuningSettings with(Map<String, ?> changes) {
    return JsonRecords.with(this, changes);
  }
}

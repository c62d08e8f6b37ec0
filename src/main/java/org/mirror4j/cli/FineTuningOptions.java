package org.mirror4j.cli;

import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.finetune.FineTuningOptimizer;
import org.mirror4j.method.finetune.FineTuningRecipe;
import org.mirror4j.method.finetune.FineTuningSettings;
import picocli.CommandLine.Option;

/**
 * The settings of fine-tuning as options: each field is called like the component of {@link
 * FineTuningSettings} that it sets, and null unless the option is given.
 */
final class FineTuningOptions {
  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the examples.")
  private Integer epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Steps of the whole run, 0 for as many as the epochs have.")
  private Integer steps;

  @Option(names = "--batch-size", paramLabel = "N", description = "Examples of a step.")
  private Integer batchSize;

  @Option(
      names = "--device-tokens",
      paramLabel = "N",
      description =
          "Most tokens that are computed at once; the gradients of such parts are added up. Of"
              + " coreference it is a document or its --segments, whatever is said here.")
  private Integer deviceTokens;

  @Option(names = "--learning-rate", paramLabel = "X", description = "Peak of the learning rate.")
  private Double learningRate;

  @Option(
      names = "--warmup-share",
      paramLabel = "X",
      description = "Share of the steps over which the rate rises; it then falls to 0.")
  private Double warmupShare;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description =
          "bert, Adam without bias correction, as BERT and SpanBERT were fine-tuned, or adamw, with"
              + " it, as transformers does.")
  private FineTuningOptimizer optimizer;

  @Option(names = "--weight-decay", paramLabel = "X", description = "Weight decay of matrices.")
  private Double weightDecay;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of an example, special tokens included.")
  private Integer maxLength;

  @Option(names = "--dropout-rate", paramLabel = "X", description = "Rate of every dropout place.")
  private Double dropoutRate;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm, 0 for no clipping.")
  private Double maxGradNorm;

  @Option(
      names = "--evaluations",
      paramLabel = "N",
      description = "How often an epoch the dev set is scored; the best model of all is written.")
  private Integer evaluations;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "End after so many evaluations in a row without a better score; 0 for never.")
  private Integer patience;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the head's first weights, dropout and order.")
  private Long seed;

  /**
   * The settings of a recipe with what is given in their place, checked.
   *
   * @param development whether there is a dev set
   * @throws IllegalArgumentException if a value is out of its range, or an option that was given
   *     changes nothing
   */
  FineTuningSettings settings(FineTuningRecipe recipe, boolean development) {
    FineTuningSettings settings = JsonRecords.with(recipe.settings(), Given.of(this));
    Given.requireEffect("--evaluations", evaluations, development, "without --dev");
    return settings;
  }
}

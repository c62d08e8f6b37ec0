package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.calibrate.flow.FlowCoupling;
import org.mirror4j.calibrate.flow.FlowPermutation;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.flow.FlowRecipe;
import org.mirror4j.method.flow.FlowSettings;
import picocli.CommandLine.Option;

/**
 * The settings of a flow as options: each field is called like the component of {@link
 * FlowSettings} that it sets, and null unless the option is given.
 */
final class FlowFlags {
  @Option(
      names = "--levels",
      paramLabel = "N",
      description =
          "Levels of the flow; each but the last hands on half of the values. Vectors have a"
              + " multiple of 2^N values.")
  private Integer levels;

  @Option(names = "--depth", paramLabel = "N", description = "Steps of a level.")
  private Integer depth;

  @Option(
      names = "--width",
      paramLabel = "N",
      description = "Hidden units of a coupling's network.")
  private Integer width;

  @Option(
      names = "--coupling",
      paramLabel = "KIND",
      description =
          "What couplings do to half of the values: additive (add to them) or affine (scale them"
              + " too).")
  private FlowCoupling coupling;

  @Option(
      names = "--permutation",
      paramLabel = "KIND",
      description =
          "Between couplings: reverse (the order of the values turned round) or plu (a learned"
              + " invertible map).")
  private FlowPermutation permutation;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "Items of a step: pairs where all texts are those of tasks of pairs, else texts.")
  private Integer batchSize;

  @Option(
      names = "--epochs",
      paramLabel = "X",
      description = "Passes over the texts, perhaps a part of one.")
  private Double epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description =
          "Steps of the whole run, 0 for as many as the epochs have; may change with --resume."
              + " Default: 0.")
  private Integer steps;

  @Option(names = "--learning-rate", paramLabel = "X", description = "Constant learning rate.")
  private Double learningRate;

  @Option(
      names = "--epsilon",
      paramLabel = "X",
      description = "Of Adam, added to the root of the second moment.")
  private Double epsilon;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Weight decay of all parameters.")
  private Double weightDecay;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm, 0 for no clipping.")
  private Double maxGradNorm;

  @Option(
      names = "--shuffle-buffer",
      paramLabel = "N",
      description =
          "Items among which the next one is drawn, in the order of the texts; 0 for an order of"
              + " all.")
  private Integer shuffleBuffer;

  @Option(names = "--seed", paramLabel = "N", description = "Of parameters and order.")
  private Long seed;

  /**
   * A recipe with what was given instead.
   *
   * @throws IllegalArgumentException if a value is out of its range, or an option that was given
   *     changes nothing
   */
  FlowSettings settings(FlowSettings recipe) {
    FlowSettings settings = JsonRecords.with(recipe, Given.of(this));
    Given.requireEffect(
        "--epochs", epochs, settings.steps() == 0, "with --max-steps " + settings.steps());
    return settings;
  }

  /** The values of the recipes, for the help. */
  static List<String> recipeTable() {
    List<String> lines = new ArrayList<>(List.of("", "Recipes:"));
    for (FlowRecipe recipe : FlowRecipe.values()) {
      FlowSettings values = recipe.settings();
      lines.add(
          "  %-7s epochs %s, learning-rate %s"
              .formatted(JsonRecords.label(recipe), values.epochs(), values.learningRate()));
    }
    FlowSettings shared = FlowRecipe.TARGET.settings();
    lines.add(
        "  all: levels %d, depth %d, width %d, coupling %s, permutation %s, batch-size %d,"
            .formatted(
                shared.levels(),
                shared.depth(),
                shared.width(),
                JsonRecords.label(shared.coupling()),
                JsonRecords.label(shared.permutation()),
                shared.batchSize()));
    lines.add(
        "  epsilon %s, weight-decay %s, max-grad-norm %s, shuffle-buffer %d, seed %d"
            .formatted(
                shared.epsilon(),
                shared.weightDecay(),
                shared.maxGradNorm(),
                shared.shuffleBuffer(),
                shared.seed()));
    return lines;
  }
}

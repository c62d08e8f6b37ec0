package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.train.Fidelity;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The settings of Mirror-BERT: a recipe, and what is given instead of its values. */
final class MirrorOptions {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "Where values come from that are not given, see below. Default: word, and small-word for"
              + " the bundled model.")
  private Recipe recipe;

  @Option(
      names = "--fidelity",
      paramLabel = "KIND",
      defaultValue = "clean",
      description =
          "clean or released. released does what the released code does where that differs from the"
              + " paper: a mean takes padding in, equal texts of a batch are negatives, blank lines"
              + " are items, a BERT tokenizer lower-cases. Default: clean.")
  private Fidelity fidelity;

  @Mixin private MirrorFlags flags;

  /** Takes the recipe that suits the bundled model where none was given. */
  void forBundled() {
    recipe = recipe == null ? Recipe.SMALL_WORD : recipe;
  }

  private Recipe recipe() {
    return recipe == null ? Recipe.WORD : recipe;
  }

  /**
   * The recipe with what was given instead.
   *
   * @throws IllegalArgumentException if a value is out of its range, or an option that was given
   *     changes nothing
   */
  MirrorSettings settings() {
    MirrorSettings settings = recipe().settings(fidelity, flags.given());
    flags.requireEffect(settings);
    return settings;
  }

  /** The name that the output carries. */
  String recipeName() {
    return recipe().name(fidelity);
  }

  /** Which behaviour runs where paper and released code differ. */
  String fidelityNotice() {
    return fidelity == Fidelity.RELEASED
        ? "fidelity released: as the released code, where values are not given"
        : "fidelity clean: as the paper; --fidelity released for the released code's ways";
  }

  /** The values of all recipes, for the help. */
  static List<String> recipeTable() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Recipes, with the learning rate as rate and the dropout rate as dropout:");
    String row = "  %-25s %6s %10s %6s %11s %7s %7s %8s %9s";
    lines.add(
        row.formatted(
            "name",
            "epochs",
            "max-length",
            "rate",
            "temperature",
            "pooling",
            "dropout",
            "drophead",
            "span-mask"));
    for (Recipe recipe : Recipe.values()) {
      MirrorSettings values = recipe.settings();
      lines.add(
          row.formatted(
              recipe.label(),
              values.epochs(),
              values.maxLength(),
              values.learningRate(),
              values.temperature(),
              values.pooling().label(),
              values.dropoutRate(),
              values.dropheadRate(),
              values.randomSpanMask()));
    }
    for (Recipe recipe : Recipe.values()) {
      MirrorSettings values = recipe.settings();
      if (!values.template().isEmpty()) {
        lines.add("  %-25s template '%s'".formatted(recipe.label(), values.template()));
      }
      if (!values.secondTemplate().isEmpty()) {
        lines.add("  %-25s second-template '%s'".formatted("", values.secondTemplate()));
      }
      if (values.output() != values.pooling()) {
        lines.add("  %-25s output-pooling %s".formatted("", values.output()));
      }
      values
          .interpolation()
          .ifPresent(where -> lines.add("  %-25s interpolation %s".formatted("", where)));
    }
    MirrorSettings shared = Recipe.WORD.settings();
    lines.add(
        "  all: batch-size %d, weight-decay %s, span-unit %s, max-grad-norm %s"
            .formatted(
                shared.batchSize(),
                shared.weightDecay(),
                JsonRecords.label(shared.spanUnit()),
                shared.maxGradNorm()));
    return lines;
  }
}

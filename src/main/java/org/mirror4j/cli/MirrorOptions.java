package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.operation.Pooling;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.TextSpanMask;
import org.mirror4j.train.MirrorSettings;
import org.mirror4j.train.Recipe;
import org.mirror4j.train.Settings;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The settings of Mirror-BERT; what is not given comes from the recipe. */
final class MirrorOptions {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      defaultValue = "word",
      description = "Where values come from that are not given, see below. Default: word.")
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

  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the corpus.")
  private Integer epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Items of a step, each with two views.")
  private Integer batchSize;

  @Option(names = "--learning-rate", paramLabel = "X", description = "Constant learning rate.")
  private Double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Weight decay of all parameters.")
  private Double weightDecay;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of a text, special tokens included; what is longer is cut.")
  private Integer maxLength;

  @Option(names = "--temperature", paramLabel = "X", description = "Divides the cosines.")
  private Double temperature;

  @ArgGroup private PoolingOptions pooling = new PoolingOptions();

  private static final class PoolingOptions {
    @Option(
        names = "--pooling",
        paramLabel = "KIND",
        description = "cls, mean, or mean-padded, the mean that takes padding in.")
    private Pooling pooling;

    @Option(
        names = "--agg_mode",
        paramLabel = "KIND",
        converter = ReleasedPooling.class,
        description =
            "The same by the names of the released code: cls, mean (here mean-padded), mean_std"
                + " (here mean).")
    private Pooling released;

    Pooling chosen() {
      return pooling != null ? pooling : released;
    }
  }

  /** Names of the released code. */
  private static final class ReleasedPooling implements ITypeConverter<Pooling> {
    @Override
    public Pooling convert(String name) {
      return switch (name) {
        case "cls" -> Pooling.CLS;
        case "mean" -> Pooling.MEAN_PADDED;
        case "mean_std" -> Pooling.MEAN;
        default ->
            throw new TypeConversionException("'" + name + "', expected cls, mean, mean_std");
      };
    }
  }

  @Option(names = "--dropout-rate", paramLabel = "X", description = "Rate of every dropout place.")
  private Double dropoutRate;

  @Option(
      names = "--drophead-rate",
      paramLabel = "X",
      description = "Rate at which whole attention heads are dropped.")
  private Double dropheadRate;

  @Option(
      names = "--random-span-mask",
      paramLabel = "N",
      description = "Characters of the masked span, 0 for none.")
  private Integer spanMask;

  @Option(
      names = "--span-unit",
      paramLabel = "UNIT",
      description =
          "chars (of the second view, texts of 30 characters or more, as released) or word (whole"
              + " words, of either view).")
  private TextSpanMask.Unit spanUnit;

  @Option(names = "--pairwise", description = "A line of the corpus is 'text || text'.")
  private boolean pairwise;

  @Option(
      names = "--false-negatives",
      paramLabel = "WAY",
      description =
          "mask (equal texts of a batch are no negatives of each other) or keep (they are)."
              + " Default: mask.")
  private FalseNegatives falseNegatives;

  @Option(names = "--no-shuffle", description = "Keep the order of the corpus in every epoch.")
  private boolean noShuffle;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm, 0 for no clipping.")
  private Double maxGradNorm;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "End after N steps, 0 for all; may change with --resume. Default: 0.")
  private Integer maxSteps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of dropout, span masks and order. Default: 42.")
  private Long seed;

  /** The recipe with what was given instead. */
  MirrorSettings settings() {
    return recipe.settings().with(this::apply);
  }

  private void apply(MirrorSettings.Draft s) {
    s.epochs = or(epochs, s.epochs);
    s.batchSize = or(batchSize, s.batchSize);
    s.learningRate = or(learningRate, s.learningRate);
    s.weightDecay = or(weightDecay, s.weightDecay);
    s.maxLength = or(maxLength, s.maxLength);
    s.temperature = or(temperature, s.temperature);
    s.pooling = or(pooling.chosen(), released() ? withPadding(s.pooling) : s.pooling);
    s.dropoutRate = or(dropoutRate, s.dropoutRate);
    s.dropheadRate = or(dropheadRate, s.dropheadRate);
    s.spanMask = or(spanMask, s.spanMask);
    s.spanUnit = or(spanUnit, s.spanUnit);
    s.pairwise |= pairwise;
    s.maskFalseNegatives =
        falseNegatives == null
            ? s.maskFalseNegatives && !released()
            : falseNegatives == FalseNegatives.MASK;
    s.shuffle &= !noShuffle;
    s.maxGradNorm = or(maxGradNorm, s.maxGradNorm);
    s.maxSteps = or(maxSteps, s.maxSteps);
    s.seed = or(seed, s.seed);
  }

  private static <T> T or(T given, T otherwise) {
    return given != null ? given : otherwise;
  }

  private boolean released() {
    return fidelity == Fidelity.RELEASED;
  }

  private static Pooling withPadding(Pooling pooling) {
    return pooling == Pooling.MEAN ? Pooling.MEAN_PADDED : pooling;
  }

  /** The name that the output carries. */
  String recipeName() {
    return released() ? recipe.label() + ", released" : recipe.label();
  }

  /** Which behaviour runs where paper and released code differ. */
  String fidelityNotice() {
    return released()
        ? "fidelity released: as the released code, where values are not given"
        : "fidelity clean: as the paper; --fidelity released for the released code's ways";
  }

  /** Whether a BERT tokenizer is made to lower-case; otherwise it stays as it is saved. */
  boolean lowerCase() {
    return released();
  }

  /** How the corpus is read. */
  Corpus.Options text() {
    return Corpus.Options.DEFAULT.withPairwise(pairwise).withBlankLines(released());
  }

  /** The values of all recipes, for the help. */
  static List<String> recipeTable() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Recipes:");
    lines.add(
        "  %-26s %6s %10s %11s %7s %7s %8s %9s"
            .formatted(
                "name",
                "epochs",
                "max-length",
                "temperature",
                "pooling",
                "dropout",
                "drophead",
                "span-mask"));
    for (Recipe recipe : Recipe.values()) {
      MirrorSettings values = recipe.settings();
      lines.add(
          "  %-26s %6d %10d %11s %7s %7s %8s %9d"
              .formatted(
                  recipe.label(),
                  values.epochs(),
                  values.maxLength(),
                  values.temperature(),
                  values.pooling().label(),
                  values.dropoutRate(),
                  values.dropheadRate(),
                  values.spanMask()));
    }
    MirrorSettings shared = Recipe.WORD.settings();
    lines.add(
        "  all: batch-size %d, learning-rate %s, weight-decay %s, span-unit %s, max-grad-norm %s"
            .formatted(
                shared.batchSize(),
                shared.learningRate(),
                shared.weightDecay(),
                Settings.label(shared.spanUnit()),
                shared.maxGradNorm()));
    return lines;
  }
}

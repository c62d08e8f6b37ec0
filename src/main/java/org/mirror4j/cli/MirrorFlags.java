package org.mirror4j.cli;

import java.util.Map;
import java.util.Optional;
import org.mirror4j.bert.Pooling;
import org.mirror4j.method.mirror.FalseNegatives;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.text.mask.TextSpanMask;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The settings of Mirror-BERT as options: each field is called like the component of {@link
 * MirrorSettings} that it sets, and null unless the option is given.
 */
final class MirrorFlags {
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

  @Option(
      names = "--interpolation",
      paramLabel = "X",
      description =
          "Where the output is on the line from the weights before (0) to those after (1). What"
              + " lies between is often better than both.")
  private Double interpolation;

  @ArgGroup private PoolingOptions poolings = new PoolingOptions();

  private static final class PoolingOptions {
    @Option(
        names = "--pooling",
        paramLabel = "KIND",
        description =
            "What is pooled: ${COMPLETION-CANDIDATES}. mean-padded takes padding in; mask and"
                + " mask-mean take a template.")
    private Pooling pooling;

    @Option(
        names = "--agg_mode",
        paramLabel = "KIND",
        converter = ReleasedPooling.class,
        description =
            "The same by the names of the released code: cls, mean (here mean-padded), mean_std"
                + " (here mean).")
    private Pooling released;

    Optional<Pooling> chosen() {
      return Optional.ofNullable(pooling != null ? pooling : released);
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

  @Option(
      names = "--output-pooling",
      paramLabel = "KIND",
      description =
          "What the tuned model pools, where not what was trained: others of its rows may serve"
              + " better.")
  private Pooling outputPooling;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "Words around each text, with {} where it is to stand, such as 'This sentence : \"{}\""
              + " means [MASK] .'. The tuned model puts them around texts too. '' for nothing.")
  private String template;

  @Option(
      names = "--second-template",
      paramLabel = "TEXT",
      description = "Other words around the second view. '' for the same.")
  private String secondTemplate;

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
  private Integer randomSpanMask;

  @Option(
      names = "--span-unit",
      paramLabel = "UNIT",
      description =
          "chars (of the second view, texts of 30 characters or more, as released) or word (whole"
              + " words, of either view).")
  private TextSpanMask.Unit spanUnit;

  @Option(names = "--pairwise", description = "A line of the corpus is 'text || text'.")
  private Boolean pairwise;

  @Option(
      names = "--false-negatives",
      paramLabel = "WAY",
      description =
          "mask (equal texts of a batch are no negatives of each other) or keep (they are)."
              + " Default: mask.")
  private FalseNegatives falseNegatives;

  @Option(
      names = "--no-shuffle",
      fallbackValue = "false",
      description = "Keep the order of the corpus in every epoch.")
  private Boolean shuffle;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm, 0 for no clipping.")
  private Double maxGradNorm;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "End after N steps, 0 for all; may change with --resume. Default: 0.")
  private Integer steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of dropout, span masks and order. Default: 42.")
  private Long seed;

  /**
   * Refuses an option that was given and changes nothing.
   *
   * @param settings with what was given
   * @throws IllegalArgumentException naming the option and what leaves it without effect
   */
  void requireEffect(MirrorSettings settings) {
    Given.requireEffect(
        "--span-unit", spanUnit, settings.randomSpanMask() > 0, "with --random-span-mask 0");
  }

  /** The values that were given, by the names of the settings. */
  Map<String, Object> given() {
    Map<String, Object> given = Given.of(this);
    // A recipe's pooling of the output belongs to its own pooling.
    poolings
        .chosen()
        .ifPresent(
            pooling -> {
              given.put("pooling", pooling);
              given.putIfAbsent("outputPooling", pooling);
            });
    return given;
  }
}

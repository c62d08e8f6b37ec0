package org.mirror4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.pretrain.Objective;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.text.mask.ReplacementUnit;
import org.mirror4j.train.Fidelity;
import picocli.CommandLine.Option;

/**
 * The settings of pretraining as options: each field is called like the component of {@link
 * PretrainingSettings} that it sets, and null unless the option is given.
 */
final class PretrainingOptions {
  @Option(
      names = "--objective",
      paramLabel = "WHAT",
      description =
          "What is predicted: mlm, span, span+sbo or mlm+nsp. span masks spans; sbo is the span"
              + " boundary objective, nsp next-sentence prediction over two segments.")
  private Objective objective;

  @Option(
      names = "--mask",
      paramLabel = "SCHEME",
      description =
          "What is masked together: tokens, words, entities, phrases or spans. Entities and phrases"
              + " come from a second column of the corpus, start:end of each in characters, or else"
              + " from a rule. Default: what the objective says.")
  private MaskScheme mask;

  @Option(
      names = "--masked-share",
      paramLabel = "X",
      description = "Share of the tokens that is predicted.")
  private Double maskedShare;

  @Option(
      names = "--span-probability",
      paramLabel = "X",
      description = "p of the geometric distribution of span lengths.")
  private Double spanProbability;

  @Option(names = "--longest-span", paramLabel = "N", description = "Words of the longest span.")
  private Integer longestSpan;

  @Option(
      names = "--whole-sentences",
      negatable = true,
      description = "Blocks end with sentences, --no-whole-sentences: anywhere.")
  private Boolean wholeSentences;

  @Option(
      names = "--short-sequences",
      paramLabel = "X",
      description = "Share of the blocks that are shorter than they could be.")
  private Double shortSequences;

  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the text.")
  private Integer epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description =
          "Steps of the whole run, 0 for as many as the epochs have; then all of the "
              + "corpus is read first. May change with --resume: the learning rate then falls "
              + "to 0 at the new end.")
  private Integer steps;

  @Option(names = "--batch-tokens", paramLabel = "N", description = "Most tokens of a step.")
  private Integer batchTokens;

  @Option(
      names = "--device-tokens",
      paramLabel = "N",
      description =
          "Most of them that are computed at once; the gradients of such parts are added " + "up.")
  private Integer deviceTokens;

  @Option(names = "--learning-rate", paramLabel = "X", description = "Peak of the learning rate.")
  private Double learningRate;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      description = "Steps of linear rise; the rate then falls to 0.")
  private Integer warmupSteps;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description =
          "Weight decay of matrices. With --fidelity released 0.01, whatever the recipe, and of all"
              + " parameters.")
  private Double weightDecay;

  @Option(names = "--beta2", paramLabel = "X", description = "Decay of AdamW's second moment.")
  private Double beta2;

  @Option(names = "--epsilon", paramLabel = "X", description = "Epsilon of AdamW.")
  private Double epsilon;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of a block, special tokens included.")
  private Integer maxLength;

  @Option(names = "--dropout-rate", paramLabel = "X", description = "Rate of every dropout place.")
  private Double dropoutRate;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm, 0 for no clipping.")
  private Double maxGradNorm;

  @Option(
      names = "--boundary-weight",
      paramLabel = "X",
      description = "Weight of the span boundary objective.")
  private Double boundaryWeight;

  @Option(
      names = "--places",
      paramLabel = "N",
      description = "Tokens of a span that the span boundary objective predicts.")
  private Integer places;

  @Option(
      names = "--place-width",
      paramLabel = "N",
      description = "Elements of the embedding of such a place.")
  private Integer placeWidth;

  @Option(
      names = "--shuffle-blocks",
      paramLabel = "N",
      description = "Blocks that are held to draw from; 1 leaves them in order.")
  private Integer shuffleBlocks;

  @Option(
      names = "--held-out-steps",
      paramLabel = "N",
      description = "Steps between reports of the held-out loss, which also comes last.")
  private Integer heldOutSteps;

  @Option(
      names = "--fidelity",
      paramLabel = "WHICH",
      description =
          "clean, or released: as SpanBERT's released code where the paper differs: "
              + "optimiser, weight decay, schedule, mean of the span boundary losses.")
  private Fidelity fidelity;

  @Option(names = "--seed", paramLabel = "N", description = "Of weights, masks, dropout and order.")
  private Long seed;

  /** Settings with what is given in their place, checked: see {@link PretrainingSettings#given}. */
  PretrainingSettings settings(PretrainingSettings otherwise) {
    return otherwise.given(Given.of(this));
  }

  /**
   * Refuses an option that was given and changes nothing. What a recipe says in its place is never
   * refused.
   *
   * @param settings with what was given
   * @param heldOut whether there is a held-out text
   * @throws IllegalArgumentException naming the option and what leaves it without effect
   */
  void requireEffect(PretrainingSettings settings, boolean heldOut) {
    String with = "with --objective " + settings.objective().label();
    boolean boundaries = settings.objective() == Objective.SPAN_SBO;
    Given.requireEffect("--boundary-weight", boundaryWeight, boundaries, with);
    Given.requireEffect("--places", places, boundaries, with);
    Given.requireEffect("--place-width", placeWidth, boundaries, with);
    Given.requireEffect(
        wholeSentences == Boolean.FALSE ? "--no-whole-sentences" : "--whole-sentences",
        wholeSentences,
        settings.objective() != Objective.MLM_NSP,
        with);
    with = "with --mask " + JsonRecords.label(settings.mask());
    boolean spans = settings.mask().unit() == ReplacementUnit.SPAN;
    Given.requireEffect("--span-probability", spanProbability, spans, with);
    Given.requireEffect("--longest-span", longestSpan, spans, with);
    Given.requireEffect(
        "--epochs", epochs, settings.steps() == 0, "with --max-steps " + settings.steps());
    Given.requireEffect("--held-out-steps", heldOutSteps, heldOut, "without --held-out");
  }

  /** The values of all recipes, for the help. */
  static List<String> recipeTable() {
    SequencedMap<String, PretrainingSettings> recipes = new LinkedHashMap<>();
    for (PretrainingRecipe recipe : PretrainingRecipe.values()) {
      recipes.put(recipe.label(), recipe.settings());
    }
    return RecipeTable.of("Recipes:", PretrainingOptions.class, recipes);
  }
}

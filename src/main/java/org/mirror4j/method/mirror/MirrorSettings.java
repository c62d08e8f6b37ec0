package org.mirror4j.method.mirror;

import java.util.Map;
import java.util.Optional;
import org.mirror4j.bert.Pooling;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.Template;
import org.mirror4j.text.mask.TextSpanMask;
import org.mirror4j.train.Settings;

/**
 * Every setting of a Mirror-BERT run; names in brackets are those of the released code. A recipe is
 * a JSON file of these keys, and the settings of a run store them in this order.
 *
 * @param epochs passes over the corpus (epoch)
 * @param batchSize items of a step, each with two views (train_batch_size)
 * @param steps the run ends after that many, 0 for all that the epochs have
 * @param learningRate constant (learning_rate)
 * @param weightDecay on all parameters (weight_decay)
 * @param maxLength tokens of a view, special tokens included (max_length)
 * @param temperature divides the cosines (infoNCE_tau)
 * @param interpolation where on the line from the weights before to those after tuning the output
 *     is, where not at its end: theta = (1 - interpolation) theta_0 + interpolation theta_1. What
 *     lies between is often better than both (Wortsman et al. 2022, Robust fine-tuning of zero-shot
 *     models, equation 1)
 * @param pooling how hidden states become the vector that is trained (agg_mode)
 * @param outputPooling how the output makes its vectors, where otherwise. The row that a loss is of
 *     is bent to it most, and other rows of the same model keep more of what pretraining knew, as
 *     the layer before a projection does (Chen et al. 2020, section 4.2)
 * @param template what stands around each text, {@code {}} in its place, see {@link Template}; the
 *     output says it. Empty for nothing
 * @param secondTemplate what stands around the second view instead; empty for the same
 * @param dropoutRate of all dropout places (dropout_rate)
 * @param dropheadRate of whole attention heads (drophead_rate)
 * @param randomSpanMask length of the masked span in characters, 0 for none (random_span_mask)
 * @param spanUnit what is masked: characters of the second view as the released code does, or whole
 *     words of either view
 * @param pairwise whether a line of the corpus holds two texts (pairwise)
 * @param falseNegatives whether views of equal texts are negatives of each other
 * @param shuffle whether items are shuffled each epoch
 * @param maxGradNorm gradients are clipped to this global norm, 0 for no clipping
 * @param lowerCase whether BERT's tokenizer is made to lower-case, as the released code does
 * @param keepBlankLines whether a blank line of the corpus is an item, as in the released code
 * @param maxCharacters of a line of the corpus; what is longer is cut
 * @param seed of dropout, span masks and shuffling (random_seed)
 */
public record MirrorSettings(
    int epochs,
    int batchSize,
    int steps,
    double learningRate,
    double weightDecay,
    int maxLength,
    double temperature,
    Optional<Double> interpolation,
    Pooling pooling,
    Optional<Pooling> outputPooling,
    String template,
    String secondTemplate,
    double dropoutRate,
    double dropheadRate,
    int randomSpanMask,
    TextSpanMask.Unit spanUnit,
    boolean pairwise,
    FalseNegatives falseNegatives,
    boolean shuffle,
    double maxGradNorm,
    boolean lowerCase,
    boolean keepBlankLines,
    int maxCharacters,
    long seed) {

  /** Checks each value; messages name the option. */
  public MirrorSettings {
    outputPooling = outputPooling.filter(output -> output != pooling);
    interpolation = interpolation.filter(where -> where != 1);
    Settings.atLeast("--epochs", epochs, 1);
    // One item alone has no negatives.
    Settings.atLeast("--batch-size", batchSize, 2);
    Settings.atLeast("--random-span-mask", randomSpanMask, 0);
    Settings.atLeast("--max-steps", steps, 0);
    Settings.notNegative("--learning-rate", learningRate);
    Settings.notNegative("--weight-decay", weightDecay);
    Settings.positive("--temperature", temperature);
    interpolation.ifPresent(
        where ->
            Settings.require(
                where > 0 && where < 1, "--interpolation", where, "more than 0, at most 1"));
    requireTemplate("--template", template, pooling);
    requireTemplate("--template", template, outputPooling.orElse(pooling));
    requireTemplate(
        "--second-template", secondTemplate.isEmpty() ? template : secondTemplate, pooling);
    Settings.notNegative("--max-grad-norm", maxGradNorm);
    Settings.require(
        dropoutRate >= 0 && dropoutRate < 1, "--dropout-rate", dropoutRate, "0 <= rate < 1");
    Settings.require(
        dropheadRate >= 0 && dropheadRate < 1, "--drophead-rate", dropheadRate, "0 <= rate < 1");
    Settings.atLeast("maxCharacters", maxCharacters, 1);
  }

  /** The mask token of the pooling is the last one of a text, and span masks may be in it too. */
  private static void requireTemplate(String option, String template, Pooling pooling) {
    Template parsed;
    try {
      parsed = template.isEmpty() ? Template.NONE : Template.of(template);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
    Settings.require(
        !pooling.takesMask() || parsed.masksAfterText(),
        option,
        FileException.quote(template),
        "a template with [MASK] after {}, as pooling %s takes its vector".formatted(pooling));
  }

  /** How the output makes its vectors. */
  public Pooling output() {
    return outputPooling.orElse(pooling);
  }

  /** What stands around first views, and around texts that the output encodes. */
  Template firstTemplate() {
    return template.isEmpty() ? Template.NONE : Template.of(template);
  }

  /** What stands around second views. */
  Template otherTemplate() {
    return secondTemplate.isEmpty() ? firstTemplate() : Template.of(secondTemplate);
  }

  /**
   * These settings with some changed: {@code word.with(Map.of("seed", 1))}.
   *
   * @throws org.mirror4j.file.FileException if a name or a type is none of the settings'
   */
  public MirrorSettings with(Map<String, ?> changes) {
    return JsonRecords.with(this, changes);
  }

  /** How the corpus is read. */
  Corpus.Options text() {
    return new Corpus.Options(pairwise, keepBlankLines, maxCharacters);
  }
}

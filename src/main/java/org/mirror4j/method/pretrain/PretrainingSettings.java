package org.mirror4j.method.pretrain;

import java.util.HashMap;
import java.util.Map;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.text.block.BlockKind;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.SpanSource;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.text.mask.MaskSettings;
import org.mirror4j.text.mask.SpanLengths;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.Settings;

/**
 * Every setting of pretraining but the architecture, in the order in which the settings of a run
 * store them.
 *
 * @param objective what is predicted
 * @param mask what is masked together
 * @param maskedShare of the tokens of a block that are predicted: 0.15
 * @param spanProbability p of the geometric distribution of span lengths: 0.2
 * @param longestSpan words of the longest span: 10
 * @param wholeSentences whether blocks of one segment end with sentences and not anywhere
 * @param shortSequences share of the blocks that are shorter than they could be
 * @param epochs passes over the text
 * @param steps of the whole run, 0 for as many as the epochs have
 * @param batchTokens most tokens of a step, special tokens included
 * @param deviceTokens most of them that are computed at once; gradients of such parts are added up
 * @param learningRate peak of the schedule
 * @param warmupSteps steps of linear rise; the rate then falls linearly to 0
 * @param weightDecay on matrices, not on biases and LayerNorm; the released code's on all, where
 *     0.01 takes the place of a recipe's
 * @param beta2 of AdamW's second moment
 * @param epsilon of AdamW
 * @param maxLength tokens of a block, special tokens included
 * @param dropoutRate of all dropout places
 * @param maxGradNorm gradients are clipped to this global norm, 0 for no clipping
 * @param boundaryWeight of the span boundary objective beside masked language modelling
 * @param places tokens of a span that the span boundary objective predicts
 * @param placeWidth elements of the embedding of such a place
 * @param shuffleBlocks blocks that are held to draw from; the order of a larger corpus is random
 *     only so far
 * @param heldOutSteps held-out loss is computed every so many steps and at the end
 * @param fidelity the paper, or the released code where it differs: the sum of the span boundary
 *     losses is divided by one more than there are, the rate falls as if there had been no warm-up,
 *     Adam's epsilon stands before the bias correction, all parameters decay
 * @param seed of weights, masks, dropout and order
 */
public record PretrainingSettings(
    Objective objective,
    MaskScheme mask,
    double maskedShare,
    double spanProbability,
    int longestSpan,
    boolean wholeSentences,
    double shortSequences,
    int epochs,
    int steps,
    int batchTokens,
    int deviceTokens,
    double learningRate,
    int warmupSteps,
    double weightDecay,
    double beta2,
    double epsilon,
    int maxLength,
    double dropoutRate,
    double maxGradNorm,
    double boundaryWeight,
    int places,
    int placeWidth,
    int shuffleBlocks,
    int heldOutSteps,
    Fidelity fidelity,
    long seed) {
  /** Of the released command, where the paper has 0.1. */
  private static final double RELEASED_WEIGHT_DECAY = 0.01;

  /** Checks each value; messages name the option. */
  public PretrainingSettings {
    Settings.share("--masked-share", maskedShare);
    Settings.require(
        spanProbability > 0 && spanProbability < 1,
        "--span-probability",
        spanProbability,
        "more than 0 and less than 1");
    Settings.atLeast("--longest-span", longestSpan, 1);
    Settings.require(
        shortSequences >= 0 && shortSequences <= 1,
        "--short-sequences",
        shortSequences,
        "a share from 0 to 1");
    Settings.atLeast("--epochs", epochs, 1);
    Settings.atLeast("--max-steps", steps, 0);
    Settings.atLeast("--max-length", maxLength, 4);
    Settings.require(
        batchTokens >= maxLength,
        "--batch-tokens",
        batchTokens,
        "at least --max-length " + maxLength);
    Settings.require(
        deviceTokens >= maxLength,
        "--device-tokens",
        deviceTokens,
        "at least --max-length " + maxLength);
    Settings.notNegative("--learning-rate", learningRate);
    Settings.atLeast("--warmup-steps", warmupSteps, 0);
    Settings.notNegative("--weight-decay", weightDecay);
    Settings.require(beta2 >= 0 && beta2 < 1, "--beta2", beta2, "0 <= beta2 < 1");
    Settings.positive("--epsilon", epsilon);
    Settings.require(
        dropoutRate >= 0 && dropoutRate < 1, "--dropout-rate", dropoutRate, "0 <= rate < 1");
    Settings.notNegative("--max-grad-norm", maxGradNorm);
    Settings.notNegative("--boundary-weight", boundaryWeight);
    Settings.atLeast("--places", places, 1);
    Settings.atLeast("--place-width", placeWidth, 1);
    Settings.atLeast("--shuffle-blocks", shuffleBlocks, 1);
    Settings.atLeast("--held-out-steps", heldOutSteps, 1);
  }

  /**
   * These settings with some changed.
   *
   * @param changes values by the names of their components
   */
  public PretrainingSettings with(Map<String, ?> changes) {
    return JsonRecords.with(this, changes);
  }

  /**
   * These settings with what was given in place of theirs. An objective brings what it masks with
   * it, and the released code its weight decay, unless these are given too.
   *
   * @param changes values by the names of their components
   * @throws org.mirror4j.file.FileException if one is unknown or of another kind
   */
  public PretrainingSettings given(Map<String, ?> changes) {
    PretrainingSettings changed = with(changes);
    Map<String, Object> brought = new HashMap<>();
    if (changes.containsKey("objective")) {
      brought.put("mask", changed.objective.mask());
    }
    if (changed.fidelity == Fidelity.RELEASED) {
      brought.put("weightDecay", RELEASED_WEIGHT_DECAY);
    }
    brought.keySet().removeAll(changes.keySet());
    return changed.with(brought);
  }

  /** How text is cut. */
  private BlockKind blocks() {
    if (objective.pairs()) {
      return BlockKind.PAIRS;
    }
    return wholeSentences ? BlockKind.SENTENCES : BlockKind.STREAM;
  }

  /** What a model needs beside its encoder. */
  PretrainingHeads heads() {
    return objective.heads(places, placeWidth);
  }

  /** Tokens of a span that are predicted from its boundaries; 0 for none. */
  int boundaryPlaces() {
    return heads().spanBoundary().isPresent() ? places : 0;
  }

  /** What is masked and how. */
  MaskSettings masks() {
    return new MaskSettings(
        mask, maskedShare, new SpanLengths(spanProbability, longestSpan), mask.unit());
  }

  /**
   * How text becomes blocks.
   *
   * @param spans where annotated spans come from
   */
  BlockSettings blocks(SpanSource spans) {
    return new BlockSettings(blocks(), maxLength, shortSequences, spans, seed);
  }
}

package org.mirror4j.train;

import java.util.function.Consumer;
import org.mirror4j.device.operation.Pooling;
import org.mirror4j.text.TextSpanMask;

/**
 * Every setting of a Mirror-BERT run; names in brackets are those of the released code. Text is the
 * corpus file's matter, see {@link org.mirror4j.text.Corpus.Options}.
 *
 * @param epochs passes over the corpus (epoch)
 * @param batchSize items of a step, each with two views (train_batch_size)
 * @param learningRate constant (learning_rate)
 * @param weightDecay on all parameters (weight_decay)
 * @param maxLength tokens of a view, special tokens included (max_length)
 * @param temperature divides the cosines (infoNCE_tau)
 * @param pooling how hidden states become a vector (agg_mode)
 * @param dropoutRate of all dropout places (dropout_rate)
 * @param dropheadRate of whole attention heads (drophead_rate)
 * @param spanMask length of the masked span in characters, 0 for none (random_span_mask)
 * @param spanUnit what is masked: characters of the second view as the released code does, or whole
 *     words of either view
 * @param pairwise whether a line of the corpus holds two texts (pairwise)
 * @param maskFalseNegatives whether views of equal texts are no negatives of each other
 * @param shuffle whether items are shuffled each epoch
 * @param maxGradNorm gradients are clipped to this global norm, 0 for no clipping
 * @param maxSteps the run ends after that many steps, 0 for all
 * @param seed of dropout, span masks and shuffling (random_seed)
 */
public record MirrorSettings(
    int epochs,
    int batchSize,
    double learningRate,
    double weightDecay,
    int maxLength,
    double temperature,
    Pooling pooling,
    double dropoutRate,
    double dropheadRate,
    int spanMask,
    TextSpanMask.Unit spanUnit,
    boolean pairwise,
    boolean maskFalseNegatives,
    boolean shuffle,
    double maxGradNorm,
    int maxSteps,
    long seed) {

  /** Checks each value; messages name the option. */
  public MirrorSettings {
    Settings.atLeast("--epochs", epochs, 1);
    // One item alone has no negatives.
    Settings.atLeast("--batch-size", batchSize, 2);
    Settings.atLeast("--random-span-mask", spanMask, 0);
    Settings.atLeast("--max-steps", maxSteps, 0);
    Settings.require(learningRate >= 0, "--learning-rate", learningRate, "at least 0");
    Settings.require(weightDecay >= 0, "--weight-decay", weightDecay, "at least 0");
    Settings.require(temperature > 0, "--temperature", temperature, "more than 0");
    Settings.require(maxGradNorm >= 0, "--max-grad-norm", maxGradNorm, "at least 0");
    Settings.require(
        dropoutRate >= 0 && dropoutRate < 1, "--dropout-rate", dropoutRate, "0 <= rate < 1");
    Settings.require(
        dropheadRate >= 0 && dropheadRate < 1, "--drophead-rate", dropheadRate, "0 <= rate < 1");
  }

  /** The values of settings, open to change by name; see {@link #with}. */
  public static final class Draft {
    public int epochs;
    public int batchSize;
    public double learningRate;
    public double weightDecay;
    public int maxLength;
    public double temperature;
    public Pooling pooling;
    public double dropoutRate;
    public double dropheadRate;
    public int spanMask;
    public TextSpanMask.Unit spanUnit;
    public boolean pairwise;
    public boolean maskFalseNegatives;
    public boolean shuffle;
    public double maxGradNorm;
    public int maxSteps;
    public long seed;

    private Draft(MirrorSettings from) {
      epochs = from.epochs();
      batchSize = from.batchSize();
      learningRate = from.learningRate();
      weightDecay = from.weightDecay();
      maxLength = from.maxLength();
      temperature = from.temperature();
      pooling = from.pooling();
      dropoutRate = from.dropoutRate();
      dropheadRate = from.dropheadRate();
      spanMask = from.spanMask();
      spanUnit = from.spanUnit();
      pairwise = from.pairwise();
      maskFalseNegatives = from.maskFalseNegatives();
      shuffle = from.shuffle();
      maxGradNorm = from.maxGradNorm();
      maxSteps = from.maxSteps();
      seed = from.seed();
    }

    private MirrorSettings settings() {
      return new MirrorSettings(
          epochs,
          batchSize,
          learningRate,
          weightDecay,
          maxLength,
          temperature,
          pooling,
          dropoutRate,
          dropheadRate,
          spanMask,
          spanUnit,
          pairwise,
          maskFalseNegatives,
          shuffle,
          maxGradNorm,
          maxSteps,
          seed);
    }
  }

  /** These settings with some values changed: {@code word.with(s -> s.seed = 1)}. */
  public MirrorSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }
}

package org.mirror4j.method.mirror;

import java.util.Arrays;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.mask.TextSpanMask;
import org.mirror4j.train.Permutation;

/**
 * The batches of a run, block after block; one is kept, tokenised when it is first asked for. An
 * epoch of a small corpus is one block; of a large one, only the order of the items is in memory as
 * a whole, 4 bytes an item.
 */
final class MirrorBlocks {
  /** Items of a block, or a batch that is larger: their ids take some megabytes. */
  static final int ITEMS = 1 << 15;

  private final BertConfig config;
  private final MirrorSettings settings;
  private final Corpus corpus;
  private final Tokenizer tokenizer;
  private final int batchSize;
  private final int tokenMultiple;
  private final TextSpanMask mask;
  private final int stepsPerEpoch;
  private final int stepsPerBlock;
  private int orderedEpoch = -1;
  private int[] order;
  private int firstStep;
  private MirrorBlock current;

  /** A step's block, and which of its batches is the step's. */
  record Place(MirrorBlock block, int step) {}

  /**
   * The batches of a run.
   *
   * @param batchSize items of a step, at most as many as the corpus has
   * @param tokenMultiple what the rows of a batch are a multiple of
   * @param blockItems about as many items are tokenised together
   */
  MirrorBlocks(
      BertConfig config,
      MirrorSettings settings,
      Corpus corpus,
      Tokenizer tokenizer,
      int batchSize,
      int tokenMultiple,
      int blockItems) {
    this.config = config;
    this.settings = settings;
    this.corpus = corpus;
    this.tokenizer = tokenizer;
    this.batchSize = batchSize;
    this.tokenMultiple = tokenMultiple;
    mask = new TextSpanMask(settings.spanUnit(), settings.randomSpanMask(), tokenizer.maskToken());
    stepsPerEpoch = corpus.size() / batchSize;
    stepsPerBlock = Math.clamp(blockItems / batchSize, 1, stepsPerEpoch);
  }

  /** Steps of an epoch; items that do not fill a batch are left out (drop_last). */
  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** The mask token. */
  int maskId() {
    return tokenizer.maskId();
  }

  /**
   * Epoch of a step.
   *
   * @param step counts from 1
   * @return counts from 1
   */
  int epoch(int step) {
    return (step - 1) / stepsPerEpoch + 1;
  }

  /**
   * The block of a step.
   *
   * @param step counts from 1
   */
  Place get(int step) {
    int epoch = epoch(step) - 1;
    int inEpoch = (step - 1) % stepsPerEpoch;
    int inBlock = inEpoch % stepsPerBlock;
    if (current == null || step - inBlock != firstStep) {
      current = null;
      current = block(epoch, inEpoch - inBlock);
      firstStep = step - inBlock;
    }
    return new Place(current, inBlock);
  }

  private MirrorBlock block(int epoch, int first) {
    if (epoch != orderedEpoch) {
      order = null;
      order =
          settings.shuffle()
              ? Permutation.of(corpus.size(), settings.seed(), epoch)
              : Permutation.inOrder(corpus.size());
      orderedEpoch = epoch;
    }
    int next = first + stepsPerBlock;
    int end = next < stepsPerEpoch ? next * batchSize : order.length;
    return new MirrorBlock(
        config,
        settings,
        tokenizer,
        corpus,
        Arrays.copyOfRange(order, first * batchSize, end),
        batchSize,
        tokenMultiple,
        mask,
        epoch);
  }
}

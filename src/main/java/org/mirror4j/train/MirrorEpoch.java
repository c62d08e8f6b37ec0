package org.mirror4j.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Pooling;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.SpanMask;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.Tokenizer;

/**
 * The batches of one epoch: items in the epoch's order, second views masked, both views tokenised.
 * A pure function of corpus, settings and epoch.
 */
final class MirrorEpoch {
  /** Step in which the longest sequence of an epoch is rounded up: what is planned stays longer. */
  private static final int LENGTH_MULTIPLE = 8;

  private final BertConfig config;
  private final MirrorSettings settings;
  private final int padId;
  private final int batchSize;
  private final int tokenMultiple;
  private final int longest;
  private final List<TextPair> pairs;
  private final int[] order;
  private final int[][] left;
  private final int[][] right;
  private final int[] batchTokens;

  /**
   * Tokenises an epoch.
   *
   * @param pairs the corpus
   * @param batchSize items of a step, at most the size of the corpus
   * @param tokenMultiple what the rows of a batch are a multiple of; 1 for batches without padding
   *     sequences
   * @param mask applied to every item, with the epoch's own draws
   * @param epoch counts from 0
   */
  MirrorEpoch(
      BertConfig config,
      MirrorSettings settings,
      Tokenizer tokenizer,
      List<TextPair> pairs,
      int batchSize,
      int tokenMultiple,
      SpanMask mask,
      int epoch) {
    this.config = config;
    this.settings = settings;
    this.padId = tokenizer.padId();
    this.batchSize = batchSize;
    this.tokenMultiple = tokenMultiple;
    this.pairs = pairs;
    order =
        settings.shuffle()
            ? Permutation.of(pairs.size(), settings.seed(), epoch)
            : Permutation.inOrder(pairs.size());
    List<String> lefts = new ArrayList<>(pairs.size());
    List<String> rights = new ArrayList<>(pairs.size());
    for (int item = 0; item < pairs.size(); item++) {
      TextPair pair = pairs.get(item);
      TextPair masked = mask.apply(pair, settings.seed(), epoch, item);
      lefts.add(masked.left());
      rights.add(masked.right());
    }
    left = tokenizer.encodeAll(lefts, settings.maxLength());
    right = tokenizer.encodeAll(rights, settings.maxLength());
    longest = longest();
    batchTokens = new int[steps()];
    for (int step = 0; step < steps(); step++) {
      for (int item : items(step)) {
        batchTokens[step] = Math.addExact(batchTokens[step], rows(left[item]) + rows(right[item]));
      }
      if (tokenMultiple > 1) {
        batchTokens[step] = PackedBatch.roundedTokens(batchTokens[step], tokenMultiple, longest);
      }
    }
  }

  /** Rows that no sequence of the epoch exceeds, rounded up as far as settings allow. */
  private int longest() {
    int rows = 0;
    for (int item = 0; item < left.length; item++) {
      rows = Math.max(rows, Math.max(rows(left[item]), rows(right[item])));
    }
    return longest(rows, settings.maxLength());
  }

  /** What the longest sequence's rows are rounded up to. */
  static int longest(int rows, int maxLength) {
    return Math.min(maxLength, Math.ceilDiv(rows, LENGTH_MULTIPLE) * LENGTH_MULTIPLE);
  }

  /** Steps of an epoch; items that do not fill a batch are left out (drop_last). */
  int steps() {
    return order.length / batchSize;
  }

  /** The largest batch of the epoch. */
  BatchSize largest() {
    return new BatchSize(
        Arrays.stream(batchTokens).max().orElse(0),
        2 * batchSize,
        tokenMultiple > 1 ? PackedBatch.paddingSequences(tokenMultiple, longest) : 0);
  }

  /** Rows of all batches together, padding included. */
  long tokens() {
    return Arrays.stream(batchTokens).asLongStream().sum();
  }

  private int rows(int[] ids) {
    return settings.pooling() == Pooling.MEAN_PADDED ? settings.maxLength() : ids.length;
  }

  /**
   * One batch: first views of all items, then second views.
   *
   * @param step of the epoch, counts from 0
   */
  PackedBatch batch(int step) {
    int[] items = items(step);
    int[][] views = new int[2 * items.length][];
    for (int i = 0; i < items.length; i++) {
      views[i] = left[items[i]];
      views[items.length + i] = right[items[i]];
    }
    PackedBatch packed =
        TextEncoder.pack(views, config, settings.pooling(), settings.maxLength(), padId);
    return tokenMultiple > 1 ? packed.rounded(tokenMultiple, longest, padId) : packed;
  }

  /** Which views of a batch are no negatives of each other. */
  int[] groups(int step) {
    int[] items = items(step);
    return settings.maskFalseNegatives()
        ? TextGroups.of(Arrays.stream(items).mapToObj(pairs::get).toList())
        : TextGroups.distinct(items.length);
  }

  private int[] items(int step) {
    return Arrays.copyOfRange(order, step * batchSize, (step + 1) * batchSize);
  }
}

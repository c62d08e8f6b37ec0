package org.mirror4j.method.mirror;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Packing;
import org.mirror4j.bert.Pooling;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.TokenLimit;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.mask.TextSpanMask;

/**
 * Batches of an epoch that are tokenised together: their items in the epoch's order, second views
 * masked. A pure function of corpus, settings, epoch and place in the epoch.
 */
final class MirrorBlock {
  /** Step in which the longest sequence of a block is rounded up: what is planned stays longer. */
  private static final int LENGTH_MULTIPLE = 8;

  /** Items that are tokenised by one call: enough for all cores, little memory. */
  private static final int TOKENIZED_TOGETHER = 1024;

  private final BertConfig config;
  private final MirrorSettings settings;
  private final Corpus corpus;
  private final int padId;
  private final int batchSize;
  private final int tokenMultiple;
  private final int longest;
  private final int[] items;
  private final int[][] left;
  private final int[][] right;
  private final int[] batchTokens;
  private final long texts;
  private final long cutTexts;

  /**
   * Tokenises a block.
   *
   * @param items numbers of the items in the order of the epoch; those at the end that fill no
   *     batch count for the longest sequence
   * @param batchSize items of a step
   * @param tokenMultiple what the rows of a batch are a multiple of; 1 for batches without padding
   *     sequences
   * @param mask applied to every item, with the epoch's own draws
   * @param epoch counts from 0
   */
  MirrorBlock(
      BertConfig config,
      MirrorSettings settings,
      Tokenizer tokenizer,
      Corpus corpus,
      int[] items,
      int batchSize,
      int tokenMultiple,
      TextSpanMask mask,
      int epoch) {
    this.config = config;
    this.settings = settings;
    this.corpus = corpus;
    this.items = items;
    this.padId = tokenizer.padId();
    this.batchSize = batchSize;
    this.tokenMultiple = tokenMultiple;
    left = new int[items.length][];
    right = new int[items.length][];
    TokenLimit first = new TokenLimit(tokenizer, settings.maxLength(), settings.firstTemplate());
    TokenLimit second = new TokenLimit(tokenizer, settings.maxLength(), settings.otherTemplate());
    long tokenized = 0;
    for (int from = 0; from < items.length; from += TOKENIZED_TOGETHER) {
      tokenized += tokenize(from, first, second, mask, epoch);
    }
    texts = tokenized;
    cutTexts = first.cutTexts() + second.cutTexts();
    longest = longest();
    batchTokens = new int[steps()];
    for (int step = 0; step < steps(); step++) {
      for (int i = step * batchSize; i < (step + 1) * batchSize; i++) {
        batchTokens[step] = Math.addExact(batchTokens[step], rows(left[i]) + rows(right[i]));
      }
      if (tokenMultiple > 1) {
        batchTokens[step] = PackedBatch.roundedTokens(batchTokens[step], tokenMultiple, longest);
      }
    }
  }

  /** Tokenises both views of some items; two views that are one text, once. */
  private int tokenize(
      int from, TokenLimit first, TokenLimit second, TextSpanMask mask, int epoch) {
    int to = Math.min(items.length, from + TOKENIZED_TOGETHER);
    boolean sameTemplate = settings.firstTemplate().equals(settings.otherTemplate());
    List<String> lefts = new ArrayList<>(to - from);
    List<String> rights = new ArrayList<>(to - from);
    boolean[] alike = new boolean[to - from];
    for (int i = from; i < to; i++) {
      TextPair views = mask.apply(corpus.pair(items[i]), settings.seed(), epoch, items[i]);
      alike[i - from] = sameTemplate && views.left().equals(views.right());
      lefts.add(views.left());
      if (!alike[i - from]) {
        rights.add(views.right());
      }
    }
    System.arraycopy(first.encodeAll(lefts), 0, left, from, to - from);
    int[][] ids = second.encodeAll(rights);
    int next = 0;
    for (int i = from; i < to; i++) {
      right[i] = alike[i - from] ? left[i] : ids[next++];
    }
    return lefts.size() + ids.length;
  }

  /** Rows that no sequence of the block exceeds, rounded up as far as settings allow. */
  private int longest() {
    int rows = 0;
    for (int i = 0; i < items.length; i++) {
      rows = Math.max(rows, Math.max(rows(left[i]), rows(right[i])));
    }
    return longest(rows, settings.maxLength());
  }

  /** What the longest sequence's rows are rounded up to. */
  static int longest(int rows, int maxLength) {
    return Math.min(maxLength, Math.ceilDiv(rows, LENGTH_MULTIPLE) * LENGTH_MULTIPLE);
  }

  /** Steps that the items are enough for. */
  int steps() {
    return items.length / batchSize;
  }

  /** The largest batch. */
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

  /** Texts that were tokenised: both views of an item where they differ. */
  long texts() {
    return texts;
  }

  /** Of these the ones that are cut at the maximum length. */
  long cutTexts() {
    return cutTexts;
  }

  private int rows(int[] ids) {
    return settings.pooling() == Pooling.MEAN_PADDED ? settings.maxLength() : ids.length;
  }

  /**
   * One batch: first views of all items, then second views.
   *
   * @param step of the block, counts from 0
   */
  PackedBatch batch(int step) {
    int from = step * batchSize;
    int[][] views = new int[2 * batchSize][];
    System.arraycopy(left, from, views, 0, batchSize);
    System.arraycopy(right, from, views, batchSize, batchSize);
    PackedBatch packed = Packing.of(views, config, settings.pooling(), settings.maxLength(), padId);
    return tokenMultiple > 1 ? packed.rounded(tokenMultiple, longest, padId) : packed;
  }

  /** Which views of a batch are no negatives of each other. */
  int[] groups(int step) {
    int from = step * batchSize;
    return settings.falseNegatives() == FalseNegatives.MASK
        ? TextGroups.of(
            Arrays.stream(items, from, from + batchSize).mapToObj(corpus::pair).toList())
        : TextGroups.distinct(batchSize);
  }
}

package org.mirror4j.method.pretrain;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.text.PackedBatch;

/**
 * How large the parts of steps are. On a device that asks for it their rows and sequences are
 * rounded up to few sizes, and what they predict to the most that such a part can have, so that the
 * shapes of steps come again.
 *
 * @param tokenMultiple what the rows of a part are a multiple of; 1 for parts without padding
 */
record PartSizes(PretrainingSettings settings, int tokenMultiple) {
  /** Fewer tokens than a block of a batch has on average, so that its sequences are bounded. */
  private static final int LEAST_MEAN_LENGTH = 8;

  /** What sequences, padding among them, are a multiple of at least. */
  private static final int SEQUENCE_MULTIPLE = 8;

  /**
   * Most different numbers of rows, and of sequences. Parts are full but for a block, except the
   * last of a step, so few of them come. The rows that are added are a hundredth of a full part of
   * thousands.
   */
  private static final int MOST_SIZES = 64;

  /** The most tokens of text. */
  int tokens() {
    return Math.min(settings.batchTokens(), settings.deviceTokens());
  }

  /** Whether a step may have more than one part. */
  boolean severalParts() {
    return settings.deviceTokens() < settings.batchTokens();
  }

  /** The most sequences of text. */
  int sequences() {
    return Math.ceilDiv(tokens(), LEAST_MEAN_LENGTH);
  }

  /** The largest part. */
  BatchSize largest() {
    int sequences = sequences();
    int all = allSequences(sequences);
    // Numbers of sequences differ in how many it takes to round them up.
    int padding = tokenMultiple == 1 ? 0 : leastPadding() + sequenceMultiple() - 1;
    return new BatchSize(rows(tokens() + padding), sequences, all - sequences);
  }

  /**
   * The most that a part predicts.
   *
   * @param size of the part, with padding
   */
  PretrainingObjective.Limits limits(BatchSize size) {
    return PretrainingObjective.Limits.of(settings.masks(), settings.heads(), size);
  }

  /** A part with the padding that the device asks for. */
  MaskedBatch rounded(MaskedBatch part, int padId) {
    if (tokenMultiple == 1) {
      return part;
    }
    PackedBatch packed = part.packed();
    int sequences = allSequences(packed.sequences());
    int padding = sequences - packed.sequences();
    BatchSize size =
        new BatchSize(rows(packed.totalTokens() + padding), packed.sequences(), padding);
    return new MaskedBatch(
        packed.extended(size.tokens(), sequences, settings.maxLength(), padId),
        part.targets().padded(limits(size)));
  }

  private int rows(int tokens) {
    return roundedUp(tokens, rowMultiple());
  }

  private int allSequences(int sequences) {
    return tokenMultiple == 1
        ? sequences
        : roundedUp(sequences + leastPadding(), sequenceMultiple());
  }

  private int leastPadding() {
    return PackedBatch.paddingSequences(rowMultiple(), settings.maxLength());
  }

  private int rowMultiple() {
    return tokenMultiple == 1 ? 1 : roundedUp(Math.ceilDiv(tokens(), MOST_SIZES), tokenMultiple);
  }

  private int sequenceMultiple() {
    return roundedUp(Math.ceilDiv(sequences(), MOST_SIZES), SEQUENCE_MULTIPLE);
  }

  private static int roundedUp(int value, int multiple) {
    return Math.multiplyExact(Math.ceilDiv(value, multiple), multiple);
  }
}

package org.mirror4j.bert;

import org.mirror4j.text.PackedBatch;

/**
 * The largest batch that buffers are planned for.
 *
 * @param tokens rows of all sequences together, padding rows included
 * @param sequences number of sequences of text
 * @param paddingSequences sequences after them that hold no text
 */
public record BatchSize(int tokens, int sequences, int paddingSequences) {
  /** A size without padding sequences. */
  public BatchSize(int tokens, int sequences) {
    this(tokens, sequences, 0);
  }

  /** The size of one batch. */
  public static BatchSize of(PackedBatch batch) {
    return new BatchSize(batch.totalTokens(), batch.sequences(), batch.paddingSequences());
  }

  /** The smallest size that covers both. */
  public BatchSize max(BatchSize other) {
    return new BatchSize(
        Math.max(tokens, other.tokens),
        Math.max(sequences, other.sequences),
        Math.max(paddingSequences, other.paddingSequences));
  }

  /** Whether a batch of that size fits. */
  public boolean covers(BatchSize other) {
    return tokens >= other.tokens
        && sequences >= other.sequences
        && paddingSequences >= other.paddingSequences;
  }
}

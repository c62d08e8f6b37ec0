package org.mirror4j.bert;

import org.mirror4j.text.PackedBatch;

/**
 * The largest batch that buffers are planned for.
 *
 * @param tokens rows of all sequences together, padding rows included
 * @param sequences number of sequences
 */
public record BatchSize(int tokens, int sequences) {
  /** The size of one batch. */
  public static BatchSize of(PackedBatch batch) {
    return new BatchSize(batch.totalTokens(), batch.sequences());
  }

  /** The smallest size that covers both. */
  public BatchSize max(BatchSize other) {
    return new BatchSize(Math.max(tokens, other.tokens), Math.max(sequences, other.sequences));
  }

  /** Whether a batch of that size fits. */
  public boolean covers(BatchSize other) {
    return tokens >= other.tokens && sequences >= other.sequences;
  }
}

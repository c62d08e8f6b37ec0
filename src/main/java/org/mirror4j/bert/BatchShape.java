package org.mirror4j.bert;

/**
 * What the launches of an encoder's step depend on beside its buffers: a step that is recorded is
 * replayed for batches of the same shape.
 *
 * @param tokens rows, padding among them
 * @param sequences padding sequences among them
 * @param maxSeqlen rows of the longest sequence, or more
 * @param tokenTypes groups of rows by token type
 */
public record BatchShape(int tokens, int sequences, int maxSeqlen, int tokenTypes) {
  /** The shape of the batch that was uploaded last. */
  public static BatchShape of(BatchTensors batch) {
    return new BatchShape(
        batch.tokens(), batch.sequences(), batch.maxSeqlen(), batch.tokenTypes().keys().rows());
  }

  /** Whether it is that of the batch that was uploaded last; takes no memory. */
  public boolean fits(BatchTensors batch) {
    return tokens == batch.tokens()
        && sequences == batch.sequences()
        && maxSeqlen == batch.maxSeqlen()
        && tokenTypes == batch.tokenTypes().keys().rows();
  }
}

package org.mirror4j.device.host;

import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.OperandCheck;

/** Attention, forward and backward. */
final class HostAttention extends Attention {
  private final HostAttentionForward attention;
  private final HostAttentionBackward attentionBackward;

  HostAttention(
      OperandCheck check,
      HostThreads threads,
      Multiplier[] multipliers,
      HostScratch[] scratch,
      HostAllocator memory) {
    super(check);
    attention = new HostAttentionForward(threads, multipliers, scratch);
    attentionBackward = new HostAttentionBackward(threads, multipliers, scratch, memory);
  }

  @Override
  protected void computeAttention(Forward operands, int maxSeqlen, Dropout dropout) {
    requireSequences("attention", operands, maxSeqlen);
    attention.attention(operands, dropout);
  }

  @Override
  protected void computeAttentionBackward(Backward operands, int maxSeqlen, Dropout dropout) {
    requireSequences("attentionBackward", operands.forward(), maxSeqlen);
    attentionBackward.attentionBackward(operands, dropout);
  }

  private static void requireSequences(String operation, Forward operands, int maxSeqlen) {
    HostIndices.requireSequences(
        operation,
        operands.cuSeqlens(),
        operands.keyLengths(),
        operands.context().rows(),
        maxSeqlen);
  }
}

package org.mirror4j.device.host;

import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

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
  protected void computeAttention(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    HostIndices.requireSequences("attention", cuSeqlens, keyLengths, context.rows(), maxSeqlen);
    attention.attention(
        context, logSumExp, qkv, bias, cuSeqlens, keyLengths, heads, dropout, layer);
  }

  @Override
  protected void computeAttentionBackward(
      Tensor dQkv,
      Tensor dBias,
      Tensor dContext,
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    HostIndices.requireSequences(
        "attentionBackward", cuSeqlens, keyLengths, context.rows(), maxSeqlen);
    attentionBackward.attentionBackward(
        dQkv,
        dBias,
        dContext,
        context,
        logSumExp,
        qkv,
        cuSeqlens,
        keyLengths,
        heads,
        dropout,
        layer);
  }
}

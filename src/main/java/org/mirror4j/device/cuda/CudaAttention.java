package org.mirror4j.device.cuda;

import org.mirror4j.device.Dropout;
import org.mirror4j.tensor.Tensor;

/** Attention inside packed sequences and its gradient. */
final class CudaAttention {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;
  private final DropoutStep dropoutStep;

  CudaAttention(KernelLauncher launcher, CudaScratch scratch, DropoutStep dropoutStep) {
    this.launcher = launcher;
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
  }

  /** {@link org.mirror4j.device.Kernels#attention}. */
  void attention(
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
    throw new UnsupportedOperationException("attention");
  }

  /** {@link org.mirror4j.device.Kernels#attentionBackward}. */
  void attentionBackward(
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
    throw new UnsupportedOperationException("attentionBackward");
  }
}

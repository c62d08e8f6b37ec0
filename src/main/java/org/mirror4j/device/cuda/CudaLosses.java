package org.mirror4j.device.cuda;

import org.mirror4j.tensor.Tensor;

/** Losses with their gradients. */
final class CudaLosses {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaLosses(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#contrastiveLoss}. */
  void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    throw new UnsupportedOperationException("contrastiveLoss");
  }

  /** {@link org.mirror4j.device.Kernels#softmaxCrossEntropy}. */
  void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    throw new UnsupportedOperationException("softmaxCrossEntropy");
  }
}

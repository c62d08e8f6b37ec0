package org.mirror4j.device.cuda;

import org.mirror4j.tensor.Tensor;

/** Rows scaled to length 1, and the gradient. */
final class CudaRowNorm {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaRowNorm(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#normalizeRows}. */
  void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    throw new UnsupportedOperationException("normalizeRows");
  }

  /** {@link org.mirror4j.device.Kernels#normalizeRowsBackward}. */
  void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    throw new UnsupportedOperationException("normalizeRowsBackward");
  }
}

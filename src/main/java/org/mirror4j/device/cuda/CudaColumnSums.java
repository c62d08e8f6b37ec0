package org.mirror4j.device.cuda;

import org.mirror4j.tensor.Tensor;

/** Sums over the rows of a matrix in a fixed order. */
final class CudaColumnSums {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaColumnSums(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#biasGradient}. */
  void biasGradient(Tensor dBias, Tensor dY) {
    throw new UnsupportedOperationException("biasGradient");
  }
}

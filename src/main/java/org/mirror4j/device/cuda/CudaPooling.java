package org.mirror4j.device.cuda;

import org.mirror4j.device.Pooling;
import org.mirror4j.tensor.Tensor;

/** Pooling and selection of rows, and the gradients. */
final class CudaPooling {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaPooling(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#pool}. */
  void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    throw new UnsupportedOperationException("pool");
  }

  /** {@link org.mirror4j.device.Kernels#poolBackward}. */
  void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    throw new UnsupportedOperationException("poolBackward");
  }

  /** {@link org.mirror4j.device.Kernels#gatherRows}. */
  void gatherRows(Tensor y, Tensor x, Tensor rows) {
    throw new UnsupportedOperationException("gatherRows");
  }

  /** {@link org.mirror4j.device.Kernels#scatterRows}. */
  void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    throw new UnsupportedOperationException("scatterRows");
  }
}

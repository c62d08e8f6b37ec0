package org.mirror4j.device.cuda;

import org.mirror4j.device.GeluForm;
import org.mirror4j.tensor.Tensor;

/** Bias and GELU and their gradients. */
final class CudaActivation {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaActivation(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#biasGelu}. */
  void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    throw new UnsupportedOperationException("biasGelu");
  }

  /** {@link org.mirror4j.device.Kernels#biasGeluBackward}. */
  void biasGeluBackward(Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    throw new UnsupportedOperationException("biasGeluBackward");
  }
}

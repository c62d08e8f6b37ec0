package org.mirror4j.device.cuda;

import org.mirror4j.tensor.Tensor;

/** AdamW over flat buffers. */
final class CudaOptimizer {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaOptimizer(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#adamW}. */
  void adamW(
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int step,
      float gradientScale) {
    throw new UnsupportedOperationException("adamW");
  }
}

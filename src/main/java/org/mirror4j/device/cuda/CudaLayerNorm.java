package org.mirror4j.device.cuda;

import org.mirror4j.device.Dropout;
import org.mirror4j.tensor.Tensor;

/** LayerNorm, alone and at the end of a block, and the gradients. */
final class CudaLayerNorm {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;
  private final DropoutStep dropoutStep;

  CudaLayerNorm(KernelLauncher launcher, CudaScratch scratch, DropoutStep dropoutStep) {
    this.launcher = launcher;
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
  }

  /** {@link org.mirror4j.device.Kernels#residualLayerNorm}. */
  void residualLayerNorm(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor residual,
      Tensor bias,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout,
      int site) {
    throw new UnsupportedOperationException("residualLayerNorm");
  }

  /** {@link org.mirror4j.device.Kernels#residualLayerNormBackward}. */
  void residualLayerNormBackward(
      Tensor dResidual,
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dBias,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      Dropout dropout,
      int site) {
    throw new UnsupportedOperationException("residualLayerNormBackward");
  }

  /** {@link org.mirror4j.device.Kernels#layerNorm}. */
  void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    throw new UnsupportedOperationException("layerNorm");
  }

  /** {@link org.mirror4j.device.Kernels#layerNormBackward}. */
  void layerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {
    throw new UnsupportedOperationException("layerNormBackward");
  }
}

package org.mirror4j.device.cuda;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.RowSegments;
import org.mirror4j.tensor.Tensor;

/** The embedding and its gradient. */
final class CudaEmbedding {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;
  private final DropoutStep dropoutStep;

  CudaEmbedding(KernelLauncher launcher, CudaScratch scratch, DropoutStep dropoutStep) {
    this.launcher = launcher;
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
  }

  /** {@link org.mirror4j.device.Kernels#embed}. */
  void embed(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor tokenIds,
      Tensor positionIds,
      Tensor word,
      Tensor position,
      Tensor tokenType,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout) {
    throw new UnsupportedOperationException("embed");
  }

  /** {@link org.mirror4j.device.Kernels#embedBackward}. */
  void embedBackward(
      Tensor dWord,
      Tensor dPosition,
      Tensor dTokenType,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      RowSegments words,
      RowSegments positions,
      Dropout dropout) {
    throw new UnsupportedOperationException("embedBackward");
  }
}

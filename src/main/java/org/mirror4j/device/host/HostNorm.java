package org.mirror4j.device.host;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** LayerNorm, alone and at the end of a block. */
final class HostNorm extends Norm {
  private final HostResidualLayerNorm residualLayerNorm;
  private final HostLayerNorm layerNorm;

  HostNorm(OperandCheck check, HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    super(check);
    residualLayerNorm = new HostResidualLayerNorm(threads, scratch, memory);
    layerNorm = new HostLayerNorm(threads, scratch, memory);
  }

  @Override
  protected void computeResidualLayerNorm(
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
    residualLayerNorm.forward(
        y, z, mean, rstd, residual, bias, gamma, beta, epsilon, dropout, site);
  }

  @Override
  protected void computeResidualLayerNormBackward(
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
    residualLayerNorm.backward(
        dResidual, dX, dGamma, dBeta, dBias, dY, z, mean, rstd, gamma, dropout, site);
  }

  @Override
  protected void computeLayerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    layerNorm.forward(y, mean, rstd, x, gamma, beta, epsilon);
  }

  @Override
  protected void computeLayerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {
    layerNorm.backward(dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
  }
}

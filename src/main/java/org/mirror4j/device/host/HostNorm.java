package org.mirror4j.device.host;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.OperandCheck;

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
  protected void computeResidualLayerNorm(ResidualLayerNorm operands, Dropout dropout) {
    residualLayerNorm.forward(operands, dropout);
  }

  @Override
  protected void computeResidualLayerNormBackward(
      ResidualLayerNormBackward operands, Dropout dropout) {
    residualLayerNorm.backward(operands, dropout);
  }

  @Override
  protected void computeLayerNorm(LayerNorm operands) {
    layerNorm.forward(operands);
  }

  @Override
  protected void computeLayerNormBackward(LayerNormBackward operands) {
    layerNorm.backward(operands);
  }
}

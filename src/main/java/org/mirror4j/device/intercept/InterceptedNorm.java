package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.OperandCheck;

/** Checks the operands of layer normalisation and leaves the rest to the listener. */
final class InterceptedNorm extends Norm {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedNorm(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeResidualLayerNorm(ResidualLayerNorm operands, Dropout dropout) {
    if (listener != null) {
      listener.call("residualLayerNorm", operands, dropout);
    }
  }

  @Override
  protected void computeResidualLayerNormBackward(
      ResidualLayerNormBackward operands, Dropout dropout) {
    if (listener != null) {
      listener.call("residualLayerNormBackward", operands, dropout);
    }
  }

  @Override
  protected void computeLayerNorm(LayerNorm operands) {
    if (listener != null) {
      listener.call("layerNorm", operands);
    }
  }

  @Override
  protected void computeLayerNormBackward(LayerNormBackward operands) {
    if (listener != null) {
      listener.call("layerNormBackward", operands);
    }
  }
}

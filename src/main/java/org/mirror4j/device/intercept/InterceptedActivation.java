package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Activation;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of activations and leaves the rest to the listener. */
final class InterceptedActivation extends Activation {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedActivation(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeBiasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    if (listener != null) {
      listener.call("biasGelu", y, x, bias, form);
    }
  }

  @Override
  protected void computeBiasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    if (listener != null) {
      listener.call("biasGeluBackward", dX, dBias, dY, x, bias, form);
    }
  }

  @Override
  protected void computeBiasRelu(Tensor y, Tensor x, Tensor bias) {
    if (listener != null) {
      listener.call("biasRelu", y, x, bias);
    }
  }

  @Override
  protected void computeBiasReluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
    if (listener != null) {
      listener.call("biasReluBackward", dX, dBias, dY, x, bias);
    }
  }

  @Override
  protected void computeTanh(Tensor y, Tensor x) {
    if (listener != null) {
      listener.call("tanh", y, x);
    }
  }

  @Override
  protected void computeTanhBackward(Tensor dX, Tensor dY, Tensor y) {
    if (listener != null) {
      listener.call("tanhBackward", dX, dY, y);
    }
  }

  @Override
  protected void computeDropout(Tensor y, Tensor x, Dropout dropout, int site) {
    if (listener != null) {
      listener.call("dropout", y, x, dropout, site);
    }
  }

  @Override
  protected void computeGate(Gate operands) {
    if (listener != null) {
      listener.call("gate", operands);
    }
  }

  @Override
  protected void computeGateBackward(GateBackward operands) {
    if (listener != null) {
      listener.call("gateBackward", operands);
    }
  }

  @Override
  protected void computeBiasGradient(Tensor dBias, Tensor dY) {
    if (listener != null) {
      listener.call("biasGradient", dBias, dY);
    }
  }
}

package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of steps of normalising flows and leaves the rest to the listener. */
final class InterceptedFlow extends Flow {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedFlow(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeActNorm(Columns y, Columns x, Tensor order, ActNorm parameters) {
    if (listener != null) {
      listener.call("actNorm", y, x, order, parameters);
    }
  }

  @Override
  protected void computeActNormInverse(Columns x, Columns y, Tensor order, ActNorm parameters) {
    if (listener != null) {
      listener.call("actNormInverse", x, y, order, parameters);
    }
  }

  @Override
  protected void computeActNormBackward(
      Columns dX,
      ActNorm gradient,
      Columns dY,
      Columns y,
      Tensor order,
      ActNorm parameters,
      float dLogDeterminant) {
    if (listener != null) {
      listener.call("actNormBackward", dX, gradient, dY, y, order, parameters, dLogDeterminant);
    }
  }

  @Override
  protected void computeActNormRelu(Tensor y, Tensor x, ActNorm parameters) {
    if (listener != null) {
      listener.call("actNormRelu", y, x, parameters);
    }
  }

  @Override
  protected void computeActNormReluBackward(
      Tensor dX, ActNorm gradient, Tensor dY, Tensor y, ActNorm parameters) {
    if (listener != null) {
      listener.call("actNormReluBackward", dX, gradient, dY, y, parameters);
    }
  }

  @Override
  protected void computeAdditiveCoupling(
      Tensor y, Tensor x, Tensor shift, ActNorm parameters, int sign) {
    if (listener != null) {
      listener.call(
          sign > 0 ? "additiveCoupling" : "additiveCouplingInverse", y, x, shift, parameters);
    }
  }

  @Override
  protected void computeAdditiveCouplingBackward(
      Tensor dShift, ActNorm gradient, Tensor dY, Tensor shift, ActNorm parameters) {
    if (listener != null) {
      listener.call("additiveCouplingBackward", dShift, gradient, dY, shift, parameters);
    }
  }

  @Override
  protected void computeAffineCoupling(
      Tensor y, Tensor logDeterminant, Tensor x, Tensor net, ActNorm parameters) {
    if (listener != null) {
      listener.call("affineCoupling", y, logDeterminant, x, net, parameters);
    }
  }

  @Override
  protected void computeAffineCouplingInverse(Tensor x, Tensor y, Tensor net, ActNorm parameters) {
    if (listener != null) {
      listener.call("affineCouplingInverse", x, y, net, parameters);
    }
  }

  @Override
  protected void computeAffineCouplingBackward(
      Tensor dX,
      Tensor dNet,
      ActNorm gradient,
      Tensor dY,
      Tensor x,
      Tensor net,
      ActNorm parameters,
      float dLogDeterminant) {
    if (listener != null) {
      listener.call(
          "affineCouplingBackward", dX, dNet, gradient, dY, x, net, parameters, dLogDeterminant);
    }
  }

  @Override
  protected void computeTriangularFactors(
      Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign) {
    if (listener != null) {
      listener.call("triangularFactors", lower, upper, factors, logScale, sign);
    }
  }

  @Override
  protected void computeTriangularFactorsBackward(
      Tensor dFactors,
      Tensor dLogScale,
      Tensor dLower,
      Tensor dUpper,
      Tensor upper,
      float dLogDeterminant) {
    if (listener != null) {
      listener.call(
          "triangularFactorsBackward", dFactors, dLogScale, dLower, dUpper, upper, dLogDeterminant);
    }
  }
}

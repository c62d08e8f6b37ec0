package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of steps of optimisers and leaves the rest to the listener. */
final class InterceptedOptimizer extends Optimizer {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedOptimizer(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeAdamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
    if (listener != null) {
      listener.call("adamW", operands, gradientScale, decay, stepSize, inverseRoot);
    }
  }

  @Override
  protected void computeAdamWRows(
      AdamW operands,
      Tensor rows,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    if (listener != null) {
      listener.call("adamWRows", operands, rows, gradientScale, decay, stepSize, inverseRoot);
    }
  }

  @Override
  protected void computeScaleRows(Tensor x, Tensor stored, Tensor rows, int from, Tensor factors) {
    if (listener != null) {
      listener.call("scaleRows", x, stored, rows, from, factors);
    }
  }

  @Override
  protected void computeSumOfSquares(Tensor result, Tensor x) {
    if (listener != null) {
      listener.call("sumOfSquares", result, x);
    }
  }

  @Override
  protected void computeScale(Tensor x, float factor) {
    if (listener != null) {
      listener.call("scale", x, factor);
    }
  }
}

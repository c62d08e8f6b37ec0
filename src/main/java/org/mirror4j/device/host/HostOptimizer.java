package org.mirror4j.device.host;

import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.Tensor;

/** Optimisation over flat buffers. */
final class HostOptimizer extends Optimizer {
  private final HostAdamW adamW;
  private final HostElementwise elementwise;

  HostOptimizer(OperandCheck check, HostThreads threads, HostElementwise elementwise) {
    super(check);
    adamW = new HostAdamW(threads);
    this.elementwise = elementwise;
  }

  @Override
  protected void computeAdamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
    adamW.run(operands, gradientScale, decay, stepSize, inverseRoot);
  }

  @Override
  protected void computeSumOfSquares(Tensor result, Tensor x) {
    elementwise.sumOfSquares(result, x);
  }

  @Override
  protected void computeAnyNonFinite(Tensor result, Tensor x) {
    elementwise.anyNonFinite(result, x);
  }

  @Override
  protected void computeScale(Tensor x, float factor) {
    elementwise.scale(x, factor);
  }
}

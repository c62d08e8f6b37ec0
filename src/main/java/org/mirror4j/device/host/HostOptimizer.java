package org.mirror4j.device.host;

import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.Tensor;

/** Optimisation over flat buffers. */
final class HostOptimizer extends Optimizer {
  private final HostAdamW adamW;
  private final HostElementwise elementwise;
  private final HostScaledRows scaledRows;

  HostOptimizer(OperandCheck check, HostThreads threads, HostElementwise elementwise) {
    super(check);
    adamW = new HostAdamW(threads);
    this.elementwise = elementwise;
    scaledRows = new HostScaledRows(threads);
  }

  @Override
  protected void computeAdamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
    adamW.run(operands, gradientScale, decay, stepSize, inverseRoot);
  }

  @Override
  protected void computeAdamWRows(
      AdamW operands,
      Tensor rows,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    adamW.run(operands, rows, gradientScale, decay, stepSize, inverseRoot);
  }

  @Override
  protected void computeScaleRows(Tensor x, Tensor stored, Tensor rows, int from, Tensor factors) {
    scaledRows.run(x, stored, rows, from, factors);
  }

  @Override
  protected void computeSumOfSquares(Tensor result, Tensor x) {
    elementwise.sumOfSquares(result, x);
  }

  @Override
  protected void computeScale(Tensor x, float factor) {
    elementwise.scale(x, factor);
  }
}

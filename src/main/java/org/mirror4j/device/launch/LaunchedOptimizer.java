package org.mirror4j.device.launch;

import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** Optimisation over flat buffers. */
final class LaunchedOptimizer extends Optimizer {
  /** Elements that a block of a sum takes. */
  private static final int BLOCK = 16384;

  private final LaunchScratch scratch;
  private final KernelLauncher.Variants adamW;
  private final KernelLauncher.Variants adamWRows;
  private final KernelLauncher.Variants scale;
  private final KernelLauncher.Variants scaleRows;
  private final KernelLauncher.Variants sumOfSquares;
  private final KernelLauncher.Variants sumOfSquaresTotal;

  LaunchedOptimizer(OperandCheck check, KernelLauncher launcher, LaunchScratch scratch) {
    super(check);
    this.scratch = scratch;
    adamW = launcher.kernel("adam_w");
    adamWRows = launcher.kernel("adam_w_rows");
    scale = launcher.kernel("scale");
    scaleRows = launcher.kernel("scale_rows");
    sumOfSquares = launcher.kernel("sum_of_squares");
    sumOfSquaresTotal = launcher.kernel("sum_of_squares_total");
  }

  @Override
  protected void computeAdamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
    Tensor parameters = operands.parameters();
    Tensor copy = copy(parameters, operands.stored());
    KernelLauncher.Launch launch =
        buffers(adamW, operands, copy).with(parameters.rows()).with(copy.rows());
    constants(launch, operands, gradientScale, decay, stepSize, inverseRoot).launch();
  }

  @Override
  protected void computeAdamWRows(
      AdamW operands,
      Tensor rows,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    Tensor parameters = operands.parameters();
    Tensor copy = copy(parameters, operands.stored());
    KernelLauncher.Launch launch =
        buffers(adamWRows, operands, copy)
            .with(rows)
            .with(rows.rows())
            .with(parameters.rows())
            .with(copy == operands.stored() ? parameters.rows() : 0)
            .with(parameters.columns());
    constants(launch, operands, gradientScale, decay, stepSize, inverseRoot).launch();
  }

  private static Tensor copy(Tensor x, Tensor stored) {
    return stored == x ? x.view("no copy", 0, Shape.of(0)) : stored;
  }

  private static KernelLauncher.Launch buffers(
      KernelLauncher.Variants kernel, AdamW operands, Tensor copy) {
    return kernel
        .on(copy.dtype())
        .with(operands.parameters())
        .with(operands.gradients())
        .with(operands.firstMoment())
        .with(operands.secondMoment())
        .with(copy);
  }

  private static KernelLauncher.Launch constants(
      KernelLauncher.Launch launch,
      AdamW operands,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    float beta1 = operands.beta1();
    float beta2 = operands.beta2();
    return launch
        .with(gradientScale)
        .with(beta1)
        .with((float) (1 - (double) beta1))
        .with(beta2)
        .with((float) (1 - (double) beta2))
        .with(decay)
        .with(stepSize)
        .with(inverseRoot)
        .with(operands.epsilon());
  }

  @Override
  protected void computeScaleRows(Tensor x, Tensor stored, Tensor rows, int from, Tensor factors) {
    Tensor copy = copy(x, stored);
    scaleRows
        .on(copy.dtype())
        .with(x)
        .with(copy)
        .with(rows)
        .with(factors)
        .with(rows.rows())
        .with(from)
        .with(factors.rows())
        .with(x.rows())
        .with(copy == stored ? x.rows() : 0)
        .with(x.columns())
        .launch();
  }

  @Override
  protected void computeScale(Tensor x, float factor) {
    scale.on(DType.F32).with(x).with(LaunchedMemory.size("scale", x)).with(factor).launch();
  }

  @Override
  protected void computeSumOfSquares(Tensor result, Tensor x) {
    int size = LaunchedMemory.size("sumOfSquares", x);
    int parts = Math.ceilDiv(size, BLOCK);
    Tensor partials = scratch.vector("sumOfSquares partials", DType.F64, parts);
    sumOfSquares.on(DType.F32).with(partials).with(x).with(size).launch();
    sumOfSquaresTotal.on(DType.F32).with(result).with(partials).with(parts).launch();
  }
}

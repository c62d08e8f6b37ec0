package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * LayerNorm, alone and at the end of a block, and the gradients. Rows have at most 3072 columns.
 */
final class LaunchedNorm extends Norm {
  /** Rows that a block of the gradient kernels sums the parameters' gradients over. */
  static final int ROWS = 16;

  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final LaunchedColumnSums sums;
  private final KernelLauncher.Variants residualForward;
  private final KernelLauncher.Variants residualBackward;
  private final KernelLauncher.Variants forward;
  private final KernelLauncher.Variants backward;

  LaunchedNorm(
      OperandCheck check, KernelLauncher launcher, LaunchScratch scratch, DropoutStep dropoutStep) {
    super(check);
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    sums = new LaunchedColumnSums(launcher, scratch);
    residualForward = launcher.kernel("residual_layer_norm_forward");
    residualBackward = launcher.kernel("residual_layer_norm_backward");
    forward = launcher.kernel("layer_norm_forward");
    backward = launcher.kernel("layer_norm_backward");
  }

  @Override
  protected void computeResidualLayerNorm(ResidualLayerNorm operands, Dropout dropout) {
    LayerNorm norm = operands.norm();
    KernelLauncher.Launch launch =
        residualForward
            .on(norm.x().dtype())
            .with(norm.y())
            .with(norm.x())
            .with(norm.mean())
            .with(norm.rstd())
            .with(operands.residual())
            .with(operands.bias())
            .with(norm.gamma())
            .with(norm.beta())
            .with(dropoutStep.of(dropout))
            .with(norm.x().rows())
            .with(norm.x().columns())
            .with(norm.epsilon());
    withDropout(launch, dropout, operands.site()).launch();
  }

  @Override
  protected void computeResidualLayerNormBackward(
      ResidualLayerNormBackward operands, Dropout dropout) {
    LayerNorm norm = operands.forward().norm();
    int columns = norm.x().columns();
    int parts = Math.ceilDiv(norm.x().rows(), ROWS);
    if (parts == 0) {
      return;
    }
    Tensor partialGamma = scratch.vector("partial dGamma", DType.F32, parts * columns);
    Tensor partialBeta = scratch.vector("partial dBeta", DType.F32, parts * columns);
    Tensor partialBias = scratch.vector("partial dBias", DType.F32, parts * columns);
    KernelLauncher.Launch launch =
        residualBackward
            .on(norm.x().dtype())
            .with(operands.dResidual())
            .with(operands.dX())
            .with(partialGamma)
            .with(partialBeta)
            .with(partialBias)
            .with(operands.dY())
            .with(norm.x())
            .with(norm.mean())
            .with(norm.rstd())
            .with(norm.gamma())
            .with(dropoutStep.of(dropout))
            .with(norm.x().rows())
            .with(columns);
    withDropout(launch, dropout, operands.forward().site()).launch();
    sums.addThree(
        operands.dGamma(),
        operands.dBeta(),
        operands.dBias(),
        partialGamma,
        partialBeta,
        partialBias,
        parts,
        columns);
  }

  @Override
  protected void computeLayerNorm(LayerNorm operands) {
    forward
        .on(operands.x().dtype())
        .with(operands.y())
        .with(operands.mean())
        .with(operands.rstd())
        .with(operands.x())
        .with(operands.gamma())
        .with(operands.beta())
        .with(operands.x().rows())
        .with(operands.x().columns())
        .with(operands.epsilon())
        .launch();
  }

  @Override
  protected void computeLayerNormBackward(LayerNormBackward operands) {
    LayerNorm norm = operands.forward();
    int columns = norm.x().columns();
    int parts = Math.ceilDiv(norm.x().rows(), ROWS);
    if (parts == 0) {
      return;
    }
    Tensor partialGamma = scratch.vector("partial dGamma", DType.F32, parts * columns);
    Tensor partialBeta = scratch.vector("partial dBeta", DType.F32, parts * columns);
    backward
        .on(norm.x().dtype())
        .with(operands.dX())
        .with(partialGamma)
        .with(partialBeta)
        .with(operands.dY())
        .with(norm.x())
        .with(norm.mean())
        .with(norm.rstd())
        .with(norm.gamma())
        .with(norm.x().rows())
        .with(columns)
        .launch();
    sums.add(operands.dGamma(), partialGamma, parts, columns);
    sums.add(operands.dBeta(), partialBeta, parts, columns);
  }

  /** The scalars {@code seed_low, seed_high, site, threshold, kept}. */
  static KernelLauncher.Launch withDropout(
      KernelLauncher.Launch launch, Dropout dropout, int site) {
    return launch
        .with(Integer.toUnsignedLong((int) dropout.seed()))
        .with(dropout.seed() >>> 32)
        .with(site)
        .with(dropout.threshold())
        .with(dropout.scale());
  }
}

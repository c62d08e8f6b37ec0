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
    KernelLauncher.Launch launch =
        residualForward
            .on(z.dtype())
            .with(y)
            .with(z)
            .with(mean)
            .with(rstd)
            .with(residual)
            .with(bias)
            .with(gamma)
            .with(beta)
            .with(dropoutStep.of(dropout))
            .with(z.rows())
            .with(z.columns())
            .with(epsilon);
    withDropout(launch, dropout, site).launch();
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
    int columns = z.columns();
    int parts = Math.ceilDiv(z.rows(), ROWS);
    if (parts == 0) {
      return;
    }
    Tensor partialGamma = scratch.vector("partial dGamma", DType.F32, parts * columns);
    Tensor partialBeta = scratch.vector("partial dBeta", DType.F32, parts * columns);
    Tensor partialBias = scratch.vector("partial dBias", DType.F32, parts * columns);
    KernelLauncher.Launch launch =
        residualBackward
            .on(z.dtype())
            .with(dResidual)
            .with(dX)
            .with(partialGamma)
            .with(partialBeta)
            .with(partialBias)
            .with(dY)
            .with(z)
            .with(mean)
            .with(rstd)
            .with(gamma)
            .with(dropoutStep.of(dropout))
            .with(z.rows())
            .with(columns);
    withDropout(launch, dropout, site).launch();
    sums.addThree(dGamma, dBeta, dBias, partialGamma, partialBeta, partialBias, parts, columns);
  }

  @Override
  protected void computeLayerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    forward
        .on(x.dtype())
        .with(y)
        .with(mean)
        .with(rstd)
        .with(x)
        .with(gamma)
        .with(beta)
        .with(x.rows())
        .with(x.columns())
        .with(epsilon)
        .launch();
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
    int columns = x.columns();
    int parts = Math.ceilDiv(x.rows(), ROWS);
    if (parts == 0) {
      return;
    }
    Tensor partialGamma = scratch.vector("partial dGamma", DType.F32, parts * columns);
    Tensor partialBeta = scratch.vector("partial dBeta", DType.F32, parts * columns);
    backward
        .on(x.dtype())
        .with(dX)
        .with(partialGamma)
        .with(partialBeta)
        .with(dY)
        .with(x)
        .with(mean)
        .with(rstd)
        .with(gamma)
        .with(x.rows())
        .with(columns)
        .launch();
    sums.add(dGamma, partialGamma, parts, columns);
    sums.add(dBeta, partialBeta, parts, columns);
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

package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** LayerNorm, alone and at the end of a block, and the gradients. See {@link Kernels}. */
public abstract class Norm {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Norm(OperandCheck check) {
    this.check = check;
  }

  /**
   * End of a block: bias, dropout, residual, LayerNorm (Ba et al. 2016, eq. 4).
   *
   * <pre>
   *   z = dropout(z + bias) + residual
   *   y = (z - mean) * rstd * gamma + beta
   * </pre>
   *
   * Variance is biased and taken in a second pass over the row.
   *
   * @param y [tokens, hidden]; must not alias residual
   * @param z [tokens, hidden], in: output of the matrix product; out: the sum, saved
   * @param mean [tokens], saved
   * @param rstd [tokens], saved
   * @param site a dropout site, {@link DropoutSite#in}
   */
  public final void residualLayerNorm(
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
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("residualLayerNorm")
        .storedMatrix("z", z, "[tokens, hidden]")
        .storedOutput("y", y, tokens, hidden, "[tokens, hidden]")
        .storedOutput("z", z, tokens, hidden, "[tokens, hidden]")
        .output("mean", mean, tokens, "[tokens]")
        .output("rstd", rstd, tokens, "[tokens]")
        .storedInput("residual", residual, tokens, hidden, "[tokens, hidden]")
        .input("bias", bias, hidden, "[hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]")
        .present("dropout", dropout);
    epsilon(epsilon);
    computeResidualLayerNorm(y, z, mean, rstd, residual, bias, gamma, beta, epsilon, dropout, site);
  }

  /** What the device does for {@link #residualLayerNorm}; the operands fit. */
  protected abstract void computeResidualLayerNorm(
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
      int site);

  /**
   * Gradient of {@link #residualLayerNorm}.
   *
   * @param dResidual [tokens, hidden], gradient of residual
   * @param dX [tokens, hidden], gradient of the matrix product's output: dResidual through dropout
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   * @param dBias [hidden], added to
   * @param dY [tokens, hidden]
   * @param z [tokens, hidden] from the forward pass
   */
  public final void residualLayerNormBackward(
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
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("residualLayerNormBackward")
        .storedMatrix("z", z, "[tokens, hidden]")
        .storedOutput("dResidual", dResidual, tokens, hidden, "[tokens, hidden]")
        .storedOutput("dX", dX, tokens, hidden, "[tokens, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .output("dBias", dBias, hidden, "[hidden]")
        .storedInput("dY", dY, tokens, hidden, "[tokens, hidden]")
        .storedInput("z", z, tokens, hidden, "[tokens, hidden]")
        .input("mean", mean, tokens, "[tokens]")
        .input("rstd", rstd, tokens, "[tokens]")
        .input("gamma", gamma, hidden, "[hidden]")
        .present("dropout", dropout);
    computeResidualLayerNormBackward(
        dResidual, dX, dGamma, dBeta, dBias, dY, z, mean, rstd, gamma, dropout, site);
  }

  /** What the device does for {@link #residualLayerNormBackward}; the operands fit. */
  protected abstract void computeResidualLayerNormBackward(
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
      int site);

  /**
   * LayerNorm alone: {@code y = (x - mean) * rstd * gamma + beta}.
   *
   * @param y [rows, hidden]
   * @param mean [rows], saved
   * @param rstd [rows], saved
   */
  public final void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNorm")
        .storedMatrix("x", x, "[rows, hidden]")
        .storedOutput("y", y, rows, hidden, "[rows, hidden]")
        .output("mean", mean, rows, "[rows]")
        .output("rstd", rstd, rows, "[rows]")
        .storedInput("x", x, rows, hidden, "[rows, hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]");
    epsilon(epsilon);
    computeLayerNorm(y, mean, rstd, x, gamma, beta, epsilon);
  }

  /** What the device does for {@link #layerNorm}; the operands fit. */
  protected abstract void computeLayerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon);

  /**
   * Gradient of {@link #layerNorm}.
   *
   * @param dX [rows, hidden]
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   */
  public final void layerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNormBackward")
        .storedMatrix("x", x, "[rows, hidden]")
        .storedOutput("dX", dX, rows, hidden, "[rows, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .storedInput("dY", dY, rows, hidden, "[rows, hidden]")
        .storedInput("x", x, rows, hidden, "[rows, hidden]")
        .input("mean", mean, rows, "[rows]")
        .input("rstd", rstd, rows, "[rows]")
        .input("gamma", gamma, hidden, "[hidden]");
    computeLayerNormBackward(dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
  }

  /** What the device does for {@link #layerNormBackward}; the operands fit. */
  protected abstract void computeLayerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma);

  private void epsilon(float epsilon) {
    check.require(epsilon >= 0 && Float.isFinite(epsilon), "epsilon", epsilon, "0 or more, finite");
  }
}

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
   * LayerNorm of rows (Ba et al. 2016, eq. 4), alone or at the end of what makes x.
   *
   * <pre>  y = (x - mean) * rstd * gamma + beta,  rstd = 1 / sqrt(variance + epsilon)  </pre>
   *
   * Variance is biased and taken in a second pass over the row.
   *
   * @param y [rows, hidden]
   * @param x [rows, hidden], kept as it is for the backward pass
   * @param mean [rows], of x, saved
   * @param rstd [rows], saved
   * @param gamma [hidden]
   * @param beta [hidden]
   * @param epsilon config {@code layer_norm_eps}
   */
  public record LayerNorm(
      Tensor y, Tensor x, Tensor mean, Tensor rstd, Tensor gamma, Tensor beta, float epsilon) {}

  /**
   * Operands of {@link #layerNormBackward}.
   *
   * @param forward those of the forward pass, of which y and beta are not read
   * @param dX [rows, hidden]
   * @param dY [rows, hidden]
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   */
  public record LayerNormBackward(
      LayerNorm forward, Tensor dX, Tensor dY, Tensor dGamma, Tensor dBeta) {}

  /**
   * End of a block: bias, dropout, residual, LayerNorm. With z for the norm's x:
   *
   * <pre>
   *   z = dropout(z + bias) + residual
   *   y = LayerNorm(z)
   * </pre>
   *
   * @param norm whose x is, in: output of the matrix product; out: the sum, saved
   * @param residual [rows, hidden]; must not alias y
   * @param bias [hidden]
   * @param site a dropout site, {@link DropoutSite#in}
   */
  public record ResidualLayerNorm(LayerNorm norm, Tensor residual, Tensor bias, int site) {}

  /**
   * Operands of {@link #residualLayerNormBackward}.
   *
   * @param forward those of the forward pass, of which y, residual, beta and bias are not read
   * @param dResidual [rows, hidden], gradient of residual
   * @param dX [rows, hidden], gradient of the matrix product's output: dResidual through dropout
   * @param dY [rows, hidden]
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   * @param dBias [hidden], added to
   */
  public record ResidualLayerNormBackward(
      ResidualLayerNorm forward,
      Tensor dResidual,
      Tensor dX,
      Tensor dY,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dBias) {}

  /** {@link ResidualLayerNorm}. */
  public final void residualLayerNorm(ResidualLayerNorm operands, Dropout dropout) {
    int rows = operands.norm.x.rows();
    int hidden = operands.norm.x.columns();
    check
        .of("residualLayerNorm")
        .storedMatrix("z", operands.norm.x, "[rows, hidden]")
        .storedOutput("z", operands.norm.x, rows, hidden, "[rows, hidden]")
        .storedInput("residual", operands.residual, rows, hidden, "[rows, hidden]")
        .input("bias", operands.bias, hidden, "[hidden]")
        .present("dropout", dropout);
    normalized(check, operands.norm);
    computeResidualLayerNorm(operands, dropout);
  }

  /** What the device does for {@link #residualLayerNorm}; the operands fit. */
  protected abstract void computeResidualLayerNorm(ResidualLayerNorm operands, Dropout dropout);

  /** Gradient of {@link #residualLayerNorm}. */
  public final void residualLayerNormBackward(ResidualLayerNormBackward operands, Dropout dropout) {
    Tensor z = operands.forward.norm.x;
    int rows = z.rows();
    int hidden = z.columns();
    check
        .of("residualLayerNormBackward")
        .storedMatrix("z", z, "[rows, hidden]")
        .storedOutput("dResidual", operands.dResidual, rows, hidden, "[rows, hidden]")
        .storedOutput("dX", operands.dX, rows, hidden, "[rows, hidden]")
        .output("dGamma", operands.dGamma, hidden, "[hidden]")
        .output("dBeta", operands.dBeta, hidden, "[hidden]")
        .output("dBias", operands.dBias, hidden, "[hidden]")
        .storedInput("dY", operands.dY, rows, hidden, "[rows, hidden]")
        .storedInput("z", z, rows, hidden, "[rows, hidden]")
        .present("dropout", dropout);
    saved(check, operands.forward.norm);
    computeResidualLayerNormBackward(operands, dropout);
  }

  /** What the device does for {@link #residualLayerNormBackward}; the operands fit. */
  protected abstract void computeResidualLayerNormBackward(
      ResidualLayerNormBackward operands, Dropout dropout);

  /** {@link LayerNorm} alone. */
  public final void layerNorm(LayerNorm operands) {
    check
        .of("layerNorm")
        .storedMatrix("x", operands.x, "[rows, hidden]")
        .operand("x", operands.x, false);
    normalized(check, operands);
    computeLayerNorm(operands);
  }

  /** What the device does for {@link #layerNorm}; the operands fit. */
  protected abstract void computeLayerNorm(LayerNorm operands);

  /** Gradient of {@link #layerNorm}. */
  public final void layerNormBackward(LayerNormBackward operands) {
    Tensor x = operands.forward.x;
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNormBackward")
        .storedMatrix("x", x, "[rows, hidden]")
        .storedOutput("dX", operands.dX, rows, hidden, "[rows, hidden]")
        .output("dGamma", operands.dGamma, hidden, "[hidden]")
        .output("dBeta", operands.dBeta, hidden, "[hidden]")
        .storedInput("dY", operands.dY, rows, hidden, "[rows, hidden]")
        .storedInput("x", x, rows, hidden, "[rows, hidden]");
    saved(check, operands.forward);
    computeLayerNormBackward(operands);
  }

  /** What the device does for {@link #layerNormBackward}; the operands fit. */
  protected abstract void computeLayerNormBackward(LayerNormBackward operands);

  /** Checks a norm's outputs and parameters beside its x, which is checked. */
  static void normalized(OperandCheck check, LayerNorm norm) {
    int rows = norm.x.rows();
    int hidden = norm.x.columns();
    check
        .storedOutput("y", norm.y, rows, hidden, "[rows, hidden]")
        .output("mean", norm.mean, rows, "[rows]")
        .output("rstd", norm.rstd, rows, "[rows]")
        .input("gamma", norm.gamma, hidden, "[hidden]")
        .input("beta", norm.beta, hidden, "[hidden]")
        .require(
            norm.epsilon >= 0 && Float.isFinite(norm.epsilon),
            "epsilon",
            norm.epsilon,
            "0 or more, finite");
  }

  /** Checks what a norm's backward pass reads of the forward pass beside x, which is checked. */
  static void saved(OperandCheck check, LayerNorm norm) {
    check
        .input("mean", norm.mean, norm.x.rows(), "[rows]")
        .input("rstd", norm.rstd, norm.x.rows(), "[rows]")
        .input("gamma", norm.gamma, norm.x.columns(), "[hidden]");
  }
}

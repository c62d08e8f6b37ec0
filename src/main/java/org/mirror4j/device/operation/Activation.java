package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Bias and activation, and the gradients. See {@link Kernels}. */
public abstract class Activation {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Activation(OperandCheck check) {
    this.check = check;
  }

  /**
   * {@code y = gelu(x + bias)} (Hendrycks and Gimpel 2016; config {@code hidden_act}).
   *
   * @param y [rows, columns]
   * @param x [rows, columns], kept as it is for the backward pass
   * @param bias [columns]
   */
  public final void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasGelu")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("y", y, rows, columns, "[rows, columns]")
        .storedInput("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .present("form", form);
    computeBiasGelu(y, x, bias, form);
  }

  /** What the device does for {@link #biasGelu}; the operands fit. */
  protected abstract void computeBiasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form);

  /**
   * Gradient of {@link #biasGelu}.
   *
   * @param dX [rows, columns]; may be dY
   * @param dBias [columns], added to
   */
  public final void biasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasGeluBackward")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("dX", dX, rows, columns, "[rows, columns]")
        .output("dBias", dBias, columns, "[columns]")
        .storedInput("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .present("form", form)
        .of("biasGeluBackward") // dY apart: it may be dX itself
        .output("dBias", dBias, columns, "[columns]")
        .storedInput("dY", dY, rows, columns, "[rows, columns]");
    if (dX.address() != dY.address()) {
      check.operand("dX", dX, true);
    }
    computeBiasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  /** What the device does for {@link #biasGeluBackward}; the operands fit. */
  protected abstract void computeBiasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form);

  /** {@code dBias[c] += sum_r dY[r, c]}. */
  public final void biasGradient(Tensor dBias, Tensor dY) {
    check
        .of("biasGradient")
        .storedMatrix("dY", dY, "[rows, columns]")
        .output("dBias", dBias, dY.columns(), "[columns]")
        .operand("dY", dY, false);
    computeBiasGradient(dBias, dY);
  }

  /** What the device does for {@link #biasGradient}; the operands fit. */
  protected abstract void computeBiasGradient(Tensor dBias, Tensor dY);
}

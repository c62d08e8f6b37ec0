package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Activations, with bias or without, and the gradients. See {@link Kernels}. */
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
    checkBiasBackward("biasGeluBackward", dX, dBias, dY, x, bias);
    check.present("form", form);
    computeBiasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  /** What the device does for {@link #biasGeluBackward}; the operands fit. */
  protected abstract void computeBiasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form);

  /**
   * {@code y = max(0, x + bias)} (Nair and Hinton 2010), of the feed-forward scorers of coreference
   * (Lee et al. 2017). NaN stays.
   *
   * @param y [rows, columns]
   * @param x [rows, columns], kept as it is for the backward pass
   * @param bias [columns]
   */
  public final void biasRelu(Tensor y, Tensor x, Tensor bias) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasRelu")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("y", y, rows, columns, "[rows, columns]")
        .storedInput("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]");
    computeBiasRelu(y, x, bias);
  }

  /** What the device does for {@link #biasRelu}; the operands fit. */
  protected abstract void computeBiasRelu(Tensor y, Tensor x, Tensor bias);

  /**
   * Gradient of {@link #biasRelu}: {@code dX = dY} where {@code x + bias} is above 0, else 0.
   *
   * @param dX [rows, columns]; may be dY
   * @param dBias [columns], added to
   */
  public final void biasReluBackward(Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
    checkBiasBackward("biasReluBackward", dX, dBias, dY, x, bias);
    computeBiasReluBackward(dX, dBias, dY, x, bias);
  }

  /** What the device does for {@link #biasReluBackward}; the operands fit. */
  protected abstract void computeBiasReluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias);

  private void checkBiasBackward(
      String operation, Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of(operation)
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("dX", dX, rows, columns, "[rows, columns]")
        .output("dBias", dBias, columns, "[columns]")
        .storedInput("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .of(operation) // dY apart: it may be dX itself
        .output("dBias", dBias, columns, "[columns]")
        .storedInput("dY", dY, rows, columns, "[rows, columns]");
    if (dX.address() != dY.address()) {
      check.operand("dX", dX, true);
    }
  }

  /**
   * {@code y = tanh(x)}, the activation of BERT's pooler (Devlin et al. 2019).
   *
   * @param y [rows, columns]
   * @param x [rows, columns]
   */
  public final void tanh(Tensor y, Tensor x) {
    check
        .of("tanh")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("y", y, x.rows(), x.columns(), "[rows, columns]")
        .operand("x", x, false);
    computeTanh(y, x);
  }

  /** What the device does for {@link #tanh}; the operands fit. */
  protected abstract void computeTanh(Tensor y, Tensor x);

  /**
   * Gradient of {@link #tanh}: {@code dX = dY (1 - y^2)}.
   *
   * @param dX [rows, columns]; may be dY
   * @param y from the forward pass
   */
  public final void tanhBackward(Tensor dX, Tensor dY, Tensor y) {
    int rows = y.rows();
    int columns = y.columns();
    check
        .of("tanhBackward")
        .storedMatrix("y", y, "[rows, columns]")
        .storedOutput("dX", dX, rows, columns, "[rows, columns]")
        .operand("y", y, false)
        .of("tanhBackward") // dY apart: it may be dX itself
        .storedMatrix("y", y, "[rows, columns]")
        .storedInput("dY", dY, rows, columns, "[rows, columns]");
    if (dX.address() != dY.address()) {
      check.operand("dX", dX, true);
    }
    computeTanhBackward(dX, dY, y);
  }

  /** What the device does for {@link #tanhBackward}; the operands fit. */
  protected abstract void computeTanhBackward(Tensor dX, Tensor dY, Tensor y);

  /**
   * Operands of {@link #gate}.
   *
   * @param y [rows, columns]
   * @param z [rows, columns]
   * @param bias [columns]
   * @param a [rows, columns]
   * @param b [rows, columns]
   */
  public record Gate(Tensor y, Tensor z, Tensor bias, Tensor a, Tensor b) {}

  /**
   * Operands of {@link #gateBackward}, all [rows, columns].
   *
   * @param forward those of the forward pass, of which y is not read
   * @param dZ gradient of z; that of the bias is the sum of its rows
   * @param dA gradient of a
   * @param dB gradient of b
   * @param dY gradient of y
   */
  public record GateBackward(Gate forward, Tensor dZ, Tensor dA, Tensor dB, Tensor dY) {}

  /**
   * What is between two matrices, by elements (Lee et al. 2018, "Higher-order Coreference
   * Resolution", equation 6):
   *
   * <pre>  f = 1 / (1 + exp(-(z + bias))),   y = f a + (1 - f) b  </pre>
   */
  public final void gate(Gate operands) {
    check.of("gate");
    gate(operands, true);
    computeGate(operands);
  }

  /** What the device does for {@link #gate}; the operands fit. */
  protected abstract void computeGate(Gate operands);

  /** Gradient of {@link #gate}: {@code dZ = dY (a - b) f (1 - f), dA = dY f, dB = dY (1 - f)}. */
  public final void gateBackward(GateBackward operands) {
    check.of("gateBackward");
    Tensor z = operands.forward.z;
    gate(operands.forward, false);
    check
        .storedOutput("dZ", operands.dZ, z.rows(), z.columns(), "[rows, columns]")
        .storedOutput("dA", operands.dA, z.rows(), z.columns(), "[rows, columns]")
        .storedOutput("dB", operands.dB, z.rows(), z.columns(), "[rows, columns]")
        .storedInput("dY", operands.dY, z.rows(), z.columns(), "[rows, columns]");
    computeGateBackward(operands);
  }

  /** What the device does for {@link #gateBackward}; the operands fit. */
  protected abstract void computeGateBackward(GateBackward operands);

  private void gate(Gate operands, boolean forward) {
    int rows = operands.z.rows();
    int columns = operands.z.columns();
    check
        .storedMatrix("z", operands.z, "[rows, columns]")
        .operand("z", operands.z, false)
        .input("bias", operands.bias, columns, "[columns]")
        .storedInput("a", operands.a, rows, columns, "[rows, columns]")
        .storedInput("b", operands.b, rows, columns, "[rows, columns]");
    if (forward) {
      check.storedOutput("y", operands.y, rows, columns, "[rows, columns]");
    }
  }

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

  /**
   * Dropout of a matrix (Srivastava et al. 2014): {@code y = x keep}, where keep is 0 or {@link
   * Dropout#scale} as {@link Dropout} says. The gradient is the same operation on dY: it draws the
   * same bits again.
   *
   * @param y [rows, columns]; may be x
   * @param x [rows, columns]
   * @param dropout without one, x is copied
   * @param site a dropout site, {@link DropoutSite#in}
   */
  public final void dropout(Tensor y, Tensor x, Dropout dropout, int site) {
    check
        .of("dropout")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("y", y, x.rows(), x.columns(), "[rows, columns]")
        .present("dropout", dropout);
    if (y.address() != x.address()) {
      check.operand("x", x, false);
    }
    computeDropout(y, x, dropout, site);
  }

  /** What the device does for {@link #dropout}; the operands fit. */
  protected abstract void computeDropout(Tensor y, Tensor x, Dropout dropout, int site);
}

package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/**
 * Steps of normalising flows, invertible by columns, and their gradients (Kingma and Dhariwal 2018,
 * "Glow", table 1). See {@link Kernels}. All is f32; the gradients of parameters are overwritten.
 */
public abstract class Flow {
  /** What log scales are multiplied by before the exponential: they learn three times as fast. */
  public static final float LOG_SCALE_FACTOR = 3;

  /** What the scale of an affine coupling is a sigmoid of, plus this: it starts near 1. */
  public static final float SCALE_OFFSET = 2;

  /** So many channels have as many elements in a square matrix as 32 bits count. */
  private static final int MOST_MIXED = 1 << 16;

  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Flow(OperandCheck check) {
    this.check = check;
  }

  /**
   * Activation normalisation of columns, {@code (x + bias) exp(3 logScale)}, or the gradients of
   * its parameters.
   *
   * @param bias [channels]
   * @param logScale [channels]
   */
  public record ActNorm(Tensor bias, Tensor logScale) {}

  /**
   * A matrix as two that lie side by side: {@code [left | right]}.
   *
   * @param left [rows, channels of the left part]
   * @param right [rows, the other channels], which may be none
   */
  public record Columns(Tensor left, Tensor right) {
    /** Channels of both. */
    int channels() {
      return left.columns() + right.columns();
    }
  }

  /**
   * Activation normalisation, then a permutation of the channels:
   *
   * <pre>  y[r, c] = (x[r, s] + bias[s]) exp(3 logScale[s]),  s = order[c]  </pre>
   *
   * @param order i32[channels], each number below {@code channels} once
   */
  public final void actNorm(Columns y, Columns x, Tensor order, ActNorm parameters) {
    check.of("actNorm");
    written("y", y, y.left.rows(), x.channels());
    read("x", x, y.left.rows(), x.channels());
    check.indices("order", order, x.channels(), "[channels]");
    read(parameters, x.channels());
    computeActNorm(y, x, order, parameters);
  }

  /** What the device does for {@link #actNorm}; the operands fit. */
  protected abstract void computeActNorm(Columns y, Columns x, Tensor order, ActNorm parameters);

  /** Inverse of {@link #actNorm}: {@code x[r, s] = y[r, c] / exp(3 logScale[s]) - bias[s]}. */
  public final void actNormInverse(Columns x, Columns y, Tensor order, ActNorm parameters) {
    check.of("actNormInverse");
    written("x", x, y.left.rows(), y.channels());
    read("y", y, y.left.rows(), y.channels());
    check.indices("order", order, y.channels(), "[channels]");
    read(parameters, y.channels());
    computeActNormInverse(x, y, order, parameters);
  }

  /** What the device does for {@link #actNormInverse}; the operands fit. */
  protected abstract void computeActNormInverse(
      Columns x, Columns y, Tensor order, ActNorm parameters);

  /**
   * Gradient of {@link #actNorm}, with that of the log-determinant {@code rows sum_s 3
   * logScale[s]}:
   *
   * <pre>
   *   dX[r, s] = dY[r, c] exp(3 logScale[s]),  s = order[c]
   *   dBias[s] = sum_r dX[r, s]
   *   dLogScale[s] = 3 (sum_r dY[r, c] y[r, c] + dLogDeterminant)
   * </pre>
   *
   * @param y from the forward pass
   * @param dLogDeterminant gradient of the log-determinant, over all rows
   */
  public final void actNormBackward(
      Columns dX,
      ActNorm gradient,
      Columns dY,
      Columns y,
      Tensor order,
      ActNorm parameters,
      float dLogDeterminant) {
    int rows = y.left.rows();
    int channels = y.channels();
    check.of("actNormBackward");
    written("dX", dX, rows, channels);
    written(gradient, channels);
    check.require(
        dY.left.columns() == y.left.columns(),
        "columns of the left of dY",
        dY.left.columns(),
        "those of y");
    read("dY", dY, rows, channels);
    read("y", y, rows, channels);
    check
        .indices("order", order, channels, "[channels]")
        .input("logScale", parameters.logScale, channels, "[channels]");
    computeActNormBackward(dX, gradient, dY, y, order, parameters, dLogDeterminant);
  }

  /** What the device does for {@link #actNormBackward}; the operands fit. */
  protected abstract void computeActNormBackward(
      Columns dX,
      ActNorm gradient,
      Columns dY,
      Columns y,
      Tensor order,
      ActNorm parameters,
      float dLogDeterminant);

  /**
   * Activation normalisation inside the network of a coupling: {@code y = max(0, (x + bias) exp(3
   * logScale))}.
   *
   * @param y [rows, width]
   * @param x [rows, width]
   */
  public final void actNormRelu(Tensor y, Tensor x, ActNorm parameters) {
    check
        .of("actNormRelu")
        .matrix("x", x, "[rows, width]")
        .output("y", y, x.rows(), x.columns(), "[rows, width]")
        .operand("x", x, false);
    read(parameters, x.columns());
    computeActNormRelu(y, x, parameters);
  }

  /** What the device does for {@link #actNormRelu}; the operands fit. */
  protected abstract void computeActNormRelu(Tensor y, Tensor x, ActNorm parameters);

  /**
   * Gradient of {@link #actNormRelu}, which is 0 where y is.
   *
   * @param dX [rows, width]; may be dY
   * @param y from the forward pass
   */
  public final void actNormReluBackward(
      Tensor dX, ActNorm gradient, Tensor dY, Tensor y, ActNorm parameters) {
    int rows = y.rows();
    int width = y.columns();
    check
        .of("actNormReluBackward")
        .matrix("y", y, "[rows, width]")
        .output("dX", dX, rows, width, "[rows, width]");
    written(gradient, width);
    check
        .operand("y", y, false)
        .input("logScale", parameters.logScale, width, "[width]")
        .of("actNormReluBackward") // dY apart: it may be dX itself
        .input("dY", dY, rows, width, "[rows, width]");
    written(gradient, width);
    if (dX.address() != dY.address()) {
      check.operand("dX", dX, true);
    }
    computeActNormReluBackward(dX, gradient, dY, y, parameters);
  }

  /** What the device does for {@link #actNormReluBackward}; the operands fit. */
  protected abstract void computeActNormReluBackward(
      Tensor dX, ActNorm gradient, Tensor dY, Tensor y, ActNorm parameters);

  /**
   * Additive coupling (Dinh et al. 2015, "NICE", section 3.2): {@code y = x + (shift + bias) exp(3
   * logScale)}.
   *
   * @param y [rows, channels]; may be x
   * @param shift [rows, channels], what the last product of the network gave
   */
  public final void additiveCoupling(Tensor y, Tensor x, Tensor shift, ActNorm parameters) {
    coupling("additiveCoupling", y, x, shift, parameters, 1);
    computeAdditiveCoupling(y, x, shift, parameters, 1);
  }

  /** Inverse of {@link #additiveCoupling}: {@code x = y - (shift + bias) exp(3 logScale)}. */
  public final void additiveCouplingInverse(Tensor x, Tensor y, Tensor shift, ActNorm parameters) {
    coupling("additiveCouplingInverse", x, y, shift, parameters, 1);
    computeAdditiveCoupling(x, y, shift, parameters, -1);
  }

  /**
   * What the device does for {@link #additiveCoupling} and its inverse; the operands fit.
   *
   * @param sign of what is added: 1 or -1
   */
  protected abstract void computeAdditiveCoupling(
      Tensor y, Tensor x, Tensor shift, ActNorm parameters, int sign);

  /**
   * Gradient of {@link #additiveCoupling}; that of x is dY.
   *
   * @param dShift [rows, channels]
   */
  public final void additiveCouplingBackward(
      Tensor dShift, ActNorm gradient, Tensor dY, Tensor shift, ActNorm parameters) {
    int rows = shift.rows();
    int channels = shift.columns();
    check
        .of("additiveCouplingBackward")
        .matrix("shift", shift, "[rows, channels]")
        .output("dShift", dShift, rows, channels, "[rows, channels]");
    written(gradient, channels);
    check.input("dY", dY, rows, channels, "[rows, channels]").operand("shift", shift, false);
    read(parameters, channels);
    computeAdditiveCouplingBackward(dShift, gradient, dY, shift, parameters);
  }

  /** What the device does for {@link #additiveCouplingBackward}; the operands fit. */
  protected abstract void computeAdditiveCouplingBackward(
      Tensor dShift, ActNorm gradient, Tensor dY, Tensor shift, ActNorm parameters);

  /**
   * Affine coupling (Dinh et al. 2017, "Real NVP", eq. 7), as BERT-flow has it: with {@code v =
   * (net + bias) exp(3 logScale)}, of which a channel has two that lie side by side,
   *
   * <pre>
   *   shift = v[r, 2 c],  scale = sigmoid(v[r, 2 c + 1] + 2)
   *   y[r, c] = (x[r, c] + shift) scale,  logDeterminant[r] += sum_c ln scale
   * </pre>
   *
   * @param y [rows, channels]; may be x
   * @param logDeterminant [rows], added to
   * @param net [rows, 2 channels], what the last product of the network gave
   * @param parameters of 2 channels
   */
  public final void affineCoupling(
      Tensor y, Tensor logDeterminant, Tensor x, Tensor net, ActNorm parameters) {
    coupling("affineCoupling", y, x, net, parameters, 2);
    check.output("logDeterminant", logDeterminant, x.rows(), "[rows]");
    computeAffineCoupling(y, logDeterminant, x, net, parameters);
  }

  /** What the device does for {@link #affineCoupling}; the operands fit. */
  protected abstract void computeAffineCoupling(
      Tensor y, Tensor logDeterminant, Tensor x, Tensor net, ActNorm parameters);

  /** Inverse of {@link #affineCoupling}: {@code x = y / scale - shift}. */
  public final void affineCouplingInverse(Tensor x, Tensor y, Tensor net, ActNorm parameters) {
    coupling("affineCouplingInverse", x, y, net, parameters, 2);
    computeAffineCouplingInverse(x, y, net, parameters);
  }

  /** What the device does for {@link #affineCouplingInverse}; the operands fit. */
  protected abstract void computeAffineCouplingInverse(
      Tensor x, Tensor y, Tensor net, ActNorm parameters);

  /**
   * Gradient of {@link #affineCoupling}.
   *
   * @param dX [rows, channels]; may be dY
   * @param dNet [rows, 2 channels]
   * @param dLogDeterminant gradient of each row's log-determinant
   */
  public final void affineCouplingBackward(
      Tensor dX,
      Tensor dNet,
      ActNorm gradient,
      Tensor dY,
      Tensor x,
      Tensor net,
      ActNorm parameters,
      float dLogDeterminant) {
    int rows = dY.rows();
    int channels = dY.columns();
    coupling("affineCouplingBackward", dX, dY, net, parameters, 2);
    check
        .input("x", x, rows, channels, "[rows, channels]")
        .output("dNet", dNet, rows, 2 * channels, "[rows, 2 channels]");
    written(gradient, 2 * channels);
    computeAffineCouplingBackward(dX, dNet, gradient, dY, x, net, parameters, dLogDeterminant);
  }

  /** What the device does for {@link #affineCouplingBackward}; the operands fit. */
  protected abstract void computeAffineCouplingBackward(
      Tensor dX,
      Tensor dNet,
      ActNorm gradient,
      Tensor dY,
      Tensor x,
      Tensor net,
      ActNorm parameters,
      float dLogDeterminant);

  /**
   * The two factors of an invertible matrix that mixes channels (Kingma and Dhariwal 2018, section
   * 3.2):
   *
   * <pre>
   *   lower = factors below the diagonal, 1 on it
   *   upper = factors above the diagonal, sign exp(logScale) on it
   * </pre>
   *
   * @param lower [n, n]
   * @param upper [n, n]
   * @param factors [n, n], both triangles
   * @param logScale [n]
   * @param sign [n], each 1 or -1
   */
  public final void triangularFactors(
      Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign) {
    int n = logScale.rows();
    check
        .of("triangularFactors")
        .require(n < MOST_MIXED, "n", n, "less than 65536")
        .output("lower", lower, n, n, "[n, n]")
        .output("upper", upper, n, n, "[n, n]")
        .input("factors", factors, n, n, "[n, n]")
        .input("logScale", logScale, n, "[n]")
        .input("sign", sign, n, "[n]");
    computeTriangularFactors(lower, upper, factors, logScale, sign);
  }

  /** What the device does for {@link #triangularFactors}; the operands fit. */
  protected abstract void computeTriangularFactors(
      Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign);

  /**
   * Gradient of {@link #triangularFactors}, with that of the log-determinant {@code sum logScale}:
   *
   * <pre>
   *   dFactors = dLower below the diagonal, 0 on it, dUpper above
   *   dLogScale[i] = dUpper[i, i] upper[i, i] + dLogDeterminant
   * </pre>
   *
   * @param upper from the forward pass
   * @param dLogDeterminant gradient of the log-determinant, over all rows
   */
  public final void triangularFactorsBackward(
      Tensor dFactors,
      Tensor dLogScale,
      Tensor dLower,
      Tensor dUpper,
      Tensor upper,
      float dLogDeterminant) {
    int n = dLogScale.rows();
    check
        .of("triangularFactorsBackward")
        .require(n < MOST_MIXED, "n", n, "less than 65536")
        .output("dFactors", dFactors, n, n, "[n, n]")
        .output("dLogScale", dLogScale, n, "[n]")
        .input("dLower", dLower, n, n, "[n, n]")
        .input("dUpper", dUpper, n, n, "[n, n]")
        .input("upper", upper, n, n, "[n, n]");
    computeTriangularFactorsBackward(dFactors, dLogScale, dLower, dUpper, upper, dLogDeterminant);
  }

  /** What the device does for {@link #triangularFactorsBackward}; the operands fit. */
  protected abstract void computeTriangularFactorsBackward(
      Tensor dFactors,
      Tensor dLogScale,
      Tensor dLower,
      Tensor dUpper,
      Tensor upper,
      float dLogDeterminant);

  /** What is given may be the result itself, but nothing else that is read may. */
  private void coupling(
      String operation, Tensor to, Tensor from, Tensor net, ActNorm parameters, int perChannel) {
    int rows = from.rows();
    int channels = from.columns();
    check
        .of(operation)
        .matrix("given", from, "[rows, channels]")
        .output("result", to, rows, channels, "[rows, channels]")
        .input("net", net, rows, perChannel * channels, "[rows, channels of the network]");
    read(parameters, perChannel * channels);
    if (to.address() != from.address()) {
      check.operand("given", from, false);
    }
  }

  private void written(String name, Columns columns, int rows, int channels) {
    sized(name, columns, rows, channels);
    check.operand(name, columns.left, true).operand(name, columns.right, true);
  }

  private void read(String name, Columns columns, int rows, int channels) {
    sized(name, columns, rows, channels);
    check.operand(name, columns.left, false).operand(name, columns.right, false);
  }

  private void sized(String name, Columns columns, int rows, int channels) {
    int left = columns.left.rows();
    int right = columns.right.rows();
    check
        .matrix(name, columns.left, "[rows, left channels]")
        .matrix(name, columns.right, "[rows, other channels]")
        .require(left == rows, name, left, "as many rows as the other matrix")
        .require(right == rows, name, right, "as many rows as the other matrix")
        .require(
            columns.channels() == channels,
            name,
            columns.channels(),
            "as many channels as the other matrix");
  }

  private void written(ActNorm gradient, int channels) {
    check
        .output("dBias", gradient.bias, channels, "[channels]")
        .output("dLogScale", gradient.logScale, channels, "[channels]");
  }

  private void read(ActNorm parameters, int channels) {
    check
        .input("bias", parameters.bias, channels, "[channels]")
        .input("logScale", parameters.logScale, channels, "[channels]");
  }
}

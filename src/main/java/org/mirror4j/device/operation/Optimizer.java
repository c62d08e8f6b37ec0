package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Optimisation over flat buffers. See {@link Kernels}. */
public abstract class Optimizer {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Optimizer(OperandCheck check) {
    this.check = check;
  }

  /**
   * Buffers and constants of {@link #adamW} and {@link #adamWRows}.
   *
   * @param parameters f32, a vector of any length, or the matrix [all, columns] of which some rows
   *     are meant; updated
   * @param stored the parameters in the storage type, overwritten by the updated ones; {@code
   *     parameters} itself where there is no such copy
   * @param gradients f32
   * @param firstMoment m, updated
   * @param secondMoment v, updated
   * @param beta1 decay of m, 0 or more and below 1
   * @param beta2 decay of v, likewise
   * @param epsilon 0 or more
   */
  public record AdamW(
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float beta1,
      float beta2,
      float epsilon) {}

  /**
   * One update of AdamW (Loshchilov and Hutter 2019, algorithm 2). With g = gradient *
   * gradientScale:
   *
   * <pre>
   *   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
   *   parameter = decay * parameter - stepSize * m / (inverseRoot * sqrt(v) + epsilon)
   * </pre>
   *
   * Learning rate, weight decay and bias correction are in decay, stepSize and inverseRoot.
   */
  public final void adamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
    Tensor parameters = operands.parameters;
    int size = parameters.rows();
    check
        .of("adamW")
        .output("parameters", parameters, size, "[parameters]")
        .output("firstMoment", operands.firstMoment, size, "[parameters]")
        .output("secondMoment", operands.secondMoment, size, "[parameters]")
        .input("gradients", operands.gradients, size, "[parameters]");
    requireConstants(operands, gradientScale, decay, stepSize, inverseRoot);
    requireCopy(parameters, operands.stored);
    computeAdamW(operands, gradientScale, decay, stepSize, inverseRoot);
  }

  private void requireConstants(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
    float beta1 = operands.beta1;
    float beta2 = operands.beta2;
    float epsilon = operands.epsilon;
    check
        .require(Float.isFinite(gradientScale), "gradientScale", gradientScale, "a finite number")
        .require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "0 <= beta1 < 1")
        .require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "0 <= beta2 < 1")
        .require(!Float.isNaN(decay), "decay", decay, "a number")
        .require(stepSize >= 0, "stepSize", stepSize, "0 or more")
        .require(
            inverseRoot > 0 && Float.isFinite(inverseRoot),
            "inverseRoot",
            inverseRoot,
            "more than 0, finite")
        .require(epsilon >= 0 && Float.isFinite(epsilon), "epsilon", epsilon, "0 or more, finite");
  }

  private void requireCopy(Tensor x, Tensor stored) {
    if (stored != x) {
      check
          .number("stored", stored)
          .operand("stored", stored, true)
          .require(stored.size() == x.size(), "size of stored", stored.size(), "that of the f32s");
    }
  }

  /** What the device does for {@link #adamW}; the operands fit. */
  protected abstract void computeAdamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot);

  /**
   * {@link #adamW} of some rows of a table, to the same bits; nothing else is read or written.
   *
   * @param operands matrices [all, columns]
   * @param rows i32[n], different ones, in [0, all)
   */
  public final void adamWRows(
      AdamW operands,
      Tensor rows,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    Tensor parameters = operands.parameters;
    check.of("adamWRows").matrix("parameters", parameters, "[all, columns]");
    int all = parameters.rows();
    int columns = parameters.columns();
    check
        .output("parameters", parameters, all, columns, "[all, columns]")
        .output("firstMoment", operands.firstMoment, all, columns, "[all, columns]")
        .output("secondMoment", operands.secondMoment, all, columns, "[all, columns]")
        .input("gradients", operands.gradients, all, columns, "[all, columns]")
        .indices("rows", rows, rows.rows(), "[n]");
    requireConstants(operands, gradientScale, decay, stepSize, inverseRoot);
    requireCopy(parameters, operands.stored);
    computeAdamWRows(operands, rows, gradientScale, decay, stepSize, inverseRoot);
  }

  /** What the device does for {@link #adamWRows}; the operands fit. */
  protected abstract void computeAdamWRows(
      AdamW operands,
      Tensor rows,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot);

  /**
   * Multiplies rows by one factor after the other, each product rounded:
   *
   * <pre>  x[rows[i]] = (x[rows[i]] factors[0]) factors[1] ...     from &lt;= i &lt; n  </pre>
   *
   * @param x f32[all, columns], updated
   * @param stored the same in the storage type, its rows overwritten by the updated ones; {@code x}
   *     itself where there is no such copy
   * @param rows i32[n], different ones, in [0, all)
   * @param from the first that is meant, 0 to n
   * @param factors f32[k]
   */
  public final void scaleRows(Tensor x, Tensor stored, Tensor rows, int from, Tensor factors) {
    check.of("scaleRows").matrix("x", x, "[all, columns]");
    check
        .output("x", x, x.rows(), x.columns(), "[all, columns]")
        .indices("rows", rows, rows.rows(), "[n]")
        .require(from >= 0 && from <= rows.rows(), "from", from, "0 to n")
        .input("factors", factors, factors.rows(), "[k]");
    requireCopy(x, stored);
    computeScaleRows(x, stored, rows, from, factors);
  }

  /** What the device does for {@link #scaleRows}; the operands fit. */
  protected abstract void computeScaleRows(
      Tensor x, Tensor stored, Tensor rows, int from, Tensor factors);

  /** {@code result[0] = sum x^2}, accumulated in f64, rounded once. */
  public final void sumOfSquares(Tensor result, Tensor x) {
    check.of("sumOfSquares").f32("x", x).output("result", result, 1, "[1]").operand("x", x, false);
    computeSumOfSquares(result, x);
  }

  /** What the device does for {@link #sumOfSquares}; the operands fit. */
  protected abstract void computeSumOfSquares(Tensor result, Tensor x);

  /** {@code x *= factor}; f32. */
  public final void scale(Tensor x, float factor) {
    check.of("scale").f32("x", x).operand("x", x, true);
    computeScale(x, factor);
  }

  /** What the device does for {@link #scale}; the operands fit. */
  protected abstract void computeScale(Tensor x, float factor);
}

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
   * Buffers and constants of {@link #adamW}.
   *
   * @param parameters f32, vector of any length, updated
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
    Tensor stored = operands.stored;
    float beta1 = operands.beta1;
    float beta2 = operands.beta2;
    float epsilon = operands.epsilon;
    int size = parameters.rows();
    check
        .of("adamW")
        .output("parameters", parameters, size, "[parameters]")
        .output("firstMoment", operands.firstMoment, size, "[parameters]")
        .output("secondMoment", operands.secondMoment, size, "[parameters]")
        .input("gradients", operands.gradients, size, "[parameters]")
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
    if (stored != parameters) {
      check
          .number("stored", stored)
          .operand("stored", stored, true)
          .require(stored.size() == size, "size of stored", stored.size(), "that of parameters");
    }
    computeAdamW(operands, gradientScale, decay, stepSize, inverseRoot);
  }

  /** What the device does for {@link #adamW}; the operands fit. */
  protected abstract void computeAdamW(
      AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot);

  /** {@code result[0] = sum x^2}, accumulated in f64, rounded once. */
  public final void sumOfSquares(Tensor result, Tensor x) {
    check.of("sumOfSquares").f32("x", x).output("result", result, 1, "[1]").operand("x", x, false);
    computeSumOfSquares(result, x);
  }

  /** What the device does for {@link #sumOfSquares}; the operands fit. */
  protected abstract void computeSumOfSquares(Tensor result, Tensor x);

  /** {@code result[0] = 1} if any element is infinite or not a number, else 0; result is i32[1]. */
  public final void anyNonFinite(Tensor result, Tensor x) {
    check
        .of("anyNonFinite")
        .f32("x", x)
        .outputIndices("result", result, 1, "[1]")
        .operand("x", x, false);
    computeAnyNonFinite(result, x);
  }

  /** What the device does for {@link #anyNonFinite}; the operands fit. */
  protected abstract void computeAnyNonFinite(Tensor result, Tensor x);

  /** {@code x *= factor}; f32. */
  public final void scale(Tensor x, float factor) {
    check.of("scale").f32("x", x).operand("x", x, true);
    computeScale(x, factor);
  }

  /** What the device does for {@link #scale}; the operands fit. */
  protected abstract void computeScale(Tensor x, float factor);
}

package org.mirror4j.device;

import java.util.Set;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/**
 * Checks the arguments of each operation, as {@link Kernels} states them, and hands on to a
 * device's kernels, which need not. Before all else the calling thread must be the device's owner.
 * Values of indices are the device's own to check. Nothing is allocated unless there is something
 * to refuse.
 *
 * <p>Here are losses, the optimizer and what works on flat buffers; the superclasses have the rest.
 */
public final class CheckedKernels extends CheckedRowKernels {
  /**
   * Checks in front of {@code kernels}.
   *
   * @param ownership of the device's memory
   * @param storages types that the device can store activations as
   */
  public CheckedKernels(Kernels kernels, Ownership ownership, Set<DType> storages) {
    super(kernels, ownership, storages);
  }

  @Override
  public void fill(Tensor x, float value) {
    check.of("fill").f32("x", x).operand("x", x, true);
    kernels.fill(x, value);
  }

  @Override
  public void copy(Tensor y, Tensor x) {
    check.of("copy");
    if (y.dtype() != x.dtype() || y.size() != x.size()) {
      throw new ShapeException("copy: y is %s, expected type and size of %s".formatted(y, x));
    }
    check.operand("y", y, true).operand("x", x, false);
    kernels.copy(y, x);
  }

  @Override
  public void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    int views = similarities.rows();
    check
        .of("contrastiveLoss")
        .matrix("similarities", similarities, "[2N, 2N]")
        .require(views % 2 == 0, "rows of similarities", views, "an even number")
        .require(
            temperature > 0 && Float.isFinite(temperature),
            "temperature",
            temperature,
            "positive and finite")
        .output("loss", loss, views, "[2N]")
        .output("similarities", similarities, views, views, "[2N, 2N]")
        .indices("groups", groups, views, "[2N]");
    kernels.contrastiveLoss(loss, similarities, groups, temperature);
  }

  @Override
  public void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    int rows = logits.rows();
    int vocab = logits.columns();
    check
        .of("softmaxCrossEntropy")
        .storedMatrix("logits", logits, "[rows, vocab]")
        .output("loss", loss, rows, "[rows]")
        .storedOutput("logits", logits, rows, vocab, "[rows, vocab]")
        .input("bias", bias, vocab, "[vocab]")
        .indices("labels", labels, rows, "[rows]")
        .require(Float.isFinite(gradientScale), "gradientScale", gradientScale, "a finite number");
    kernels.softmaxCrossEntropy(loss, logits, bias, labels, gradientScale);
  }

  @Override
  public void adamW(
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int step,
      float gradientScale) {
    int size = parameters.rows();
    check
        .of("adamW")
        .output("parameters", parameters, size, "[parameters]")
        .output("firstMoment", firstMoment, size, "[parameters]")
        .output("secondMoment", secondMoment, size, "[parameters]")
        .input("gradients", gradients, size, "[parameters]")
        .require(
            learningRate >= 0 && Float.isFinite(learningRate),
            "learningRate",
            learningRate,
            "0 or more, finite")
        .require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "0 <= beta1 < 1")
        .require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "0 <= beta2 < 1")
        .require(
            weightDecay >= 0 && Float.isFinite(weightDecay),
            "weightDecay",
            weightDecay,
            "0 or more, finite")
        .require(step >= 1, "step", step, "at least 1")
        .require(Float.isFinite(gradientScale), "gradientScale", gradientScale, "a finite number");
    epsilon(epsilon);
    if (stored != parameters) {
      check
          .number("stored", stored)
          .operand("stored", stored, true)
          .require(stored.size() == size, "size of stored", stored.size(), "that of parameters");
    }
    kernels.adamW(
        parameters,
        stored,
        gradients,
        firstMoment,
        secondMoment,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        step,
        gradientScale);
  }

  @Override
  public void sumOfSquares(Tensor result, Tensor x) {
    check.of("sumOfSquares").f32("x", x).output("result", result, 1, "[1]").operand("x", x, false);
    kernels.sumOfSquares(result, x);
  }

  @Override
  public void anyNonFinite(Tensor result, Tensor x) {
    check
        .of("anyNonFinite")
        .f32("x", x)
        .outputIndices("result", result, 1, "[1]")
        .operand("x", x, false);
    kernels.anyNonFinite(result, x);
  }

  @Override
  public void convert(Tensor y, Tensor x) {
    check.of("convert").number("y", y).number("x", x);
    if (y.size() != x.size()) {
      throw new ShapeException("convert: y is %s, expected the size of %s".formatted(y, x));
    }
    check.operand("y", y, true).operand("x", x, false);
    kernels.convert(y, x);
  }

  @Override
  public void scale(Tensor x, float factor) {
    check.of("scale").f32("x", x).operand("x", x, true);
    kernels.scale(x, factor);
  }
}

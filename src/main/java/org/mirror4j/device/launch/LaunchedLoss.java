package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Loss;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Losses with their gradients. */
final class LaunchedLoss extends Loss {
  private static final double LOG2_E = 1 / Math.log(2);

  private final KernelLauncher.Variants contrastive;
  private final KernelLauncher.Variants crossEntropy;
  private final KernelLauncher.Variants segmentCrossEntropy;
  private final KernelLauncher.Variants marginalCrossEntropy;
  private final KernelLauncher.Variants squaredError;

  LaunchedLoss(OperandCheck check, KernelLauncher launcher) {
    super(check);
    contrastive = launcher.kernel("contrastive_loss");
    crossEntropy = launcher.kernel("softmax_cross_entropy");
    segmentCrossEntropy = launcher.kernel("segment_cross_entropy");
    marginalCrossEntropy = launcher.kernel("marginal_cross_entropy");
    squaredError = launcher.kernel("squared_error");
  }

  @Override
  protected void computeContrastiveLoss(
      Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    int views = similarities.rows();
    double exponent = LOG2_E / temperature;
    float high = (float) exponent;
    contrastive
        .on(DType.F32)
        .with(loss)
        .with(similarities)
        .with(groups)
        .with(views)
        .with(high)
        .with((float) (exponent - high))
        .with((float) (1 / (views * (double) temperature)))
        .launch();
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale) {
    crossEntropy
        .on(logits.dtype())
        .with(loss)
        .with(logits)
        .with(bias)
        .with(labels)
        .with(gradientScale)
        .with(logits.rows())
        .with(logits.columns())
        .launch();
  }

  @Override
  protected void computeSegmentCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale) {
    segmentCrossEntropy
        .on(logits.dtype())
        .with(loss)
        .with(logits)
        .with(cuSeqlens)
        .with(labels)
        .with(gradientScale)
        .with(loss.rows())
        .with(logits.rows())
        .with(logits.columns())
        .launch();
  }

  @Override
  protected void computeMarginalCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale) {
    marginalCrossEntropy
        .on(logits.dtype())
        .with(loss)
        .with(logits)
        .with(cuSeqlens)
        .with(marks)
        .with(gradientScale)
        .with(loss.rows())
        .with(logits.rows())
        .launch();
  }

  @Override
  protected void computeSquaredError(
      Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale) {
    squaredError
        .on(x.dtype())
        .with(loss)
        .with(x)
        .with(bias)
        .with(targets)
        .with(weights)
        .with(gradientScale)
        .with(x.rows())
        .launch();
  }
}

package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Loss;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of losses and leaves the rest to the listener. */
final class InterceptedLoss extends Loss {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedLoss(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeContrastiveLoss(
      Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    if (listener != null) {
      listener.call("contrastiveLoss", loss, similarities, groups, temperature);
    }
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale) {
    if (listener != null) {
      listener.call("softmaxCrossEntropy", loss, logits, bias, labels, gradientScale);
    }
  }

  @Override
  protected void computeSegmentCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale) {
    if (listener != null) {
      listener.call("segmentCrossEntropy", loss, logits, cuSeqlens, labels, gradientScale);
    }
  }

  @Override
  protected void computeMarginalCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale) {
    if (listener != null) {
      listener.call("marginalCrossEntropy", loss, logits, cuSeqlens, marks, gradientScale);
    }
  }

  @Override
  protected void computeSquaredError(
      Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale) {
    if (listener != null) {
      listener.call("squaredError", loss, x, bias, targets, weights, gradientScale);
    }
  }
}

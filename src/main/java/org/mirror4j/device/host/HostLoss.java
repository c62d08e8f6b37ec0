package org.mirror4j.device.host;

import org.mirror4j.device.operation.Loss;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Losses with their gradients. */
final class HostLoss extends Loss {
  private final HostContrastiveLoss contrastiveLoss;
  private final HostCrossEntropy crossEntropy;
  private final HostSegmentCrossEntropy segmentCrossEntropy;
  private final HostMarginalCrossEntropy marginalCrossEntropy;
  private final HostSquaredError squaredError;

  HostLoss(OperandCheck check, HostThreads threads, HostScratch[] scratch) {
    super(check);
    contrastiveLoss = new HostContrastiveLoss(threads, scratch);
    crossEntropy = new HostCrossEntropy(threads, scratch);
    segmentCrossEntropy = new HostSegmentCrossEntropy(threads, scratch);
    marginalCrossEntropy = new HostMarginalCrossEntropy(threads, scratch);
    squaredError = new HostSquaredError(scratch[0]);
  }

  @Override
  protected void computeContrastiveLoss(
      Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    contrastiveLoss.contrastiveLoss(loss, similarities, groups, temperature);
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale) {
    HostIndices.requireBelowOrNone("softmaxCrossEntropy", labels, logits.columns());
    crossEntropy.softmaxCrossEntropy(loss, logits, bias, labels, gradientScale);
  }

  @Override
  protected void computeSegmentCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale) {
    HostIndices.requireLeadingSequences("segmentCrossEntropy", cuSeqlens, logits.rows());
    HostIndices.requireRowsOrNone("segmentCrossEntropy", labels, cuSeqlens);
    segmentCrossEntropy.segmentCrossEntropy(loss, logits, cuSeqlens, labels, gradientScale);
  }

  @Override
  protected void computeMarginalCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale) {
    HostIndices.requireLeadingSequences("marginalCrossEntropy", cuSeqlens, logits.rows());
    HostIndices.requireBelow("marginalCrossEntropy", marks, 2);
    marginalCrossEntropy.marginalCrossEntropy(loss, logits, cuSeqlens, marks, gradientScale);
  }

  @Override
  protected void computeSquaredError(
      Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale) {
    squaredError.squaredError(loss, x, bias, targets, weights, gradientScale);
  }
}

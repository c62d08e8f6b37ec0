package org.mirror4j.objective;

import org.mirror4j.bert.BatchTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Contrastive loss of Mirror-BERT (Liu et al. 2021, eq. 1 with the positive in the denominator, as
 * the released code has it): hidden states are pooled, normalised, compared, and the normalised
 * temperature-scaled cross entropy is taken over all 2N views of a batch.
 */
public final class ContrastiveObjective {
  private final Device device;
  private final Pooling pooling;
  private final float temperature;
  private final Tensor pooled;
  private final Tensor normalized;
  private final Tensor norm;
  private final Tensor similarities;
  private final Tensor loss;
  private final Tensor groups;
  private final Tensor dNormalized;
  private final Tensor dPooled;
  private final float[] losses;

  /**
   * Plans the buffers.
   *
   * @param device may be null when {@code workspace} only counts
   * @param views sequences of a batch, 2N
   * @param temperature divides the cosines, positive
   */
  public ContrastiveObjective(
      Device device,
      Workspace workspace,
      int hiddenSize,
      int views,
      Pooling pooling,
      float temperature) {
    this.device = device;
    this.pooling = pooling;
    this.temperature = temperature;
    pooled = workspace.f32("pooled", views, hiddenSize);
    normalized = workspace.f32("normalized", views, hiddenSize);
    norm = workspace.f32("norm", views);
    similarities = workspace.f32("similarities", views, views);
    loss = workspace.f32("loss", views);
    groups = workspace.i32("groups", views);
    dNormalized = workspace.f32("dNormalized", views, hiddenSize);
    dPooled = workspace.f32("dPooled", views, hiddenSize);
    losses = new float[views];
  }

  /**
   * Takes which views are no negatives of each other, before {@link #gradient}.
   *
   * @param groups one number a view, equal for views that are not negatives of each other
   */
  public void groups(int[] groups) {
    device.upload(this.groups, groups);
  }

  /**
   * Computes the loss of a batch and its gradient by the hidden states, times a scale. Launches
   * operations and nothing else.
   *
   * @param dHidden [tokens, hidden], overwritten
   * @param hidden [tokens, hidden]
   * @param batch first views of all items, then second views
   * @param lossScale what the gradient is multiplied by
   */
  public void gradient(Tensor dHidden, Tensor hidden, BatchTensors batch, float lossScale) {
    Kernels kernels = device.kernels();
    kernels.pool(pooled, hidden, batch.textCuSeqlens(), batch.textKeyLengths(), pooling);
    kernels.normalizeRows(normalized, norm, pooled);
    kernels.gemm(GemmSpec.NT, similarities, normalized, normalized);
    kernels.contrastiveLoss(loss, similarities, groups, temperature);
    if (lossScale != 1) {
      kernels.scale(similarities, lossScale);
    }
    // The similarity of i and j depends on both: dU = (G + G^T) U.
    kernels.gemm(GemmSpec.NN, dNormalized, similarities, normalized);
    kernels.gemm(GemmSpec.TN_ADD, dNormalized, similarities, normalized);
    kernels.normalizeRowsBackward(dPooled, dNormalized, normalized, norm);
    kernels.poolBackward(dHidden, dPooled, batch.textCuSeqlens(), batch.textKeyLengths(), pooling);
  }

  /** Mean loss over the views, once it is computed. */
  public double loss() {
    device.download(losses, loss);
    return Losses.mean(losses, losses.length);
  }
}

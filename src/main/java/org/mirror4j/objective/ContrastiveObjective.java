package org.mirror4j.objective;

import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Contrastive loss of Mirror-BERT (Liu et al. 2021, eq. 1 with the positive in the denominator, as
 * the released code has it): the vectors of all 2N views of a batch are normalised and compared,
 * and the normalised temperature-scaled cross entropy is taken over them. In f32 in each precision:
 * gradients by the cosines of a vector add up to about zero, so that in a sum of vectors that are
 * alike little is left but the roundings of its terms.
 */
public final class ContrastiveObjective {
  private final Device device;
  private final float temperature;
  private final Tensor normalized;
  private final Tensor norm;
  private final Tensor similarities;
  private final Tensor groups;
  private final Tensor dNormalized;
  private final RowLosses losses;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param views sequences of a batch, 2N
   * @param temperature divides the cosines, positive
   */
  public ContrastiveObjective(
      Device device, Workspace workspace, int hiddenSize, int views, float temperature) {
    this.device = device.computing(Precision.F32);
    this.temperature = temperature;
    normalized = workspace.f32("normalized", views, hiddenSize);
    norm = workspace.f32("norm", views);
    similarities = workspace.f32("similarities", views, views);
    losses = new RowLosses(device, workspace.f32("loss", views));
    groups = workspace.i32("groups", views);
    dNormalized = workspace.f32("dNormalized", views, hiddenSize);
  }

  /**
   * Takes which views are no negatives of each other, before {@link #gradient}.
   *
   * @param groups one number a view, equal for views that are not negatives of each other
   */
  public void groups(int[] groups) {
    device.prefetch(this.groups, groups);
  }

  /**
   * Computes the loss of a batch and its gradient by the vectors, times a scale. Launches
   * operations and nothing else.
   *
   * @param dVectors f32[views, hidden], overwritten
   * @param vectors f32[views, hidden], first views of all items, then second views
   * @param lossScale what the gradient is multiplied by
   */
  public void gradient(Tensor dVectors, Tensor vectors, float lossScale) {
    Kernels kernels = device.kernels();
    kernels.row().normalizeRows(normalized, norm, vectors);
    kernels.product().gemm(GemmSpec.NT, similarities, normalized, normalized);
    kernels.loss().contrastiveLoss(losses.tensor(), similarities, groups, temperature);
    if (lossScale != 1) {
      kernels.optimizer().scale(similarities, lossScale);
    }
    // The similarity of i and j depends on both: dU = (G + G^T) U.
    kernels.product().gemm(GemmSpec.NN, dNormalized, similarities, normalized);
    kernels.product().gemm(GemmSpec.TN_ADD, dNormalized, similarities, normalized);
    kernels.row().normalizeRowsBackward(dVectors, dNormalized, normalized, norm);
  }

  /** Mean loss over the views, once it is computed. */
  public double loss() {
    return losses.mean();
  }
}

package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.djl.DjlContrastiveLoss;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** The contrastive loss of a batch of pooled vectors and its gradient by them. */
record ContrastiveLoss(int views, int hidden) implements MeasuredOperation {
  private static final float TEMPERATURE = 0.04f;

  @Override
  public Work work() {
    return Work.products(views, "views", 3 * 2.0 * views * views * hidden);
  }

  @Override
  public EngineSide engine(Buffers buffers, Dropout dropout) {
    Kernels kernels = buffers.device().kernels();
    Tensor pooled = buffers.gaussianTensor(1, views, hidden);
    Tensor unit = buffers.empty(views, hidden);
    Tensor norm = buffers.empty(views);
    Tensor similarities = buffers.empty(views, views);
    Tensor loss = buffers.empty(views);
    Tensor dUnit = buffers.empty(views, hidden);
    Tensor dPooled = buffers.empty(views, hidden);
    int[] groups = new int[views];
    for (int view = 0; view < views; view++) {
      groups[view] = view % (views / 2);
    }
    Tensor distinct = buffers.integers(groups);
    return new EngineSide() {
      @Override
      public void run() {
        kernels.row().normalizeRows(unit, norm, pooled);
        kernels.product().gemm(GemmSpec.NT, similarities, unit, unit);
        kernels.loss().contrastiveLoss(loss, similarities, distinct, TEMPERATURE);
        kernels.product().gemm(GemmSpec.NN, dUnit, similarities, unit);
        kernels.product().gemm(GemmSpec.TN_ADD, dUnit, similarities, unit);
        kernels.row().normalizeRowsBackward(dPooled, dUnit, unit, norm);
      }

      @Override
      public float[] result() {
        return buffers.download(dPooled);
      }
    };
  }

  @Override
  public RivalSide rival(NDManager manager, float dropoutRate) {
    NDArray pooled = manager.create(Buffers.gaussian(1, views, hidden), new Shape(views, hidden));
    DjlContrastiveLoss loss = new DjlContrastiveLoss(manager, views, TEMPERATURE);
    return new RivalSide() {
      @Override
      public List<NDArray> inputs() {
        return List.of(pooled);
      }

      @Override
      public NDArray forward(List<NDArray> inputs) {
        return loss.forward(inputs.getFirst());
      }
    };
  }
}

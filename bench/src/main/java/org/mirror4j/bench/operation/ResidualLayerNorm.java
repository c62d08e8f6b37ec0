package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.djl.DjlOperations;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.tensor.Tensor;

/** {@code LayerNorm(dropout(x + bias) + residual)}, the end of a block. */
record ResidualLayerNorm(int rows, int hidden) implements MeasuredOperation {
  private static final float EPSILON = 1e-12f;

  @Override
  public Work work() {
    // Forward reads x and residual and writes sum and y; backward reads dY and the sum and writes
    // the gradients of x and residual.
    return Work.movement((double) rows * hidden, "elements", 32.0 * rows * hidden);
  }

  @Override
  public EngineSide engine(Buffers buffers, Dropout dropout) {
    Kernels kernels = buffers.device().kernels();
    Tensor x = buffers.gaussianTensor(1, rows, hidden);
    Tensor residual = buffers.gaussianTensor(2, rows, hidden);
    Tensor bias = buffers.gaussianTensor(3, hidden);
    Tensor gamma = buffers.gaussianTensor(4, hidden);
    Tensor beta = buffers.gaussianTensor(5, hidden);
    Tensor z = buffers.empty(rows, hidden);
    Tensor y = buffers.empty(rows, hidden);
    Tensor mean = buffers.empty(rows);
    Tensor rstd = buffers.empty(rows);
    Tensor dY = buffers.ones(rows, hidden);
    Tensor dResidual = buffers.empty(rows, hidden);
    Tensor dX = buffers.empty(rows, hidden);
    Tensor dGamma = buffers.empty(hidden);
    Tensor dBeta = buffers.empty(hidden);
    Tensor dBias = buffers.empty(hidden);
    Norm.ResidualLayerNorm forward =
        new Norm.ResidualLayerNorm(
            new Norm.LayerNorm(y, z, mean, rstd, gamma, beta, EPSILON),
            residual,
            bias,
            DropoutSite.FEED_FORWARD_OUTPUT.in(0));
    Norm.ResidualLayerNormBackward backward =
        new Norm.ResidualLayerNormBackward(forward, dResidual, dX, dY, dGamma, dBeta, dBias);
    return new EngineSide() {
      @Override
      public void run() {
        // A step has x in z already: the copy is the benchmark's.
        kernels.memory().copy(z, x);
        kernels.norm().residualLayerNorm(forward, dropout);
        kernels.norm().residualLayerNormBackward(backward, dropout);
      }

      @Override
      public float[] result() {
        return buffers.download(dX);
      }
    };
  }

  @Override
  public RivalSide rival(NDManager manager, float dropoutRate) {
    Shape shape = new Shape(rows, hidden);
    Shape vector = new Shape(hidden);
    List<NDArray> arrays =
        List.of(
            manager.create(Buffers.gaussian(1, rows, hidden), shape),
            manager.create(Buffers.gaussian(2, rows, hidden), shape),
            manager.create(Buffers.gaussian(3, hidden), vector),
            manager.create(Buffers.gaussian(4, hidden), vector),
            manager.create(Buffers.gaussian(5, hidden), vector));
    return new RivalSide() {
      @Override
      public List<NDArray> inputs() {
        return arrays;
      }

      @Override
      public NDArray forward(List<NDArray> inputs) {
        NDArray dropped = DjlOperations.drop(inputs.get(0).add(inputs.get(2)), dropoutRate);
        return DjlOperations.norm(
            dropped.add(inputs.get(1)), inputs.get(3), inputs.get(4), EPSILON);
      }
    };
  }
}

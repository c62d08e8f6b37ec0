package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.List;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** {@code gelu(x + bias)} of the feed-forward block. */
record BiasGelu(int rows, int columns) implements MeasuredOperation {
  @Override
  public Work work() {
    // Forward reads x and writes y, backward reads x and dY and writes dX.
    return Work.movement((double) rows * columns, "elements", 20.0 * rows * columns);
  }

  @Override
  public EngineSide engine(Buffers buffers, Dropout dropout) {
    Kernels kernels = buffers.device().kernels();
    Tensor x = buffers.gaussianTensor(1, rows, columns);
    Tensor bias = buffers.gaussianTensor(2, columns);
    Tensor y = buffers.empty(rows, columns);
    Tensor dY = buffers.ones(rows, columns);
    Tensor dX = buffers.empty(rows, columns);
    Tensor dBias = buffers.empty(columns);
    return new EngineSide() {
      @Override
      public void run() {
        kernels.activation().biasGelu(y, x, bias, GeluForm.ERF);
        kernels.activation().biasGeluBackward(dX, dBias, dY, x, bias, GeluForm.ERF);
      }

      @Override
      public float[] result() {
        return buffers.download(dX);
      }
    };
  }

  @Override
  public RivalSide rival(NDManager manager, float dropoutRate) {
    NDArray x = manager.create(Buffers.gaussian(1, rows, columns), new Shape(rows, columns));
    NDArray bias = manager.create(Buffers.gaussian(2, columns), new Shape(columns));
    return new RivalSide() {
      @Override
      public List<NDArray> inputs() {
        return List.of(x, bias);
      }

      @Override
      public NDArray forward(List<NDArray> inputs) {
        return Activation.gelu(inputs.get(0).add(inputs.get(1)));
      }
    };
  }
}

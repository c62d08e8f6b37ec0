package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import java.util.List;
import java.util.Random;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** Softmax cross entropy over a vocabulary, bias included. */
record CrossEntropy(int rows, int vocabulary) implements MeasuredOperation {
  @Override
  public Work work() {
    // The logits are read and their gradient is written.
    return Work.movement((double) rows * vocabulary, "elements", 8.0 * rows * vocabulary);
  }

  private int[] labels() {
    return new Random(3).ints(rows, 0, vocabulary).toArray();
  }

  @Override
  public EngineSide engine(Buffers buffers, Dropout dropout) {
    Kernels kernels = buffers.device().kernels();
    Tensor input = buffers.gaussianTensor(1, rows, vocabulary);
    Tensor bias = buffers.gaussianTensor(2, vocabulary);
    Tensor labels = buffers.integers(labels());
    Tensor scale = buffers.empty(1);
    kernels.memory().fill(scale, 1f / rows);
    Tensor logits = buffers.empty(rows, vocabulary);
    Tensor loss = buffers.empty(rows);
    Tensor dBias = buffers.empty(vocabulary);
    return new EngineSide() {
      @Override
      public void run() {
        // The gradient takes the place of the logits: the copy is the benchmark's.
        kernels.memory().copy(logits, input);
        kernels.loss().softmaxCrossEntropy(loss, logits, bias, labels, scale);
        kernels.activation().biasGradient(dBias, logits);
      }

      @Override
      public float[] result() {
        return buffers.download(logits);
      }
    };
  }

  @Override
  public RivalSide rival(NDManager manager, float dropoutRate) {
    NDArray logits =
        manager.create(Buffers.gaussian(1, rows, vocabulary), new Shape(rows, vocabulary));
    NDArray bias = manager.create(Buffers.gaussian(2, vocabulary), new Shape(vocabulary));
    NDArray labels = manager.create(labels(), new Shape(rows));
    return new RivalSide() {
      @Override
      public List<NDArray> inputs() {
        return List.of(logits, bias);
      }

      @Override
      public NDArray forward(List<NDArray> inputs) {
        NDArray biased = inputs.get(0).add(inputs.get(1));
        return Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(biased));
      }
    };
  }
}

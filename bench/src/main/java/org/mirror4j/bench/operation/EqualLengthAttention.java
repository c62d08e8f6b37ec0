package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.djl.DjlOperations;
import org.mirror4j.device.operation.Attention.Backward;
import org.mirror4j.device.operation.Attention.Forward;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/**
 * Self-attention of all heads, biases included, on sequences of one length: what padding costs the
 * rival is not counted here.
 */
record EqualLengthAttention(int sequences, int length, int hidden, int heads)
    implements MeasuredOperation {
  private int rows() {
    return sequences * length;
  }

  @Override
  public Work work() {
    // Scores and context forward; recomputed scores, dProbabilities, dQ, dK, dV backward.
    double products = 7.0 * 2 * rows() * length * hidden;
    return Work.products((double) rows(), "tokens", products);
  }

  @Override
  public EngineSide engine(Buffers buffers, Dropout dropout) {
    Kernels kernels = buffers.device().kernels();
    Tensor input = buffers.empty(rows(), 3 * hidden);
    buffers.device().upload(input, sideBySide());
    Tensor qkv = buffers.empty(rows(), 3 * hidden);
    Tensor bias = buffers.gaussianTensor(4, 3 * hidden);
    Tensor context = buffers.empty(rows(), hidden);
    Tensor logSumExp = buffers.empty(rows(), heads);
    Tensor dContext = buffers.ones(rows(), hidden);
    Tensor dQkv = buffers.empty(rows(), 3 * hidden);
    Tensor dBias = buffers.empty(3 * hidden);
    int[] starts = new int[sequences + 1];
    int[] lengths = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      lengths[s] = length;
      starts[s + 1] = starts[s] + length;
    }
    Tensor cuSeqlens = buffers.integers(starts);
    Tensor keyLengths = buffers.integers(lengths);
    Forward forward = new Forward(context, logSumExp, qkv, bias, cuSeqlens, keyLengths, heads, 0);
    Backward backward = new Backward(forward, dQkv, dBias, dContext);
    return new EngineSide() {
      @Override
      public void run() {
        // The bias is added in place: the copy is the benchmark's.
        kernels.memory().copy(qkv, input);
        kernels.attention().attention(forward, length, dropout);
        kernels.attention().attentionBackward(backward, length, dropout);
      }

      @Override
      public float[] result() {
        float[] all = buffers.download(dQkv);
        float[] queries = new float[rows() * hidden];
        for (int row = 0; row < rows(); row++) {
          System.arraycopy(all, row * 3 * hidden, queries, row * hidden, hidden);
        }
        return queries;
      }
    };
  }

  /** Queries, keys and values of each row after another. */
  private float[] sideBySide() {
    float[] all = new float[rows() * 3 * hidden];
    for (int part = 0; part < 3; part++) {
      float[] values = Buffers.gaussian(1 + part, rows(), hidden);
      for (int row = 0; row < rows(); row++) {
        System.arraycopy(values, row * hidden, all, (row * 3 + part) * hidden, hidden);
      }
    }
    return all;
  }

  @Override
  public RivalSide rival(NDManager manager, float dropoutRate) {
    Shape shape = new Shape(sequences, length, hidden);
    NDArray[] arrays = new NDArray[6];
    float[] bias = Buffers.gaussian(4, 3 * hidden);
    for (int part = 0; part < 3; part++) {
      arrays[part] = manager.create(Buffers.gaussian(1 + part, rows(), hidden), shape);
      arrays[3 + part] =
          manager.create(
              Arrays.copyOfRange(bias, part * hidden, (part + 1) * hidden), new Shape(hidden));
    }
    NDArray root = manager.create((float) Math.sqrt((double) hidden / heads));
    NDArray mask = manager.zeros(new Shape(sequences, 1, 1, length));
    return new RivalSide() {
      @Override
      public List<NDArray> inputs() {
        return List.of(arrays);
      }

      @Override
      public NDArray forward(List<NDArray> inputs) {
        return DjlOperations.attention(
            new DjlOperations.Projections(
                inputs.get(0).add(inputs.get(3)),
                inputs.get(1).add(inputs.get(4)),
                inputs.get(2).add(inputs.get(5))),
            heads,
            root,
            mask,
            dropoutRate);
      }
    };
  }
}

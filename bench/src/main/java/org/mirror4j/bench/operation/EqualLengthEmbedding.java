package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.djl.DjlOperations;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Embedding.Backward;
import org.mirror4j.device.operation.Embedding.Forward;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch;

/** Sum of the embeddings, LayerNorm and dropout, on sequences of one length. */
record EqualLengthEmbedding(int sequences, int length, int hidden, int vocabulary)
    implements MeasuredOperation {
  private static final float EPSILON = 1e-12f;
  private static final int POSITIONS = 512;

  private int rows() {
    return sequences * length;
  }

  @Override
  public Work work() {
    return Work.movement(rows(), "tokens", 0);
  }

  private int[][] ids() {
    Random random = new Random(9);
    int[][] ids = new int[sequences][];
    for (int s = 0; s < sequences; s++) {
      ids[s] = random.ints(length, 1000, vocabulary).toArray();
    }
    return ids;
  }

  @Override
  public EngineSide engine(Buffers buffers, Dropout dropout) {
    Kernels kernels = buffers.device().kernels();
    PackedBatch batch = PackedBatch.of(ids(), PackedBatch.Positions.BERT);
    Tensor word = buffers.gaussianTensor(1, vocabulary, hidden);
    Tensor position = buffers.gaussianTensor(2, POSITIONS, hidden);
    Tensor type = buffers.gaussianTensor(3, 2, hidden);
    Tensor gamma = buffers.gaussianTensor(4, hidden);
    Tensor beta = buffers.gaussianTensor(5, hidden);
    Tensor tokenIds = buffers.integers(batch.tokenIds());
    Tensor positionIds = buffers.integers(batch.positionIds());
    RowSegments words = segments(buffers, batch.words());
    RowSegments positions = segments(buffers, batch.positions());
    Tensor tokenTypeIds = buffers.integers(new int[rows()]);
    RowSegments tokenTypes = segments(buffers, batch.tokenTypes());
    Tensor y = buffers.empty(rows(), hidden);
    Tensor z = buffers.empty(rows(), hidden);
    Tensor mean = buffers.empty(rows());
    Tensor rstd = buffers.empty(rows());
    Tensor dY = buffers.empty(rows(), hidden);
    Tensor dWord = buffers.empty(vocabulary, hidden);
    Tensor dPosition = buffers.empty(POSITIONS, hidden);
    Tensor dType = buffers.empty(2, hidden);
    Tensor dGamma = buffers.empty(hidden);
    Tensor dBeta = buffers.empty(hidden);
    Forward forward =
        new Forward(
            new Norm.LayerNorm(y, z, mean, rstd, gamma, beta, EPSILON),
            tokenIds,
            positionIds,
            tokenTypeIds,
            word,
            position,
            type);
    Backward backward =
        new Backward(
            forward, dY, dWord, dPosition, dType, dGamma, dBeta, words, positions, tokenTypes);
    return new EngineSide() {
      @Override
      public void run() {
        kernels.embedding().embed(forward, dropout);
        // Destroyed by each call.
        kernels.memory().fill(dY, 1);
        kernels.embedding().embedBackward(backward, dropout);
      }

      @Override
      public float[] result() {
        return buffers.download(dWord);
      }
    };
  }

  private static RowSegments segments(Buffers buffers, PackedBatch.Groups groups) {
    return new RowSegments(
        buffers.integers(groups.order()),
        buffers.integers(groups.keys()),
        buffers.integers(groups.starts()));
  }

  @Override
  public RivalSide rival(NDManager manager, float dropoutRate) {
    long[] ids = Arrays.stream(ids()).flatMapToInt(Arrays::stream).asLongStream().toArray();
    NDArray tokenIds = manager.create(ids, new Shape(sequences, length));
    Shape vector = new Shape(hidden);
    List<NDArray> arrays =
        List.of(
            manager.create(Buffers.gaussian(1, vocabulary, hidden), new Shape(vocabulary, hidden)),
            manager.create(Buffers.gaussian(2, POSITIONS, hidden), new Shape(POSITIONS, hidden)),
            manager.create(Buffers.gaussian(3, 2, hidden), new Shape(2, hidden)),
            manager.create(Buffers.gaussian(4, hidden), vector),
            manager.create(Buffers.gaussian(5, hidden), vector));
    return new RivalSide() {
      @Override
      public List<NDArray> inputs() {
        return arrays;
      }

      @Override
      public NDArray forward(List<NDArray> inputs) {
        return DjlOperations.embed(
            tokenIds,
            new DjlOperations.Embeddings(
                inputs.get(0), inputs.get(1), inputs.get(2), inputs.get(3), inputs.get(4)),
            EPSILON,
            dropoutRate);
      }
    };
  }
}

package org.mirror4j.device.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/** Forward pass of attention: {@link org.mirror4j.device.Kernels#attention}. */
final class HostAttention extends PackedAttention {
  private static final int LANES = VectorMath.LANES;

  private long context;
  private long logSumExp;
  private long qkv;
  private long bias;

  HostAttention(HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch) {
    super(threads, multipliers, scratch);
  }

  void attention(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    this.context = context.address();
    this.logSumExp = logSumExp.address();
    this.qkv = qkv.address();
    this.bias = bias.address();
    launch(cuSeqlens, keyLengths, context, maxSeqlen, heads, dropout, layer);
  }

  @Override
  void head(int first, int rows, int keys, int sequence, int head, int worker) {
    int stride = SmallProducts.stride(keys);
    long scores =
        scratch(
            worker,
            scoreFloats(rows, stride)
                + (long) headSize * stride
                + multiplierFloats(keys)
                + drawFloats());
    long transposed = scores + 4 * scoreFloats(rows, stride);
    long multipliers = transposed + 4L * headSize * stride;
    float headScale = headScale(sequence, head, multipliers + 4 * multiplierFloats(keys));

    int width = 3 * hidden;
    long q = qkv + 4 * ((long) first * width + head * headSize);
    long k = q + 4L * hidden;
    long v = k + 4L * hidden;
    long headBias = bias + 4L * head * headSize;
    SmallProducts.addToRows(q, width, rows, headBias, headSize);
    SmallProducts.addToRows(k, width, rows, headBias + 4L * hidden, headSize);
    SmallProducts.addToRows(v, width, rows, headBias + 8L * hidden, headSize);

    dots(scores, stride, q, width, rows, k, width, keys, transposed, worker);
    for (int i = 0; i < rows; i++) {
      probabilities(scores + 4L * i * stride, keys, first + i, head, headScale, multipliers);
    }
    long out = context + 4 * ((long) first * hidden + head * headSize);
    weighted(out, hidden, rows, scores, stride, v, width, keys, 1, worker);
  }

  /** A row of scores becomes what its values are weighted with. */
  private void probabilities(
      long scores, int keys, int row, int head, float headScale, long multipliers) {
    float max = max(scores, keys);
    float sum = exponentials(scores, keys, scale, max);
    HostMemory.f32(logSumExp, (long) row * heads() + head, (float) (scale * max + Math.log(sum)));
    float factor = headScale / sum;
    if (dropsProbabilities()) {
      multipliers(multipliers, row, head, keys);
      multiply(scores, multipliers, keys, factor);
    } else {
      multiply(scores, keys, factor);
    }
  }

  private static float max(long x, int count) {
    int last = VectorMath.bound(count - 1);
    FloatVector m = withoutRest(x, last, count, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < last; j += LANES) {
      m = m.max(VectorMath.load(x, j));
    }
    return m.reduceLanes(VectorOperators.MAX);
  }

  /** The last vector of a row of scores, {@code rest} in the lanes past its end. */
  private static FloatVector withoutRest(long x, int index, int count, float rest) {
    return FloatVector.broadcast(VectorMath.SPECIES, rest)
        .blend(VectorMath.load(x, index), VectorMath.tail(index, count));
  }

  /** {@code x = exp(scale (x - max))}; 0 past the end of the row. Returns the sum. */
  private static float exponentials(long x, int count, float scale, float max) {
    int last = VectorMath.bound(count - 1);
    FloatVector shift = FloatVector.broadcast(VectorMath.SPECIES, max);
    FloatVector sum = FloatVector.zero(VectorMath.SPECIES);
    for (int j = 0; j < last; j += LANES) {
      FloatVector e = VectorMath.exp(VectorMath.load(x, j).sub(shift).mul(scale));
      VectorMath.store(e, x, j);
      sum = sum.add(e);
    }
    return VectorMath.sum(sum.add(lastExponentials(x, last, count, scale, shift)));
  }

  private static FloatVector lastExponentials(
      long x, int index, int count, float scale, FloatVector shift) {
    FloatVector scores = withoutRest(x, index, count, Float.NEGATIVE_INFINITY);
    FloatVector e = VectorMath.exp(scores.sub(shift).mul(scale));
    VectorMath.store(e, x, index);
    return e;
  }

  private static void multiply(long x, int count, float factor) {
    for (int j = 0; j < count; j += LANES) {
      VectorMath.store(VectorMath.load(x, j).mul(factor), x, j);
    }
  }

  private static void multiply(long x, long by, int count, float factor) {
    for (int j = 0; j < count; j += LANES) {
      VectorMath.store(VectorMath.load(x, j).mul(factor).mul(VectorMath.load(by, j)), x, j);
    }
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/** Forward pass of attention: {@link org.mirror4j.device.Kernels#attention}. */
final class HostAttention extends PackedAttention {
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
    int whole = SPECIES.loopBound(count);
    float max = whole > 0 ? wholeMax(x, whole) : Float.NEGATIVE_INFINITY;
    return whole < count ? Math.max(max, lastMax(x, whole, count)) : max;
  }

  private static float wholeMax(long x, int count) {
    FloatVector max = fromMemorySegment(SPECIES, ALL, x, ORDER);
    for (int j = LANES; j < count; j += LANES) {
      max = max.max(fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  private static float lastMax(long x, int index, int count) {
    return FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY)
        .blend(
            fromMemorySegment(SPECIES, ALL, x + 4L * index, ORDER),
            SPECIES.indexInRange(index, count))
        .reduceLanes(VectorOperators.MAX);
  }

  /** {@code x = exp(scale (x - max))}, 0 in the lanes past the end of the row; the sum. */
  private static float exponentials(long x, int count, float scale, float max) {
    int whole = SPECIES.loopBound(count);
    float sum = whole > 0 ? wholeExponentials(x, whole, scale, max) : 0;
    return whole < count ? sum + lastExponentials(x, whole, count, scale, max) : sum;
  }

  private static float wholeExponentials(long x, int count, float scale, float max) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int j = 0; j < count; j += LANES) {
      FloatVector shifted = fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER).sub(max).mul(scale);
      SPECIES.loopBound(0); // see VectorMath
      FloatVector e = VectorMath.exp(shifted);
      e.intoMemorySegment(ALL, x + 4L * j, ORDER);
      sum = sum.add(e);
    }
    SPECIES.loopBound(0);
    return VectorMath.sum(sum);
  }

  private static float lastExponentials(long x, int index, int count, float scale, float max) {
    FloatVector shifted =
        FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY)
            .blend(
                fromMemorySegment(SPECIES, ALL, x + 4L * index, ORDER).sub(max).mul(scale),
                SPECIES.indexInRange(index, count));
    SPECIES.loopBound(0);
    FloatVector e = VectorMath.exp(shifted);
    e.intoMemorySegment(ALL, x + 4L * index, ORDER);
    SPECIES.loopBound(0);
    return VectorMath.sum(e);
  }

  private static void multiply(long x, int count, float factor) {
    for (int j = 0; j < count; j += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER)
          .mul(factor)
          .intoMemorySegment(ALL, x + 4L * j, ORDER);
    }
  }

  private static void multiply(long x, long by, int count, float factor) {
    for (int j = 0; j < count; j += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER)
          .mul(factor)
          .mul(fromMemorySegment(SPECIES, ALL, by + 4L * j, ORDER))
          .intoMemorySegment(ALL, x + 4L * j, ORDER);
    }
  }
}

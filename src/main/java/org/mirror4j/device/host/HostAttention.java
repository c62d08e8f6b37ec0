package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/** Forward pass of attention: {@link org.mirror4j.device.Kernels#attention}. */
final class HostAttention extends PackedAttention {
  private long logSumExp;
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
      int heads,
      Dropout dropout,
      int layer) {
    this.logSumExp = logSumExp.address();
    this.bias = bias.address();
    launch(4, qkv, context, cuSeqlens, keyLengths, heads, dropout, layer);
  }

  @Override
  Stage[] stages() {
    return new Stage[] {
      this::addBias, this::scores, this::shift, this::exponentials, this::weights, this::context
    };
  }

  private void addBias(AttentionHead work) {
    for (int third = 0; third < 3; third++) {
      long first = first(work, third);
      long block = StoredBlock.load(qkv, first, work.rows, headSize, block(work, third));
      long headBias = bias + 4L * (third * hidden + work.head * headSize);
      SmallProducts.addToRows(block, qkvStride, work.rows, headBias, headSize);
      StoredBlock.round(qkv, first, work.rows, headSize, block);
      work.qkv[third] = block;
    }
  }

  private void scores(AttentionHead work) {
    dots(work, work.scores, work.qkv[0], qkvStride, work.qkv[1], qkvStride);
  }

  /** The largest score of a row becomes 0; what lies between a row and its stride, -infinity. */
  private void shift(AttentionHead work) {
    for (int i = 0; i < work.rows; i++) {
      long row = work.scores + 4L * i * work.stride;
      for (int j = work.keys; j < work.stride; j++) {
        HostMemory.f32(row, j, Float.NEGATIVE_INFINITY);
      }
      float max = RowLoops.max(row, work.stride, work.multipliers); // not drawn yet
      RowLoops.shift(row, row, max, scale, work.stride);
      HostMemory.f32(work.rowValues, i, max);
    }
  }

  /** Scores become exponentials; row values, one over their sums. */
  private void exponentials(AttentionHead work) {
    VectorMath.exp(work.scores, work.rows * work.stride);
    for (int i = 0; i < work.rows; i++) {
      long row = work.scores + 4L * i * work.stride;
      float sum = RowLoops.total(row, work.stride, work.multipliers); // not drawn yet
      HostMemory.f32(
          logSumExp,
          (long) (work.first + i) * heads + work.head,
          (float) ((double) scale * HostMemory.f32(work.rowValues, i) + StrictMath.log(sum)));
      HostMemory.f32(work.rowValues, i, 1 / sum);
    }
  }

  /** Exponentials become what values are weighted with. */
  private void weights(AttentionHead work) {
    boolean drops = dropsProbabilities();
    for (int i = 0; i < work.rows; i++) {
      long row = work.scores + 4L * i * work.stride;
      float factor = work.headScale * HostMemory.f32(work.rowValues, i);
      if (drops) {
        drawMultipliers(work, i);
        multiply(row, work.multipliers, work.keys, factor);
      } else {
        multiply(row, work.keys, factor);
      }
    }
  }

  private void context(AttentionHead work) {
    long first = first(work);
    long block = StoredRow.room(context, first, block(work, 3));
    weighted(work, block, contextStride, work.scores, work.qkv[2], qkvStride, 1);
    StoredBlock.store(context, first, work.rows, headSize, block);
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

package org.mirror4j.device.host;

import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.Attention.Forward;
import org.mirror4j.device.operation.Dropout;

/** Forward pass of attention: {@link org.mirror4j.device.operation.Attention#attention}. */
final class HostAttentionForward extends PackedAttention {
  private long logSumExp;
  private long bias;

  HostAttentionForward(HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch) {
    super(threads, multipliers, scratch);
  }

  void attention(Forward operands, Dropout dropout) {
    logSumExp = operands.logSumExp().address();
    bias = operands.bias().address();
    launch(4, operands, dropout);
  }

  @Override
  Stage[] stages() {
    return new Stage[] {
      this::load,
      this::transposeKeys,
      this::scores,
      this::shift,
      this::exponentials,
      this::sums,
      this::weights,
      this::context
    };
  }

  /** Adds the bias to the columns of some heads, whole stretches of a row at a time. */
  @Override
  void begin(AttentionHead work, int firstHead, int count) {
    int width = count * headSize;
    long scratch = floats(work, width);
    for (int i = 0; i < work.rows; i++) {
      for (int third = 0; third < 3; third++) {
        long column = (long) third * hidden + firstHead * headSize;
        long first = (work.first + i) * 3L * hidden + column;
        long row = StoredRow.load(qkv, first, width, scratch);
        RowLoops.add(row, bias + 4 * column, width);
        StoredRow.store(qkv, first, width, row);
      }
    }
  }

  private void load(AttentionHead work) {
    for (int third = 0; third < 3; third++) {
      long first = first(work, third);
      work.qkv[third] = StoredBlock.load(qkv, first, work.rows, headSize, block(work, third));
    }
  }

  private void transposeKeys(AttentionHead work) {
    products.transpose(work, work.qkv[1], qkvStride);
  }

  private void scores(AttentionHead work) {
    products.dots(work, work.scores, work.qkv[0], qkvStride, work.qkv[1], qkvStride);
  }

  private void shift(AttentionHead work) {
    ScoreLayout layout = work.layout;
    int stride = layout.stride();
    for (int s = 0; s < layout.sequences(); s++) {
      int row = layout.row(s);
      int rows = layout.row(s + 1) - row;
      int lane = layout.lane(s);
      int end = lane + layout.keys(s);
      long maxima = work.rowValues + 4L * row;
      if (stride == VectorMath.LANES) {
        ScoreRows.shift(work.scores(row), rows, lane, end, scale, maxima);
      } else {
        ScoreRows.shift(work.scores(row), rows, stride, lane, end, scale, maxima, work.vector);
      }
    }
  }

  private void exponentials(AttentionHead work) {
    VectorMath.exp(work.scores, work.rows * work.layout.stride());
  }

  /** Row values become one over the sums of exponentials. */
  private void sums(AttentionHead work) {
    int stride = work.layout.stride();
    for (int i = 0; i < work.rows; i++) {
      HostAllocator.f32(work.rowSums, i, RowLoops.total(work.scores(i), stride, work.vector));
    }
    RowLoops.copy(work.rowLogs, work.rowSums, work.rows);
    VectorMath.log(work.rowLogs, work.rows);
    for (int i = 0; i < work.rows; i++) {
      float max = HostAllocator.f32(work.rowValues, i);
      HostAllocator.f32(
          logSumExp,
          (long) (work.first + i) * heads + work.head,
          (float) ((double) scale * max + HostAllocator.f32(work.rowLogs, i)));
      HostAllocator.f32(work.rowValues, i, 1 / HostAllocator.f32(work.rowSums, i));
    }
  }

  /** Exponentials become what values are weighted with. */
  private void weights(AttentionHead work) {
    ScoreLayout layout = work.layout;
    int stride = layout.stride();
    int pitch = HostDropout.pitch(layout.mostKeys());
    boolean drops = drawKeepBits(work);
    for (int s = 0; s < layout.sequences(); s++) {
      float headScale = HostAllocator.f32(work.headScales, s);
      for (int i = layout.row(s); i < layout.row(s + 1); i++) {
        float factor = headScale * HostAllocator.f32(work.rowValues, i);
        if (drops) {
          long bits = work.keepBits + (long) i * pitch;
          ScoreRows.scale(work.scores(i), stride, factor, bits, layout.lane(s), keptScale());
        } else {
          RowLoops.scale(work.scores(i), work.scores(i), factor, stride);
        }
      }
    }
  }

  private void context(AttentionHead work) {
    long first = first(work);
    long block = StoredRow.room(context, first, block(work, 3));
    products.weighted(work, block, contextStride, work.scores, work.qkv[2], qkvStride, 1);
    StoredBlock.store(context, first, work.rows, headSize, block);
  }
}

package org.mirror4j.device.host;

import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.Attention.Backward;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Tensor;

/**
 * Backward pass of attention: {@link org.mirror4j.device.operation.Attention#attentionBackward}.
 * With P the probabilities and R the keep multipliers times headScale, for each head:
 *
 * <pre>
 *   D[i]  = dContext[i] . context[i]
 *   W     = R * P,                       dV = W^T dContext
 *   dS    = P * (R * (dContext V^T) - D),  dQ = dS K / sqrt(d),  dK = dS^T Q / sqrt(d)
 * </pre>
 *
 * <p>The bias gradient is summed by runs of sequences first, then over the runs in ascending order.
 */
final class HostAttentionBackward extends PackedAttention {
  /** Columns of the bias gradient that make a piece of work. */
  private static final int BIAS_COLUMNS = 256;

  private final HostScratch partialSums;
  private final HostThreads.Task addPartials = this::addPartials;

  private Tensor dQkv;
  private Tensor dContext;
  private long dBias;
  private long logSumExp;
  private long partials;
  private int runs;

  HostAttentionBackward(
      HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch, HostAllocator memory) {
    super(threads, multipliers, scratch);
    partialSums = new HostScratch(memory);
  }

  void attentionBackward(Backward operands, Dropout dropout) {
    dQkv = operands.dQkv();
    dContext = operands.dContext();
    dBias = operands.dBias().address();
    logSumExp = operands.forward().logSumExp().address();
    launch(8, operands.forward(), dropout);
    threads().run((3 * hidden + BIAS_COLUMNS - 1) / BIAS_COLUMNS, addPartials);
  }

  @Override
  void prepare(int runs) {
    this.runs = runs;
    partials = partialSums.floats(3L * hidden * runs);
  }

  @Override
  Stage[] stages() {
    return new Stage[] {
      this::load,
      this::transposeKeys,
      this::scores,
      this::transposeValues,
      this::weightGradients,
      this::probabilities,
      this::exponentials,
      this::contextDots,
      this::scoreGradients,
      this::queryGradients,
      this::keyGradients,
      this::valueGradients,
      this::store
    };
  }

  private void load(AttentionHead work) {
    for (int third = 0; third < 3; third++) {
      long first = first(work, third);
      work.qkv[third] = StoredBlock.load(qkv, first, work.rows, headSize, block(work, third));
      work.dQkv[third] = StoredRow.room(dQkv, first, block(work, 3 + third));
    }
    long first = first(work);
    work.context = StoredBlock.load(context, first, work.rows, headSize, block(work, 6));
    work.dContext = StoredBlock.load(dContext, first, work.rows, headSize, block(work, 7));
  }

  private void transposeKeys(AttentionHead work) {
    products.transpose(work, work.qkv[1], qkvStride);
  }

  private void scores(AttentionHead work) {
    products.dots(work, work.scores, work.qkv[0], qkvStride, work.qkv[1], qkvStride);
  }

  private void transposeValues(AttentionHead work) {
    products.transpose(work, work.qkv[2], qkvStride);
  }

  private void weightGradients(AttentionHead work) {
    products.dots(work, work.gradients, work.dContext, contextStride, work.qkv[2], qkvStride);
  }

  /** Scores become logarithms of probabilities. */
  private void probabilities(AttentionHead work) {
    ScoreLayout layout = work.layout;
    for (int s = 0; s < layout.sequences(); s++) {
      int lane = layout.lane(s);
      int end = lane + layout.keys(s);
      for (int i = layout.row(s); i < layout.row(s + 1); i++) {
        float lse = HostAllocator.f32(logSumExp, (long) (work.first + i) * heads + work.head);
        ScoreRows.scaleAndShift(work.scores(i), layout.stride(), lane, end, scale, lse);
      }
    }
  }

  private void exponentials(AttentionHead work) {
    VectorMath.exp(work.scores, work.rows * work.layout.stride());
  }

  private void contextDots(AttentionHead work) {
    for (int i = 0; i < work.rows; i++) {
      long row = 4L * i * contextStride;
      float dot = RowLoops.dot(work.dContext + row, work.context + row, headSize, work.vector);
      HostAllocator.f32(work.rowValues, i, dot);
    }
  }

  private void scoreGradients(AttentionHead work) {
    ScoreLayout layout = work.layout;
    int stride = layout.stride();
    int pitch = HostDropout.pitch(layout.mostKeys());
    boolean drops = drawKeepBits(work);
    for (int s = 0; s < layout.sequences(); s++) {
      float headScale = HostAllocator.f32(work.headScales, s);
      float factor = headScale * keptScale();
      for (int i = layout.row(s); i < layout.row(s + 1); i++) {
        long p = work.scores(i);
        long g = work.gradients(i);
        float dot = HostAllocator.f32(work.rowValues, i);
        if (drops) {
          long bits = work.keepBits + (long) i * pitch;
          ScoreRows.differentiate(p, g, stride, factor, dot, bits, layout.lane(s));
        } else {
          ScoreRows.differentiate(p, g, stride, headScale, dot);
        }
      }
    }
  }

  private void queryGradients(AttentionHead work) {
    long dQ = work.dQkv[0];
    products.weighted(work, dQ, qkvStride, work.gradients, work.qkv[1], qkvStride, scale);
  }

  private void keyGradients(AttentionHead work) {
    long dK = work.dQkv[1];
    products.weightedTransposed(work, dK, qkvStride, work.gradients, work.qkv[0], qkvStride, scale);
    zeroPadding(work, dK);
  }

  private void valueGradients(AttentionHead work) {
    long dV = work.dQkv[2];
    products.weightedTransposed(work, dV, qkvStride, work.scores, work.dContext, contextStride, 1);
    zeroPadding(work, dV);
  }

  private void zeroPadding(AttentionHead work, long x) {
    ScoreLayout layout = work.layout;
    for (int s = 0; s < layout.sequences(); s++) {
      int first = layout.row(s) + layout.keys(s);
      int rows = layout.row(s + 1) - first;
      SmallProducts.zeroRows(x + 4L * first * qkvStride, qkvStride, rows, headSize);
    }
  }

  private void store(AttentionHead work) {
    for (int third = 0; third < 3; third++) {
      StoredBlock.round(dQkv, first(work, third), work.rows, headSize, work.dQkv[third]);
    }
  }

  @Override
  void finish(int run, AttentionHead work) {
    for (int third = 0; third < 3; third++) {
      long sums = partials + 4L * ((3L * run + third) * hidden + work.head * headSize);
      SmallProducts.sumRows(sums, work.dQkv[third], qkvStride, work.rows, headSize);
    }
  }

  private void addPartials(int index, int worker) {
    int width = 3 * hidden;
    int from = index * BIAS_COLUMNS;
    int end = Math.min(width, from + BIAS_COLUMNS);
    for (int c = from; c < end; c++) {
      float sum = 0;
      for (int run = 0; run < runs; run++) {
        sum += HostAllocator.f32(partials, (long) run * width + c);
      }
      HostAllocator.f32(dBias, c, HostAllocator.f32(dBias, c) + sum);
    }
  }
}

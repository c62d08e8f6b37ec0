package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/**
 * Backward pass of attention: {@link org.mirror4j.device.Kernels#attentionBackward}. With P the
 * probabilities and R the keep multipliers times headScale, for each head:
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
      HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch, HostMemory memory) {
    super(threads, multipliers, scratch);
    partialSums = new HostScratch(memory);
  }

  void attentionBackward(
      Tensor dQkv,
      Tensor dBias,
      Tensor dContext,
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int heads,
      Dropout dropout,
      int layer) {
    this.dQkv = dQkv;
    this.dContext = dContext;
    this.dBias = dBias.address();
    this.logSumExp = logSumExp.address();
    launch(8, qkv, context, cuSeqlens, keyLengths, heads, dropout, layer);
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
      this::scores,
      this::probabilities,
      this::weightGradients,
      this::contextDots,
      this::scoreGradients,
      this::products
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

  private void scores(AttentionHead work) {
    dots(work, work.scores, work.qkv[0], qkvStride, work.qkv[1], qkvStride);
  }

  private void weightGradients(AttentionHead work) {
    dots(work, work.gradients, work.dContext, contextStride, work.qkv[2], qkvStride);
  }

  private void contextDots(AttentionHead work) {
    for (int i = 0; i < work.rows; i++) {
      long row = 4L * i * contextStride;
      float dot = RowLoops.dot(work.dContext + row, work.context + row, headSize, work.multipliers);
      HostMemory.f32(work.rowValues, i, dot);
    }
  }

  /** Scores become probabilities. */
  private void probabilities(AttentionHead work) {
    for (int i = 0; i < work.rows; i++) {
      float lse = HostMemory.f32(logSumExp, (long) (work.first + i) * heads + work.head);
      shift(work.scores + 4L * i * work.stride, work.keys, scale, lse);
    }
    VectorMath.exp(work.scores, work.rows * work.stride);
  }

  private void scoreGradients(AttentionHead work) {
    boolean drops = dropsProbabilities();
    for (int i = 0; i < work.rows; i++) {
      long at = 4L * i * work.stride;
      float dot = HostMemory.f32(work.rowValues, i);
      if (drops) {
        drawMultipliers(work, i);
        differentiate(
            work.scores + at,
            work.gradients + at,
            work.multipliers,
            work.keys,
            work.headScale,
            dot);
      } else {
        differentiate(work.scores + at, work.gradients + at, work.keys, work.headScale, dot);
      }
    }
  }

  private void products(AttentionHead work) {
    int stride = qkvStride;
    long dK = work.dQkv[1];
    long dV = work.dQkv[2];
    weighted(work, work.dQkv[0], stride, work.gradients, work.qkv[1], stride, scale);
    weightedTransposed(work, dK, stride, work.gradients, work.qkv[0], stride, scale);
    weightedTransposed(work, dV, stride, work.scores, work.dContext, contextStride, 1);
    int padding = work.rows - work.keys;
    SmallProducts.zeroRows(dK + 4L * work.keys * stride, stride, padding, headSize);
    SmallProducts.zeroRows(dV + 4L * work.keys * stride, stride, padding, headSize);
    for (int third = 0; third < 3; third++) {
      StoredBlock.store(dQkv, first(work, third), work.rows, headSize, work.dQkv[third]);
    }
  }

  /** {@code x = scale x - lse}. */
  private static void shift(long x, int count, float scale, float lse) {
    for (int j = 0; j < count; j += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER)
          .mul(scale)
          .sub(lse)
          .intoMemorySegment(ALL, x + 4L * j, ORDER);
    }
  }

  /** Probabilities become the weights W of the values, gradients of W those of the scores. */
  private static void differentiate(
      long probabilities, long gradients, int keys, float headScale, float dot) {
    for (int j = 0; j < keys; j += LANES) {
      FloatVector p = fromMemorySegment(SPECIES, ALL, probabilities + 4L * j, ORDER);
      p.mul(headScale).intoMemorySegment(ALL, probabilities + 4L * j, ORDER);
      fromMemorySegment(SPECIES, ALL, gradients + 4L * j, ORDER)
          .mul(headScale)
          .sub(dot)
          .mul(p)
          .intoMemorySegment(ALL, gradients + 4L * j, ORDER);
    }
  }

  private static void differentiate(
      long probabilities, long gradients, long multipliers, int keys, float headScale, float dot) {
    for (int j = 0; j < keys; j += LANES) {
      FloatVector p = fromMemorySegment(SPECIES, ALL, probabilities + 4L * j, ORDER);
      FloatVector r = fromMemorySegment(SPECIES, ALL, multipliers + 4L * j, ORDER).mul(headScale);
      p.mul(r).intoMemorySegment(ALL, probabilities + 4L * j, ORDER);
      fromMemorySegment(SPECIES, ALL, gradients + 4L * j, ORDER)
          .mul(r)
          .sub(dot)
          .mul(p)
          .intoMemorySegment(ALL, gradients + 4L * j, ORDER);
    }
  }

  @Override
  void finish(int run, AttentionHead work) {
    long scratch = floats(work, StoredBlock.floats(dQkv, work.rows, headSize));
    for (int third = 0; third < 3; third++) {
      long block = StoredBlock.load(dQkv, first(work, third), work.rows, headSize, scratch);
      long sums = partials + 4L * ((3L * run + third) * hidden + work.head * headSize);
      SmallProducts.sumRows(sums, block, qkvStride, work.rows, headSize);
    }
  }

  private void addPartials(int index, int worker) {
    int width = 3 * hidden;
    int from = index * BIAS_COLUMNS;
    int end = Math.min(width, from + BIAS_COLUMNS);
    for (int c = from; c < end; c++) {
      float sum = 0;
      for (int run = 0; run < runs; run++) {
        sum += HostMemory.f32(partials, (long) run * width + c);
      }
      HostMemory.f32(dBias, c, HostMemory.f32(dBias, c) + sum);
    }
  }
}

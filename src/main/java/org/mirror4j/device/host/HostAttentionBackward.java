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

  private long dQkv;
  private long dBias;
  private long dContext;
  private long context;
  private long logSumExp;
  private long qkv;
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
    this.dQkv = dQkv.address();
    this.dBias = dBias.address();
    this.dContext = dContext.address();
    this.context = context.address();
    this.logSumExp = logSumExp.address();
    this.qkv = qkv.address();
    launch(cuSeqlens, keyLengths, context, heads, dropout, layer);
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
      this::scores,
      this::probabilities,
      this::weightGradients,
      this::contextDots,
      this::scoreGradients,
      this::products
    };
  }

  private void scores(AttentionHead work) {
    long q = qkv + work.offset;
    dots(work, work.scores, q, 3 * hidden, q + 4L * hidden, 3 * hidden);
  }

  private void weightGradients(AttentionHead work) {
    long v = qkv + work.offset + 8L * hidden;
    dots(work, work.gradients, dContext + work.contextOffset, hidden, v, 3 * hidden);
  }

  private void contextDots(AttentionHead work) {
    for (int i = 0; i < work.rows; i++) {
      long row = work.contextOffset + 4L * i * hidden;
      float dot = RowLoops.dot(dContext + row, context + row, headSize, work.multipliers);
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
    int width = 3 * hidden;
    long q = qkv + work.offset;
    long k = q + 4L * hidden;
    long dQ = dQkv + work.offset;
    long dK = dQ + 4L * hidden;
    long dV = dK + 4L * hidden;
    long gradient = dContext + work.contextOffset;
    weighted(work, dQ, width, work.gradients, k, width, scale);
    weightedTransposed(work, dK, width, work.gradients, q, width, scale);
    weightedTransposed(work, dV, width, work.scores, gradient, hidden, 1);
    int padding = work.rows - work.keys;
    SmallProducts.zeroRows(dK + 4L * work.keys * width, width, padding, headSize);
    SmallProducts.zeroRows(dV + 4L * work.keys * width, width, padding, headSize);
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
  void finish(int run, int head, int first, int end) {
    int width = 3 * hidden;
    for (int third = 0; third < 3; third++) {
      long column = 4L * (third * hidden + head * headSize);
      SmallProducts.sumRows(
          partials + 4L * run * width + column,
          dQkv + 4L * first * width + column,
          width,
          end - first,
          headSize);
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

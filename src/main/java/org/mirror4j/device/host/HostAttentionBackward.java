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
      HostThreads threads,
      Multiplier[] multipliers,
      HostScratch[] scratch,
      HostScratch partialSums) {
    super(threads, multipliers, scratch);
    this.partialSums = partialSums;
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
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    this.dQkv = dQkv.address();
    this.dBias = dBias.address();
    this.dContext = dContext.address();
    this.context = context.address();
    this.logSumExp = logSumExp.address();
    this.qkv = qkv.address();
    launch(cuSeqlens, keyLengths, context, maxSeqlen, heads, dropout, layer);
    threads().run((3 * hidden + BIAS_COLUMNS - 1) / BIAS_COLUMNS, addPartials);
  }

  @Override
  void prepare(int runs) {
    this.runs = runs;
    partials = partialSums.floats(3L * hidden * runs);
  }

  @Override
  void head(int first, int rows, int keys, int sequence, int head, int worker) {
    int stride = SmallProducts.stride(keys);
    long matrix = scoreFloats(rows, stride);
    long scores =
        scratch(
            worker, 2 * matrix + (long) headSize * stride + multiplierFloats(keys) + drawFloats());
    long gradients = scores + 4 * matrix;
    long transposed = gradients + 4 * matrix;
    long multipliers = transposed + 4L * headSize * stride;
    float headScale = headScale(sequence, head, multipliers + 4 * multiplierFloats(keys));

    int width = 3 * hidden;
    long offset = 4 * ((long) first * width + head * headSize);
    long q = qkv + offset;
    long k = q + 4L * hidden;
    long v = k + 4L * hidden;
    long dQ = dQkv + offset;
    long dK = dQ + 4L * hidden;
    long dV = dK + 4L * hidden;
    long out = 4 * ((long) first * hidden + head * headSize);

    dots(scores, stride, q, width, rows, k, width, keys, transposed, worker);
    dots(gradients, stride, dContext + out, hidden, rows, v, width, keys, transposed, worker);
    for (int i = 0; i < rows; i++) {
      long at = 4L * i * stride;
      float dot =
          SmallProducts.dot(
              dContext + out + 4L * i * hidden, context + out + 4L * i * hidden, headSize);
      float lse = HostMemory.f32(logSumExp, (long) (first + i) * heads() + head);
      if (dropsProbabilities()) {
        multipliers(multipliers, first + i, head, keys);
        differentiate(scores + at, gradients + at, multipliers, keys, scale, lse, headScale, dot);
      } else {
        differentiate(scores + at, gradients + at, keys, scale, lse, headScale, dot);
      }
    }
    weighted(dQ, width, rows, gradients, stride, k, width, keys, scale, worker);
    weightedTransposed(dK, width, rows, gradients, stride, q, width, keys, scale, worker);
    weightedTransposed(dV, width, rows, scores, stride, dContext + out, hidden, keys, 1, worker);
    SmallProducts.zeroRows(dK + 4L * keys * width, width, rows - keys, headSize);
    SmallProducts.zeroRows(dV + 4L * keys * width, width, rows - keys, headSize);
  }

  /** Scores become the weights W of the values, gradients of W become those of the scores. */
  private static void differentiate(
      long scores, long gradients, int keys, float scale, float lse, float headScale, float dot) {
    for (int j = 0; j < keys; j += LANES) {
      FloatVector s = fromMemorySegment(SPECIES, ALL, scores + 4L * j, ORDER).mul(scale).sub(lse);
      SPECIES.loopBound(0); // see VectorMath
      FloatVector p = VectorMath.exp(s);
      p.mul(headScale).intoMemorySegment(ALL, scores + 4L * j, ORDER);
      fromMemorySegment(SPECIES, ALL, gradients + 4L * j, ORDER)
          .mul(headScale)
          .sub(dot)
          .mul(p)
          .intoMemorySegment(ALL, gradients + 4L * j, ORDER);
    }
  }

  private static void differentiate(
      long scores,
      long gradients,
      long multipliers,
      int keys,
      float scale,
      float lse,
      float headScale,
      float dot) {
    for (int j = 0; j < keys; j += LANES) {
      FloatVector s = fromMemorySegment(SPECIES, ALL, scores + 4L * j, ORDER).mul(scale).sub(lse);
      SPECIES.loopBound(0); // see VectorMath
      FloatVector p = VectorMath.exp(s);
      FloatVector r = fromMemorySegment(SPECIES, ALL, multipliers + 4L * j, ORDER).mul(headScale);
      p.mul(r).intoMemorySegment(ALL, scores + 4L * j, ORDER);
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

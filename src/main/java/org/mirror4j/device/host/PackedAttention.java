package org.mirror4j.device.host;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.DropoutSite;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/**
 * What both directions of attention share: the packed batch, its cut into pieces of one run of
 * sequences and one head, the random draws, and the two kinds of product, by library for long
 * sequences and by {@link SmallProducts} for short ones. Which it is depends on the sequence alone.
 */
abstract class PackedAttention implements HostThreads.Task {
  /** Rows from which a library call pays. */
  private static final int LONG = 40;

  private final HostThreads threads;
  private final Multiplier[] multipliers;
  private final HostScratch[] scratch;
  private final SequenceRuns runs = new SequenceRuns();

  private long cuSeqlens;
  private long keyLengths;
  private int tokens;
  private int maxSeqlen;
  private int heads;
  private Dropout dropout;
  private int layer;

  /** Elements of a head. */
  int headSize;

  /** Elements of a row of all heads. */
  int hidden;

  /** {@code 1 / sqrt(headSize)}. */
  float scale;

  PackedAttention(HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch) {
    this.threads = threads;
    this.multipliers = multipliers;
    this.scratch = scratch;
  }

  /** Takes the arguments of both directions and runs {@link #head} for all sequences and heads. */
  final void launch(
      Tensor cuSeqlens,
      Tensor keyLengths,
      Tensor context,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    this.cuSeqlens = cuSeqlens.address();
    this.keyLengths = keyLengths.address();
    this.tokens = context.rows();
    this.hidden = context.columns();
    this.maxSeqlen = maxSeqlen;
    this.heads = heads;
    this.dropout = dropout;
    this.layer = layer;
    headSize = hidden / heads;
    scale = (float) (1 / Math.sqrt(headSize));
    runs.plan(this.cuSeqlens, keyLengths.rows());
    prepare(runs.count());
    threads.run(runs.count() * heads, this);
  }

  /** Called before the pieces run. */
  void prepare(int runs) {}

  @Override
  public final void run(int index, int worker) {
    int run = index / heads;
    int head = index % heads;
    int end = runs.start(run + 1);
    for (int sequence = runs.start(run); sequence < end; sequence++) {
      int first = firstRow(sequence);
      int rows = firstRow(sequence + 1) - first;
      head(first, rows, HostMemory.i32(keyLengths, sequence), sequence, head, worker);
    }
    finish(run, head, firstRow(runs.start(run)), firstRow(end));
  }

  /**
   * Computes one head of one sequence.
   *
   * @param first row of the batch where the sequence starts
   * @param rows rows of the sequence
   * @param keys leading rows that are attended to
   */
  abstract void head(int first, int rows, int keys, int sequence, int head, int worker);

  /** Called when all sequences of a run, rows first to end - 1, are done for a head. */
  void finish(int run, int head, int first, int end) {}

  final HostThreads threads() {
    return threads;
  }

  final int heads() {
    return heads;
  }

  private int firstRow(int sequence) {
    return HostMemory.i32(cuSeqlens, sequence);
  }

  /** Scratch memory of a worker. */
  final long scratch(int worker, long floats) {
    return scratch[worker].floats(floats);
  }

  /** Floats of a matrix of one score for each row and key, as {@link #dots} writes it. */
  static long scoreFloats(int rows, int stride) {
    return (rows + 3L) / 4 * 4 * stride;
  }

  /** Floats that {@link #multipliers} writes. */
  static long multiplierFloats(int keys) {
    return HostDropout.bytes(keys) / 4;
  }

  /** Whether the keep multipliers of the probabilities can differ from 1. */
  final boolean dropsProbabilities() {
    return dropout.threshold() != 0;
  }

  /** Writes the keep multipliers of the probabilities of one query row. */
  final void multipliers(long to, int row, int head, int keys) {
    int site = DropoutSite.ATTENTION_PROBABILITIES.in(layer);
    HostDropout.multipliers(to, dropout, site, (long) head * tokens + row, maxSeqlen, keys);
  }

  /**
   * What drophead multiplies a head of a sequence by.
   *
   * @param draws scratch of {@link #multiplierFloats} of the heads
   */
  final float headScale(int sequence, int head, long draws) {
    if (dropout.headThreshold() == 0) {
      return 1;
    }
    int site = DropoutSite.HEADS.in(layer);
    HostDropout.multipliers(
        draws, dropout, dropout.headThreshold(), 1, site, sequence, heads, heads);
    int kept = 0;
    for (int h = 0; h < heads; h++) {
      kept += (int) HostMemory.f32(draws, h);
    }
    return kept == 0 ? 1 : HostMemory.f32(draws, head) * heads / kept;
  }

  /** {@link #headScale} needs this many floats. */
  final long drawFloats() {
    return multiplierFloats(heads);
  }

  /**
   * {@code to[i, j] = a[i] . b[j]}; columns from keys to stride hold anything.
   *
   * @param transposed scratch of headSize * stride floats
   */
  final void dots(
      long to,
      int stride,
      long a,
      int aStride,
      int rows,
      long b,
      int bStride,
      int keys,
      long transposed,
      int worker) {
    if (rows >= LONG) {
      multipliers[worker].multiply(
          false, true, rows, keys, headSize, 1, a, aStride, b, bStride, 0, to, stride);
    } else {
      SmallProducts.transpose(transposed, stride, b, bStride, keys, headSize);
      SmallProducts.dots(to, stride, a, aStride, rows, transposed, headSize);
    }
  }

  /** {@code to = factor * weights x}: one row for each row of weights, one term for each key. */
  final void weighted(
      long to,
      int toStride,
      int rows,
      long weights,
      int stride,
      long x,
      int xStride,
      int keys,
      float factor,
      int worker) {
    if (rows >= LONG) {
      multipliers[worker].multiply(
          false, false, rows, headSize, keys, factor, weights, stride, x, xStride, 0, to, toStride);
    } else {
      SmallProducts.weightedSums(
          to, toStride, rows, weights, stride, 1, x, xStride, keys, headSize, factor);
    }
  }

  /** {@code to = factor * weights^T x}: one row for each key, one term for each row of weights. */
  final void weightedTransposed(
      long to,
      int toStride,
      int rows,
      long weights,
      int stride,
      long x,
      int xStride,
      int keys,
      float factor,
      int worker) {
    if (rows >= LONG) {
      multipliers[worker].multiply(
          true, false, keys, headSize, rows, factor, weights, stride, x, xStride, 0, to, toStride);
    } else {
      SmallProducts.weightedSums(
          to, toStride, keys, weights, 1, stride, x, xStride, rows, headSize, factor);
    }
  }
}

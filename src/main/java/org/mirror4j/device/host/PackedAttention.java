package org.mirror4j.device.host;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.DropoutSite;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/**
 * What both directions of attention share: the packed batch, its cut into pieces of one run of
 * sequences and one head, the random draws, and the two kinds of product, by library for long
 * sequences and by {@link SmallProducts} for short ones. Which it is depends on the sequence alone.
 *
 * <p>A head is computed in stages, called through one interface call that the compiler cannot see
 * through: each stage is compiled by itself and stays small enough for its vectors to live in
 * registers (see {@link VectorMath}).
 */
abstract class PackedAttention implements HostThreads.Task {
  /** A part of the computation of a head. */
  interface Stage {
    /** Computes it. */
    void run(AttentionHead work);
  }

  /** Rows from which a library call pays. */
  private static final int LONG = 40;

  private final HostThreads threads;
  private final Multiplier[] multipliers;
  private final HostScratch[] scratch;
  private final AttentionHead[] work;
  private final SequenceRuns runs = new SequenceRuns();
  private final Stage[] stages = stages();

  private long cuSeqlens;
  private long keyLengths;
  private Dropout dropout;
  private int layer;
  private int blocks;

  /** All queries, keys and values. */
  Tensor qkv;

  /** All contexts. */
  Tensor context;

  /** Number of heads. */
  int heads;

  /** Elements of a head. */
  int headSize;

  /** Elements of a row of all heads. */
  int hidden;

  /** Elements from one query, key or value to the next where they are computed. */
  int qkvStride;

  /** Elements from one context to the next where they are computed. */
  int contextStride;

  /** {@code 1 / sqrt(headSize)}. */
  float scale;

  PackedAttention(HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch) {
    this.threads = threads;
    this.multipliers = multipliers;
    this.scratch = scratch;
    work = new AttentionHead[threads.size()];
    for (int i = 0; i < work.length; i++) {
      work[i] = new AttentionHead();
      work[i].worker = i;
    }
  }

  /** The parts of the computation of a head, in order. Called once, by the constructor. */
  abstract Stage[] stages();

  /**
   * Takes the arguments of both directions and computes all heads of all sequences.
   *
   * @param blocks blocks of a head that the stages need scratch for
   */
  final void launch(
      int blocks,
      Tensor qkv,
      Tensor context,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int heads,
      Dropout dropout,
      int layer) {
    this.blocks = blocks;
    this.qkv = qkv;
    this.context = context;
    this.cuSeqlens = cuSeqlens.address();
    this.keyLengths = keyLengths.address();
    this.hidden = context.columns();
    this.heads = heads;
    this.dropout = dropout;
    this.layer = layer;
    headSize = hidden / heads;
    qkvStride = StoredBlock.stride(qkv, headSize);
    contextStride = StoredBlock.stride(context, headSize);
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
    AttentionHead current = work[worker];
    current.head = index % heads;
    int end = runs.start(run + 1);
    for (int sequence = runs.start(run); sequence < end; sequence++) {
      begin(current, sequence);
      for (Stage stage : stages) {
        stage.run(current);
      }
    }
    current.first = firstRow(runs.start(run));
    current.rows = firstRow(end) - current.first;
    finish(run, current);
  }

  private void begin(AttentionHead current, int sequence) {
    current.first = firstRow(sequence);
    current.rows = firstRow(sequence + 1) - current.first;
    current.keys = HostMemory.i32(keyLengths, sequence);
    current.stride = SmallProducts.stride(current.keys);

    // Matrices of scores are written four rows at a time; rows start at multiples of 64 bytes.
    long matrix = (current.rows + 3L) / 4 * 4 * current.stride;
    long line = (current.rows + 15L) / 16 * 16;
    long draws = HostDropout.floats(Math.max(current.keys, heads));
    long columns = (long) headSize * current.stride;
    long block = StoredBlock.floats(context, current.rows, headSize);
    current.scores =
        scratch[current.worker].floats(2 * matrix + columns + line + draws + blocks * block);
    current.gradients = current.scores + 4 * matrix;
    current.transposed = current.gradients + 4 * matrix;
    current.rowValues = current.transposed + 4 * columns;
    current.multipliers = current.rowValues + 4 * line;
    current.blocks = current.multipliers + 4 * draws;
    current.headScale =
        dropout.headThreshold() == 0 ? 1 : headScale(sequence, current.head, current.multipliers);
  }

  private float headScale(int sequence, int head, long draws) {
    int site = DropoutSite.HEADS.in(layer);
    HostDropout.multipliers(
        draws, dropout, dropout.headThreshold(), 1, site, sequence, heads, heads);
    int kept = 0;
    for (int h = 0; h < heads; h++) {
      kept += (int) HostMemory.f32(draws, h);
    }
    return kept == 0 ? 1 : HostMemory.f32(draws, head) * heads / kept;
  }

  /** Called when all sequences of a run are done for a head; its rows are those of the run. */
  void finish(int run, AttentionHead work) {}

  /** The head's first element among the queries (third 0), keys (1) or values (2). */
  final long first(AttentionHead work, int third) {
    return (3L * work.first + third) * hidden + work.head * headSize;
  }

  /** The head's first element in the contexts. */
  final long first(AttentionHead work) {
    return (long) work.first * hidden + work.head * headSize;
  }

  /** Scratch for a block of this head. */
  final long block(AttentionHead work, int index) {
    return work.blocks + 4L * index * work.rows * headSize;
  }

  /** Scratch memory of a worker when no sequence is being computed. */
  final long floats(AttentionHead work, long count) {
    return scratch[work.worker].floats(count);
  }

  final HostThreads threads() {
    return threads;
  }

  private int firstRow(int sequence) {
    return HostMemory.i32(cuSeqlens, sequence);
  }

  /** Whether the keep multipliers of the probabilities can differ from 1. */
  final boolean dropsProbabilities() {
    return dropout.threshold() != 0;
  }

  /** Draws the keep multipliers of the probabilities of query {@code i} of the sequence. */
  final void drawMultipliers(AttentionHead work, int i) {
    int site = DropoutSite.ATTENTION_PROBABILITIES.in(layer);
    long row = (long) (work.first + i) * heads + work.head;
    HostDropout.multipliers(
        work.multipliers, dropout, site, row, Dropout.ATTENTION_WIDTH, work.keys);
  }

  /** {@code to[i, j] = a[i] . b[j]} for queries i and keys j; later columns hold anything. */
  final void dots(AttentionHead work, long to, long a, int aStride, long b, int bStride) {
    if (work.rows >= LONG) {
      multipliers[work.worker].multiply(
          work.product
              .of(false, true, work.rows, work.keys, headSize)
              .a(a, aStride)
              .b(b, bStride)
              .c(to, work.stride));
    } else {
      SmallProducts.transpose(work.transposed, work.stride, b, bStride, work.keys, headSize);
      SmallProducts.dots(to, work.stride, a, aStride, work.rows, work.transposed, headSize);
    }
  }

  /** {@code to[i] = factor * sum over keys j of weights[i, j] x[j]}. */
  final void weighted(
      AttentionHead work, long to, int toStride, long weights, long x, int xStride, float factor) {
    sums(work, false, to, toStride, weights, x, xStride, factor);
  }

  /** {@code to[j] = factor * sum over queries i of weights[i, j] x[i]} for keys j. */
  final void weightedTransposed(
      AttentionHead work, long to, int toStride, long weights, long x, int xStride, float factor) {
    sums(work, true, to, toStride, weights, x, xStride, factor);
  }

  private void sums(
      AttentionHead work,
      boolean transpose,
      long to,
      int toStride,
      long weights,
      long x,
      int xStride,
      float factor) {
    int rows = transpose ? work.keys : work.rows;
    int terms = transpose ? work.rows : work.keys;
    if (work.rows >= LONG) {
      multipliers[work.worker].multiply(
          work.product
              .of(transpose, false, rows, headSize, terms)
              .a(weights, work.stride)
              .b(x, xStride)
              .c(to, toStride)
              .factors(factor, 0));
    } else {
      int weightRow = transpose ? 1 : work.stride;
      int weightColumn = transpose ? work.stride : 1;
      SmallProducts.weightedSums(
          to,
          toStride,
          rows,
          weights,
          weightRow,
          weightColumn,
          x,
          xStride,
          terms,
          headSize,
          factor);
    }
  }
}

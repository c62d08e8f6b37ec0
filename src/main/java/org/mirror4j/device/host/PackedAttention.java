package org.mirror4j.device.host;

import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.Attention.Forward;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.tensor.Tensor;

/**
 * What both directions of attention share: the packed batch, its cut into pieces of one run of
 * sequences and some heads, scratch memory and the random draws.
 *
 * <p>A head of a run is computed in stages, each for all sequences of the run before the next: what
 * a stage has stored element by element has reached the cache when the next loads it in vectors.
 * They are called through one interface call that the compiler cannot see through: each stage is
 * compiled by itself and stays small enough for its vectors to live in registers (see {@link
 * VectorMath}).
 */
abstract class PackedAttention implements HostThreads.Task {
  /** A part of the computation of a head. */
  interface Stage {
    /** Computes it. */
    void run(AttentionHead work);
  }

  /**
   * Pieces that a batch is cut into for balance if it has few runs; one of many heads reads longer
   * stretches of memory.
   */
  private static final int PIECES = 32;

  /** Floats of a line of the cache, and of the widest vector. */
  private static final int LINE = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final AttentionHead[] work;
  private final SequenceRuns runs = new SequenceRuns();
  private final Stage[] stages = stages();

  private long cuSeqlens;
  private long keyLengths;
  private Dropout dropout;
  private int layer;
  private int blocks;
  private int headsOfPiece;

  /** Products of a head. */
  final HeadProducts products;

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
    this.scratch = scratch;
    products = new HeadProducts(multipliers);
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
  final void launch(int blocks, Forward operands, Dropout dropout) {
    this.blocks = blocks;
    qkv = operands.qkv();
    context = operands.context();
    cuSeqlens = operands.cuSeqlens().address();
    keyLengths = operands.keyLengths().address();
    hidden = context.columns();
    heads = operands.heads();
    layer = operands.layer();
    this.dropout = dropout;
    headSize = hidden / heads;
    qkvStride = StoredBlock.stride(qkv, headSize);
    contextStride = StoredBlock.stride(context, headSize);
    scale = (float) (1 / Math.sqrt(headSize));
    runs.plan(cuSeqlens, operands.keyLengths().rows());
    prepare(runs.count());
    int parts = Math.min(heads, PIECES / Math.max(1, runs.count()) + 1);
    headsOfPiece = (heads + parts - 1) / parts;
    threads.run(runs.count() * ((heads + headsOfPiece - 1) / headsOfPiece), this);
  }

  /** Called before the pieces run. */
  void prepare(int runs) {}

  @Override
  public final void run(int index, int worker) {
    // Neighbours in time are of different runs: of one, they would write the same lines of the
    // cache, a token's sums of all heads.
    int run = index % runs.count();
    int firstHead = index / runs.count() * headsOfPiece;
    int end = Math.min(heads, firstHead + headsOfPiece);
    AttentionHead current = work[worker];
    current.layout.plan(cuSeqlens, keyLengths, runs.start(run), runs.start(run + 1));
    current.first = HostAllocator.i32(cuSeqlens, runs.start(run));
    current.rows = current.layout.rows();
    begin(current, firstHead, end - firstHead);
    for (int head = firstHead; head < end; head++) {
      current.head = head;
      current.size = headSize;
      reserve(current);
      drawHeads(current);
      for (Stage stage : stages) {
        stage.run(current);
      }
      finish(run, current);
    }
  }

  private void reserve(AttentionHead current) {
    ScoreLayout layout = current.layout;
    // Matrices of scores are written four rows at a time; all starts at multiples of 64 bytes.
    long matrix = (current.rows + 3L) * layout.stride();
    long line = lines(current.rows);
    long bits = lines((long) current.rows * HostDropout.pitch(layout.mostKeys()) / Float.BYTES);
    long draws = HostDropout.floats(heads);
    long columns = current.isLong() ? 0 : (long) headSize * layout.columns();
    long block = StoredBlock.floats(context, current.rows, headSize);
    current.scores =
        scratch[current.worker].floats(
            2 * matrix + columns + 4 * line + bits + draws + LINE + blocks * block);
    current.gradients = current.scores + 4 * matrix;
    current.transposed = current.gradients + 4 * matrix;
    current.rowValues = current.transposed + 4 * columns;
    current.rowSums = current.rowValues + 4 * line;
    current.rowLogs = current.rowSums + 4 * line;
    current.headScales = current.rowLogs + 4 * line;
    current.keepBits = current.headScales + 4 * line;
    current.draws = current.keepBits + 4 * bits;
    current.vector = current.draws + 4 * draws;
    current.blocks = current.vector + 4 * LINE;
  }

  private static long lines(long floats) {
    return (floats + LINE - 1) / LINE * LINE;
  }

  private void drawHeads(AttentionHead work) {
    for (int s = 0; s < work.layout.sequences(); s++) {
      float factor = dropout.headThreshold() == 0 ? 1 : headScale(work, work.layout.number(s));
      HostAllocator.f32(work.headScales, s, factor);
    }
  }

  private float headScale(AttentionHead work, int sequence) {
    int site = DropoutSite.HEADS.in(layer);
    HostDropout.multipliers(
        work.draws, dropout, dropout.headThreshold(), 1, site, sequence, heads, heads);
    int kept = 0;
    for (int h = 0; h < heads; h++) {
      kept += (int) HostAllocator.f32(work.draws, h);
    }
    return kept == 0 ? 1 : HostAllocator.f32(work.draws, work.head) * heads / kept;
  }

  /** Called before the heads of a piece are computed; scratch is free. */
  void begin(AttentionHead work, int firstHead, int count) {}

  /** Called when a head of a run is done; what is in scratch still holds. */
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

  /** Scratch memory of a worker when no head is being computed. */
  final long floats(AttentionHead work, long count) {
    return scratch[work.worker].floats(count);
  }

  final HostThreads threads() {
    return threads;
  }

  /** What a probability that dropout keeps is multiplied by. */
  final float keptScale() {
    return dropout.scale();
  }

  /** Draws which probabilities dropout keeps; false if it keeps all. */
  final boolean drawKeepBits(AttentionHead work) {
    if (dropout.threshold() == 0) {
      return false;
    }
    int site = DropoutSite.ATTENTION_PROBABILITIES.in(layer);
    HostDropout.rowBits(
        work.keepBits,
        dropout,
        site,
        (long) work.first * heads + work.head,
        heads,
        work.rows,
        Dropout.ATTENTION_WIDTH,
        work.layout.mostKeys());
    return true;
  }
}

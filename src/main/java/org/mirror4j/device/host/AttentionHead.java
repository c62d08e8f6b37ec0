package org.mirror4j.device.host;

/**
 * One head of a run of sequences while a worker computes it, and where that worker's scratch lies.
 */
final class AttentionHead {
  /** The worker. */
  int worker;

  /** Its calls of the matrix library. */
  final MatrixProduct product = new MatrixProduct();

  /** The run's sequences and where their scores lie. */
  final ScoreLayout layout = new ScoreLayout();

  /** First row of the run in the batch. */
  int first;

  /** Rows of the run: queries. */
  int rows;

  /** Number of the head. */
  int head;

  /** Elements of a row of it. */
  int size;

  /** Scratch [rows + 3, stride]: scores, then what values are weighted with. */
  long scores;

  /** Scratch like scores, for the backward pass: gradients of the weights, then of the scores. */
  long gradients;

  /** Scratch for each group [headSize, columns of the group]: transposed keys or values. */
  long transposed;

  /** Scratch of one float a row, up to whole vectors. */
  long rowValues;

  /** More such scratch. */
  long rowSums;

  /** More such scratch. */
  long rowLogs;

  /** Scratch of one float a sequence: what drophead multiplies by. */
  long headScales;

  /** Scratch for the decisions of dropout: {@link HostDropout#pitch} bytes a row. */
  long keepBits;

  /** Scratch for what drophead decides. */
  long draws;

  /** Scratch of a vector. */
  long vector;

  /** Scratch for blocks of rows and columns of this head, see {@link StoredBlock}. */
  long blocks;

  /** Where this head's queries, keys and values are read as f32. */
  final long[] qkv = new long[3];

  /** Where their gradients are computed as f32. */
  final long[] dQkv = new long[3];

  /** Where the context is read or computed as f32. */
  long context;

  /** Where the gradient of the context is read as f32. */
  long dContext;

  /** Scores of a row of the run. */
  long scores(int row) {
    return scores + 4L * row * layout.stride();
  }

  /** Gradients of a row of the run. */
  long gradients(int row) {
    return gradients + 4L * row * layout.stride();
  }

  /** Whether the run is one sequence whose products the matrix library takes. */
  boolean isLong() {
    return layout.sequences() == 1 && rows >= SequenceRuns.LONG;
  }
}

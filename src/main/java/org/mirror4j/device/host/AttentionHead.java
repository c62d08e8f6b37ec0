package org.mirror4j.device.host;

/** One head of one sequence while a worker computes it, and where that worker's scratch lies. */
final class AttentionHead {
  /** The worker. */
  int worker;

  /** Its calls of the matrix library. */
  final MatrixProduct product = new MatrixProduct();

  /** First row of the sequence in the batch. */
  int first;

  /** Rows of the sequence: queries. */
  int rows;

  /** Leading rows that are attended to. */
  int keys;

  /** Number of the head. */
  int head;

  /** What drophead multiplies by. */
  float headScale;

  /** Elements from one row of scores to the next. */
  int stride;

  /** Scratch [rows rounded up to 4, stride]: scores, then what values are weighted with. */
  long scores;

  /** Scratch like scores, for the backward pass: gradients of the weights, then of the scores. */
  long gradients;

  /** Scratch [headSize, stride]: transposed keys or values. */
  long transposed;

  /** Scratch of one float a row. */
  long rowValues;

  /** Scratch for one row of keep multipliers. */
  long multipliers;

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
}

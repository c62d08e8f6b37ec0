package org.mirror4j.device.host;

/** One head of one sequence while a worker computes it, and where that worker's scratch lies. */
final class AttentionHead {
  /** The worker. */
  int worker;

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

  /** The query's first element in the rows of all queries, keys and values, in bytes. */
  long offset;

  /** The head's first element in the rows of the context, in bytes. */
  long contextOffset;
}

package org.mirror4j.search;

/**
 * What a search has found: for each query the same number of vectors, the nearest first.
 *
 * @param count vectors of each query
 * @param rows {@code rows[query * count + rank]} is a row of the vectors that were searched
 * @param scores of these, in the same order
 */
public record Neighbours(int count, int[] rows, double[] scores) {
  /** Row of the vector of a rank, from 0, for a query. */
  public int row(int query, int rank) {
    return rows[query * count + rank];
  }

  /** Score of the vector of a rank, from 0, for a query. */
  public double score(int query, int rank) {
    return scores[query * count + rank];
  }
}

package org.mirror4j.method.flow;

/** The vectors that a flow is trained on: of pairs of texts, or of single ones. */
public interface FlowVectors {
  /** Pairs, or single vectors. */
  int size();

  /** Vectors of an item: 2 for pairs, 1 for single ones. */
  int sides();

  /** Values of a vector. */
  int channels();

  /** Digest of what the vectors were made of. */
  String sha256();

  /**
   * Copies a vector. Always called by one thread at a time.
   *
   * @param item counts from 0
   * @param side 0, or 1 for the second of a pair
   * @param offset where in {@code to} it begins
   */
  void read(int item, int side, float[] to, int offset);
}

package org.mirror4j.bench.product;

/** A product with its operands, ready to be computed again and again. */
interface Multiplication extends AutoCloseable {
  /** Computes C. */
  void run();

  /** C, [m, n]. */
  float[] result();

  /** Frees the operands. */
  @Override
  default void close() {}
}

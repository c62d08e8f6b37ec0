package org.mirror4j.bench.contest;

/**
 * What one operation of a benchmark does, the same for all sides of a contest: padding counts for
 * nothing.
 *
 * @param items tokens, texts or elements that a call works through
 * @param item what they are, as in {@code tokens}
 * @param flops of the matrix products of a call; 0 where the time is not theirs
 * @param bytes that a call must move at least; 0 where the time is not theirs
 */
public record Work(double items, String item, double flops, double bytes) {
  /** Work of which the products are the most. */
  public static Work products(double items, String item, double flops) {
    return new Work(items, item, flops, 0);
  }

  /** Work that moves memory. */
  public static Work movement(double items, String item, double bytes) {
    return new Work(items, item, 0, bytes);
  }
}

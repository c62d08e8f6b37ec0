package org.mirror4j.search;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;
import org.mirror4j.device.Device;

/**
 * All pairs of vectors that are alike, none missed: their similarity, in double, is at least a
 * threshold. Half of n squared products in f32 bound them; those that may reach it are computed
 * again. Memory is that of {@link TopK} and of the pairs that are kept.
 */
public final class SimilarPairs {
  private static final Comparator<Pair> WORST_FIRST =
      Comparator.comparingDouble(Pair::score)
          .thenComparing(Comparator.comparingInt(Pair::first).reversed())
          .thenComparing(Comparator.comparingInt(Pair::second).reversed());

  private SimilarPairs() {}

  /**
   * Two vectors.
   *
   * @param first row of the one that comes first
   * @param second row of the other
   * @param score their similarity
   */
  public record Pair(int first, int second, double score) {}

  /**
   * What was found.
   *
   * @param pairs the most alike first, equal ones in the order of their rows
   * @param all how many pairs there are, those that were not kept too
   */
  public record Found(List<Pair> pairs, long all) {}

  /**
   * Compares each vector with each other.
   *
   * @param device of the calling thread
   * @param threshold the least similarity
   * @param most pairs that are kept, at least 1: the most alike
   * @param progress is told how many vectors have met all after them
   * @throws IllegalArgumentException if a value is not finite, or {@code most} below 1
   */
  public static Found find(
      Device device,
      Vectors vectors,
      Similarity similarity,
      double threshold,
      int most,
      IntConsumer progress) {
    if (most < 1) {
      throw new IllegalArgumentException("pairs: at most %d, expected > 0".formatted(most));
    }
    if (vectors.size() == 0) {
      return new Found(List.of(), 0);
    }
    BlockProducts.Side side = BlockProducts.Side.of("vectors", vectors);
    int block = Math.min(vectors.size(), TopK.BLOCK);
    try (BlockProducts products = new BlockProducts(device, side, side, similarity, block)) {
      Pairs pairs = new Pairs(products, vectors, similarity, threshold, most, progress);
      products.run(pairs);
      return new Found(pairs.best.stream().sorted(WORST_FIRST.reversed()).toList(), pairs.all);
    }
  }

  private static final class Pairs extends Comparison {
    private final double threshold;
    private final int most;
    private final IntConsumer progress;
    private final PriorityQueue<Pair> best = new PriorityQueue<>(WORST_FIRST);
    private long all;

    Pairs(
        BlockProducts products,
        Vectors vectors,
        Similarity similarity,
        double threshold,
        int most,
        IntConsumer progress) {
      super(products, vectors, vectors, similarity);
      this.threshold = threshold;
      this.most = most;
      this.progress = progress;
    }

    /** A pair is met once, by its first vector. */
    @Override
    public int from(int firstQuery) {
      return firstQuery;
    }

    @Override
    public void take(int row, int start, int count) {
      read(row);
      boolean isTooLong = products.isTooLong(row);
      for (int i = Math.max(0, row + 1 - start); i < count; i++) {
        if (isTooLong || products.middle(row, i) + products.margin(row, i) >= threshold) {
          double score = exact(start + i);
          if (score >= threshold) {
            add(new Pair(row, start + i, score));
          }
        }
      }
    }

    private void add(Pair pair) {
      all++;
      if (best.size() < most) {
        best.add(pair);
      } else if (WORST_FIRST.compare(pair, best.element()) > 0) {
        best.remove();
        best.add(pair);
      }
    }

    @Override
    public void end(int row) {
      progress.accept(row + 1);
    }
  }
}

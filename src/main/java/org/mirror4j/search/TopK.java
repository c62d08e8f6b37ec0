package org.mirror4j.search;

import java.util.Arrays;
import java.util.Objects;
import org.mirror4j.device.Device;

/**
 * The k nearest of many vectors for each query, none missed. A {@link Similarity} is computed in
 * double, and equal ones are in the order of the rows: the result is the same on every device and
 * for any number of threads.
 *
 * <p>Few are computed so: {@link BlockProducts} bounds all of them by products in f32. The k and a
 * few more vectors with the highest upper bounds are computed in double. If the k-th of these is
 * above the bound of all that were left, it is done; otherwise, as where many vectors are the same,
 * the query is compared with every vector.
 *
 * <p>Memory: 8 bytes a vector for its length and as many for a penalty where there are such; while
 * it searches 16 bytes a query and 12 for each vector that is found, and at 768 values 25 MB on the
 * device and 9 MB on the heap, whatever the number of vectors and queries.
 */
public final class TopK {
  /** Vectors of a product, and queries: large enough for its full speed. */
  static final int BLOCK = 4096;

  /** Vectors that are computed in double beside the k. */
  private static final int SPARE = 24;

  private final Device device;
  private final Vectors vectors;
  private final Similarity similarity;

  /** Of each vector; null where there are none. */
  private final double[] penalties;

  private final BlockProducts.Side targets;
  private final int block;
  private long exhaustive;

  /**
   * Reads all vectors once.
   *
   * @param device computes; {@link #search} belongs to its thread
   * @param vectors must stay as they are and open
   * @throws IllegalArgumentException if a value is not finite
   */
  public TopK(Device device, Vectors vectors, Similarity similarity) {
    this(device, vectors, similarity, null, BLOCK);
  }

  /**
   * The same of a penalised similarity.
   *
   * @param penalties what is taken from the similarity to each vector, finite; null for nothing
   * @param block vectors of a product
   */
  TopK(Device device, Vectors vectors, Similarity similarity, double[] penalties, int block) {
    this.device = device;
    this.vectors = vectors;
    this.similarity = similarity;
    this.penalties = penalties;
    this.block = Math.clamp(vectors.size(), 1, block);
    targets = BlockProducts.Side.of("vectors", vectors);
  }

  /**
   * Finds the nearest by Euclidean distance. The score of a vector v for a query q is
   *
   * <pre>
   *   q.v - |v|^2 / 2 = (|q|^2 - |q - v|^2) / 2,
   * </pre>
   *
   * the higher the nearer; where |q - v|^2 is of two vectors the same but for some 2^-52 |v|^2,
   * either may be before the other.
   *
   * @param device computes; {@link #search} belongs to its thread
   * @param vectors must stay as they are and open
   * @throws IllegalArgumentException if a value is not finite
   */
  public static TopK byDistance(Device device, Vectors vectors) {
    double[] halves =
        Arrays.stream(BlockProducts.Side.of("vectors", vectors).norms())
            .map(norm -> norm * norm / 2)
            .toArray();
    return new TopK(device, vectors, Similarity.DOT, halves, BLOCK);
  }

  /**
   * The k nearest vectors of each query, or all of them where there are fewer.
   *
   * @param queries of the same dimension
   * @throws IllegalArgumentException if k is below 1, they are more than an int counts, the
   *     dimension is another or a value is not finite
   */
  public Neighbours search(Vectors queries, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("nearest neighbours: k is %d, expected > 0".formatted(k));
    }
    requireDimension(queries);
    int count = Math.min(k, vectors.size());
    if ((long) count * queries.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "nearest neighbours: %d of each of %d queries, expected at most %d together"
              .formatted(count, queries.size(), Integer.MAX_VALUE));
    }
    int total = count * queries.size();
    Neighbours found = new Neighbours(count, new int[total], new double[total]);
    if (total > 0) {
      try (BlockProducts products = products(queries)) {
        products.run(new Nearest(products, queries, found));
      }
    }
    return found;
  }

  /**
   * The rank of one vector for each query, 1 for the nearest of all: the number of vectors that
   * {@link #search} would give before it, and 1.
   *
   * @param queries of the same dimension
   * @param rows of the vectors, one a query
   * @throws IllegalArgumentException if there are more or fewer rows than queries, the dimension is
   *     another or a value is not finite
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public int[] ranks(Vectors queries, int... rows) {
    requireDimension(queries);
    if (rows.length != queries.size()) {
      throw new IllegalArgumentException(
          "ranks: %d rows for %d queries, expected one for each"
              .formatted(rows.length, queries.size()));
    }
    int[] ranks = new int[rows.length];
    if (rows.length > 0) {
      try (BlockProducts products = products(queries)) {
        products.run(new Ranks(products, queries, rows, ranks));
      }
    }
    return ranks;
  }

  private void requireDimension(Vectors queries) {
    if (queries.dimension() != vectors.dimension()) {
      throw new IllegalArgumentException(
          "nearest neighbours: queries of %d values, expected %d as the vectors have"
              .formatted(queries.dimension(), vectors.dimension()));
    }
  }

  private BlockProducts products(Vectors queries) {
    return new BlockProducts(
        device, targets, BlockProducts.Side.of("queries", queries), similarity, block);
  }

  /** Queries so far that were compared in double with every vector. */
  long exhaustive() {
    return exhaustive;
  }

  private double penalty(int row) {
    return penalties == null ? 0 : penalties[row];
  }

  /** Compares in double, penalties taken off. */
  private abstract class Penalised extends Comparison {
    Penalised(BlockProducts products, Vectors queries) {
      super(products, vectors, queries, similarity);
    }

    final double score(int row) {
      return exact(row) - penalty(row);
    }
  }

  /** Finds the k nearest. */
  private final class Nearest extends Penalised {
    private final Neighbours found;
    private final BoundedHeap[] heaps;
    private final Ranking ranking;

    Nearest(BlockProducts products, Vectors queries, Neighbours found) {
      super(products, queries);
      this.found = found;
      int kept = (int) Math.min((long) found.count() + SPARE, vectors.size());
      heaps = new BoundedHeap[products.queriesAtOnce()];
      Arrays.setAll(heaps, row -> new BoundedHeap(kept));
      ranking = new Ranking(found.count());
    }

    private BoundedHeap heap(int row) {
      return heaps[row % heaps.length];
    }

    /** Offers the vectors to the heap of the query, by their upper bounds. */
    @Override
    public void take(int row, int start, int count) {
      BoundedHeap heap = heap(row);
      double threshold = heap.threshold();
      for (int i = 0; i < count; i++) {
        double highest = products.middle(row, i) + products.margin(row, i) - penalty(start + i);
        if (highest > threshold) {
          heap.add(start + i, highest);
          threshold = heap.threshold();
        }
      }
    }

    @Override
    public void end(int row) {
      BoundedHeap heap = heap(row);
      read(row);
      ranking.clear();
      if (!products.isTooLong(row)) {
        for (int i = 0; i < heap.size(); i++) {
          ranking.add(heap.row(i), score(heap.row(i)));
        }
      }
      if (products.isTooLong(row) || heap.threshold() >= ranking.last()) {
        exhaustive++;
        ranking.clear();
        for (int i = 0; i < vectors.size(); i++) {
          ranking.add(i, score(i));
        }
      }
      ranking.copy(found.rows(), found.scores(), row * found.count());
      heap.clear();
    }
  }

  /**
   * Counts the vectors before one: those above it beyond doubt, and of the others by comparison.
   */
  private final class Ranks extends Penalised {
    private final int[] rows;
    private final int[] ranks;
    private final double[] scores;

    Ranks(BlockProducts products, Vectors queries, int[] rows, int[] ranks) {
      super(products, queries);
      this.rows = rows;
      this.ranks = ranks;
      scores = new double[rows.length];
      Arrays.fill(ranks, 1);
      for (int row = 0; row < rows.length; row++) {
        Objects.checkIndex(rows[row], vectors.size());
        read(row);
        scores[row] = score(rows[row]);
      }
    }

    @Override
    public void take(int row, int start, int count) {
      read(row);
      boolean isTooLong = products.isTooLong(row);
      for (int i = 0; i < count; i++) {
        double middle = isTooLong ? 0 : products.middle(row, i) - penalty(start + i);
        double margin = isTooLong ? Double.POSITIVE_INFINITY : products.margin(row, i);
        if (middle - margin > scores[row]
            || middle + margin >= scores[row] && precedes(start + i, row)) {
          ranks[row]++;
        }
      }
    }

    private boolean precedes(int vector, int row) {
      double score = score(vector);
      return score > scores[row] || score == scores[row] && vector < rows[row];
    }

    @Override
    public void end(int row) {}
  }
}

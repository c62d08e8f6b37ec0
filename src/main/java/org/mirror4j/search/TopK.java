package org.mirror4j.search;

import java.util.Arrays;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The k nearest of many vectors for each query, none missed. A {@link Similarity} is computed in
 * double, and equal ones are in the order of the rows: the result is the same on every device and
 * for any number of threads.
 *
 * <p>Few are computed so. A device multiplies queries and vectors in blocks, in f32, which is off
 * by no more than
 *
 * <pre>
 *   |product - a.b| &lt;= g |a| |b| + f,   g = d u / (1 - d u),  u = 2^-24,  f = 2 d 2^-126
 * </pre>
 *
 * in whatever order it sums d terms (Higham, Accuracy and Stability of Numerical Algorithms, 3.5; f
 * is for terms and sums that are too small). The k and a few more vectors with the highest upper
 * bounds are computed in double. If the k-th of these is above the bound of all that were left, it
 * is done; otherwise, as where many vectors are the same, the query is compared with every vector.
 *
 * <p>Memory: 8 bytes a vector for its length, and while it searches, at 768 values, 25 MB on the
 * device and 9 MB on the heap, whatever the number of vectors and queries.
 */
public final class TopK {
  /** Vectors of a product, and queries: large enough for its full speed. */
  static final int BLOCK = 4096;

  private static final int QUERIES = 512;

  /** Vectors that are computed in double beside the k. */
  private static final int SPARE = 24;

  /** What the bounds are widened by for their own rounding in double. */
  private static final double WIDER = 1.01;

  /** Sums of products this large may be beyond f32. */
  private static final double LARGEST = 0x1p126;

  private final Device device;
  private final Vectors vectors;
  private final Similarity similarity;
  private final double[] penalties;
  private final double[] norms;
  private final double longest;
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
    this(device, vectors, similarity, new double[vectors.size()], BLOCK);
  }

  /**
   * The same of a penalised similarity.
   *
   * @param penalties what is taken from the similarity to each vector, finite
   * @param block vectors of a product
   */
  TopK(Device device, Vectors vectors, Similarity similarity, double[] penalties, int block) {
    this.device = device;
    this.vectors = vectors;
    this.similarity = similarity;
    this.penalties = penalties;
    this.block = Math.clamp(vectors.size(), 1, block);
    norms = norms("vectors", vectors);
    longest = Arrays.stream(norms).max().orElse(0);
  }

  /** Of the squares of finite values in f32 no sum is beyond double. */
  private static double[] norms(String name, Vectors vectors) {
    double[] norms = new double[vectors.size()];
    float[] vector = new float[vectors.dimension()];
    for (int row = 0; row < norms.length; row++) {
      vectors.get(row, vector);
      double squares = 0;
      for (float value : vector) {
        squares += (double) value * value;
      }
      if (!Double.isFinite(squares)) {
        throw new IllegalArgumentException(
            "%s: row %d holds a value that is not finite".formatted(name, row));
      }
      norms[row] = Math.sqrt(squares);
    }
    return norms;
  }

  /**
   * The k nearest vectors of each query, or all of them where there are fewer.
   *
   * @param queries of the same dimension
   * @throws IllegalArgumentException if k is below 1, the dimension is another or a value is not
   *     finite
   */
  public Neighbours search(Vectors queries, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("nearest neighbours: k is %d, expected > 0".formatted(k));
    }
    if (queries.dimension() != vectors.dimension()) {
      throw new IllegalArgumentException(
          "nearest neighbours: queries of %d values, expected %d as the vectors have"
              .formatted(queries.dimension(), vectors.dimension()));
    }
    int count = Math.min(k, vectors.size());
    int total = Math.multiplyExact(count, queries.size());
    Neighbours found = new Neighbours(count, new int[total], new double[total]);
    if (total > 0) {
      try (Search search = new Search(queries, found)) {
        search.run();
      }
    }
    return found;
  }

  /** Queries so far that were compared in double with every vector. */
  long exhaustive() {
    return exhaustive;
  }

  /** What one search needs. */
  private final class Search implements AutoCloseable {
    private final Vectors queries;
    private final double[] queryNorms;
    private final Neighbours found;
    private final Workspace workspace = new Workspace(device);
    private final Tensor a;
    private final Tensor b;
    private final Tensor c;
    private final float[] products;
    private final BoundedHeap[] heaps;
    private final Ranking ranking;
    private final float[] query = new float[vectors.dimension()];
    private final float[] vector = new float[vectors.dimension()];

    // Of each vector of a block: the similarity is at most
    // weight * (product * weights + norm * slack + tiny * weights) - penalty.
    private final double[] weights = new double[block];
    private final double[] slack = new double[block];
    private final double tiny = WIDER * 2 * vectors.dimension() * 0x1p-126;

    Search(Vectors queries, Neighbours found) {
      this.queries = queries;
      this.found = found;
      queryNorms = norms("queries", queries);
      int rows = Math.min(QUERIES, queries.size());
      a = workspace.f32("queries", rows, vectors.dimension());
      b = workspace.f32("vectors", block, vectors.dimension());
      c = workspace.f32("products", rows, block);
      products = new float[rows * block];
      int kept = (int) Math.min((long) found.count() + SPARE, vectors.size());
      heaps = new BoundedHeap[rows];
      Arrays.setAll(heaps, row -> new BoundedHeap(kept));
      ranking = new Ranking(found.count());
    }

    void run() {
      for (int from = 0; from < queries.size(); from += a.capacity()) {
        int to = Math.min(from + a.capacity(), queries.size());
        device.upload(a.rows(to - from), queries.segment(from, to));
        c.rows(to - from);
        for (BoundedHeap heap : heaps) {
          heap.clear();
        }
        for (int start = 0; start < vectors.size(); start += block) {
          multiply(start, Math.min(start + block, vectors.size()));
          for (int row = from; row < to; row++) {
            collect(row, (row - from) * block, start, heaps[row - from]);
          }
        }
        for (int row = from; row < to; row++) {
          rank(row, heaps[row - from]);
        }
      }
    }

    /** What a block before has left behind the last vector is multiplied too, and not looked at. */
    private void multiply(int from, int to) {
      device.upload(b.rows(to - from), vectors.segment(from, to));
      device.kernels().product().gemm(GemmSpec.NT, c, a, b.rows(block));
      device.download(products, c);
      double roundings = vectors.dimension() * 0x1p-24;
      double g = WIDER * roundings / (1 - roundings);
      for (int row = from; row < to; row++) {
        double weight = similarity.weight(norms[row]);
        weights[row - from] = weight;
        slack[row - from] = g * norms[row] * weight;
      }
    }

    /** Offers the vectors of a block to the heap of a query, by their upper bounds. */
    private void collect(int row, int first, int start, BoundedHeap heap) {
      double norm = queryNorms[row];
      double weight = similarity.weight(norm);
      int count = Math.min(block, vectors.size() - start);
      double threshold = heap.threshold();
      for (int i = 0; i < count; i++) {
        double highest =
            weight * ((products[first + i] + tiny) * weights[i] + norm * slack[i])
                - penalties[start + i];
        if (highest > threshold) {
          heap.add(start + i, highest);
          threshold = heap.threshold();
        }
      }
    }

    private void rank(int row, BoundedHeap heap) {
      queries.get(row, query);
      ranking.clear();
      if (queryNorms[row] * longest < LARGEST) {
        for (int i = 0; i < heap.size(); i++) {
          add(heap.row(i));
        }
      }
      if (queryNorms[row] * longest >= LARGEST || heap.threshold() >= ranking.last()) {
        exhaustive++;
        ranking.clear();
        for (int i = 0; i < vectors.size(); i++) {
          add(i);
        }
      }
      ranking.copy(found.rows(), found.scores(), row * found.count());
    }

    private void add(int row) {
      vectors.get(row, vector);
      ranking.add(row, similarity.of(query, vector) - penalties[row]);
    }

    @Override
    public void close() {
      workspace.close();
    }
  }
}

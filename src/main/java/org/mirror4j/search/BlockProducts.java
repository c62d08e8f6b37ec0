package org.mirror4j.search;

import java.util.Arrays;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Bounds of the similarities of queries and vectors. A device multiplies them in blocks, in f32,
 * which is off by no more than
 *
 * <pre>
 *   |product - a.b| &lt;= g |a| |b| + f,   g = d u / (1 - d u),  u = 2^-24,  f = 2 d 2^-126
 * </pre>
 *
 * in whatever order it sums d terms (Higham, Accuracy and Stability of Numerical Algorithms, 3.5; f
 * is for terms and sums that are too small).
 */
final class BlockProducts implements AutoCloseable {
  /** Queries of a product: together with those of {@link TopK#BLOCK} enough for its full speed. */
  private static final int QUERIES = 512;

  /** What the bounds are widened by for their own rounding in double. */
  private static final double WIDER = 1.01;

  /** Sums of products this large may be beyond f32. */
  private static final double LARGEST = 0x1p126;

  /** One side of the products, with the Euclidean norm of each vector. */
  record Side(Vectors vectors, double[] norms) {
    /**
     * Reads all vectors once. Of the squares of finite values in f32 no sum is beyond double.
     *
     * @param name for messages
     * @throws IllegalArgumentException if a value is not finite
     */
    static Side of(String name, Vectors vectors) {
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
      return new Side(vectors, norms);
    }
  }

  /** Takes one block after the other of each query. */
  interface Taker {
    /** Of the vectors that queries from one on are multiplied with, the first. */
    default int from(int firstQuery) {
      return 0;
    }

    /** Of the vectors that queries up to one are multiplied with, the last, which is left out. */
    default int to(int lastQuery, int size) {
      return size;
    }

    /** The bounds of a query and {@code count} vectors from {@code start} on are there. */
    void take(int query, int start, int count);

    /** The query has met every vector. */
    void end(int query);
  }

  private final Device device;
  private final Side targets;
  private final Side queries;
  private final Similarity similarity;
  private final int block;
  private final Workspace workspace;
  private final Tensor a;
  private final Tensor b;
  private final Tensor c;
  private final float[] products;
  private final double[] queryWeights;

  // Of each vector of a block: the similarity is within weight * (norm * slack + tiny * weights)
  // of weight * product * weights.
  private final double[] weights;
  private final double[] slack;
  private final double tiny;
  private final double longest;

  /**
   * @param block vectors of a product
   */
  BlockProducts(Device device, Side targets, Side queries, Similarity similarity, int block) {
    // The bounds are those of sums of products of whole f32.
    this.device = device.computing(Precision.F32);
    this.targets = targets;
    this.queries = queries;
    this.similarity = similarity;
    this.block = block;
    int dimension = targets.vectors().dimension();
    int rows = Math.min(QUERIES, queries.vectors().size());
    workspace = new Workspace(device);
    a = workspace.f32("queries", rows, dimension);
    b = workspace.f32("vectors", block, dimension);
    c = workspace.f32("products", rows, block);
    products = new float[rows * block];
    queryWeights = new double[queries.vectors().size()];
    for (int row = 0; row < queryWeights.length; row++) {
      queryWeights[row] = similarity.weight(queries.norms()[row]);
    }
    weights = new double[block];
    slack = new double[block];
    tiny = WIDER * 2 * dimension * 0x1p-126;
    longest = Arrays.stream(targets.norms()).max().orElse(0);
  }

  /** Queries that are multiplied at once; those of one time are all ended before the next. */
  int queriesAtOnce() {
    return a.capacity();
  }

  /** Whether products of a query may be beyond f32, so that {@link #middle} is no number. */
  boolean isTooLong(int query) {
    return queries.norms()[query] * longest >= LARGEST;
  }

  /** Multiplies everything. */
  void run(Taker taker) {
    for (int from = 0; from < queries.vectors().size(); from += a.capacity()) {
      int to = Math.min(from + a.capacity(), queries.vectors().size());
      device.upload(a.rows(to - from), queries.vectors().segment(from, to));
      c.rows(to - from);
      int size = taker.to(to, targets.vectors().size());
      for (int start = taker.from(from); start < size; start += block) {
        int count = Math.min(block, size - start);
        multiply(start, start + count);
        for (int query = from; query < to; query++) {
          taker.take(query, start, count);
        }
      }
      for (int query = from; query < to; query++) {
        taker.end(query);
      }
    }
  }

  /** What a block before has left behind the last vector is multiplied too, and not looked at. */
  private void multiply(int from, int to) {
    device.upload(b.rows(to - from), targets.vectors().segment(from, to));
    device.kernels().product().gemm(GemmSpec.NT, c, a, b.rows(block));
    device.download(products, c);
    double roundings = targets.vectors().dimension() * 0x1p-24;
    double g = WIDER * roundings / (1 - roundings);
    for (int row = from; row < to; row++) {
      double norm = targets.norms()[row];
      double weight = similarity.weight(norm);
      weights[row - from] = weight;
      slack[row - from] = g * norm * weight;
    }
  }

  /** The similarity of a query and the vector of an index in the block, as f32 has it. */
  double middle(int query, int index) {
    return queryWeights[query] * products[query % a.capacity() * block + index] * weights[index];
  }

  /** By how much the similarity may be another than {@link #middle}. */
  double margin(int query, int index) {
    return queryWeights[query] * (queries.norms()[query] * slack[index] + tiny * weights[index]);
  }

  @Override
  public void close() {
    workspace.close();
  }
}

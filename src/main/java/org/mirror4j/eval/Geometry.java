package org.mirror4j.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.TopK;
import org.mirror4j.search.Vectors;

/**
 * How long the vectors of words are and how densely they lie, by how frequent the words are (Li et
 * al. 2020, table 1), and how alike two of them are on average. The paper's table is of the rows of
 * a model's word embedding; here it is of whatever vectors are given.
 *
 * @param bands those that there are vectors of, the most frequent first
 * @param meanCosine mean cosine of two different vectors over all pairs of them, which is what the
 *     mean over random pairs estimates; a vector of zeros has the cosine 0; NaN for one vector
 */
record Geometry(List<Band> bands, double meanCosine) {
  /** Where bands begin and end: those of the paper. The vectors after the last are in none. */
  private static final List<Integer> EDGES = List.of(0, 100, 500, 5_000, 10_000);

  private static final int MOST_NEIGHBOURS = 7;

  /**
   * The vectors of the ranks from {@code from}, which begin at 0, to {@code to}, which is left out.
   *
   * @param size number of vectors, fewer where they end before
   * @param meanNorm mean Euclidean norm
   * @param distances mean Euclidean distance to the nearest neighbour, to the second and so on
   */
  record Band(int from, int to, int size, double meanNorm, List<Double> distances) {
    /** As the paper names it: {@code 500-5K}. */
    String ranks() {
      return edge(from) + "-" + edge(to);
    }

    private static String edge(int rank) {
      return rank < 1000 ? String.valueOf(rank) : rank / 1000 + "K";
    }

    /**
     * Mean Euclidean distance of a vector to its k nearest among those of all bands and after, but
     * itself; NaN if there are not as many.
     */
    double meanDistance(int k) {
      return distances.size() < k
          ? Double.NaN
          : distances.stream().limit(k).mapToDouble(distance -> distance).sum() / k;
    }
  }

  Geometry {
    bands = List.copyOf(bands);
  }

  /** The rank from which on vectors are in no band. */
  static int end() {
    return EDGES.getLast();
  }

  /**
   * Measures vectors, of which the first belongs to the most frequent word.
   *
   * @param device searches the neighbours
   * @throws IllegalArgumentException if there are none, or a value is not finite
   */
  static Geometry of(Device device, Vectors vectors) {
    if (vectors.size() == 0) {
      throw new IllegalArgumentException("geometry: no vectors");
    }
    TopK nearest = TopK.byDistance(device, vectors);
    List<Band> bands = new ArrayList<>();
    for (int i = 1; i < EDGES.size() && EDGES.get(i - 1) < vectors.size(); i++) {
      bands.add(band(nearest, vectors, EDGES.get(i - 1), EDGES.get(i)));
    }
    return new Geometry(bands, meanCosine(vectors));
  }

  private static Band band(TopK nearest, Vectors vectors, int from, int to) {
    int size = Math.min(to, vectors.size()) - from;
    int neighbours = Math.min(MOST_NEIGHBOURS, vectors.size() - 1);
    double norms = 0;
    double[] distances = new double[neighbours];
    // One more, as a vector is a neighbour of itself.
    Neighbours found = nearest.search(vectors.slice(from, from + size), neighbours + 1);
    for (int i = 0; i < size; i++) {
      float[] vector = vectors.get(from + i);
      norms += Math.sqrt(squares(vector)) / size;
      int taken = 0;
      for (int rank = 0; rank < found.count() && taken < neighbours; rank++) {
        int row = found.row(i, rank);
        if (row != from + i) {
          distances[taken++] += distance(vector, vectors.get(row)) / size;
        }
      }
    }
    return new Band(from, to, size, norms, Arrays.stream(distances).boxed().toList());
  }

  /** From the sum s of the vectors u scaled to length 1: (s.s - sum_i u_i.u_i) / (n (n - 1)). */
  private static double meanCosine(Vectors vectors) {
    long size = vectors.size();
    if (size == 1) {
      return Double.NaN;
    }
    double[] sum = new double[vectors.dimension()];
    double own = 0;
    float[] vector = new float[vectors.dimension()];
    for (int row = 0; row < size; row++) {
      vectors.get(row, vector);
      double norm = Math.sqrt(squares(vector));
      if (norm > 0) {
        for (int i = 0; i < vector.length; i++) {
          sum[i] += vector[i] / norm;
        }
        own++;
      }
    }
    double all = Arrays.stream(sum).map(s -> s * s).sum();
    return Math.clamp((all - own) / (size * (size - 1)), -1, 1);
  }

  private static double squares(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    return sum;
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}

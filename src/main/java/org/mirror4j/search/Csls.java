package org.mirror4j.search;

import java.util.Arrays;
import org.mirror4j.device.Device;

/**
 * Cross-domain similarity local scaling, by which a word of one language finds its translation
 * (Conneau et al. 2018, section 2.3):
 *
 * <pre>
 *   CSLS(x, y) = 2 cos(x, y) - r_T(x) - r_S(y)
 * </pre>
 *
 * r_T(x) is the mean cosine of x to its K nearest targets, r_S(y) that of a target y to its K
 * nearest sources: targets that are near to everything are held back.
 */
public final class Csls {
  /** K of the paper. */
  public static final int NEIGHBOURHOOD = 10;

  private final int neighbourhood;
  private final TopK nearest;
  private final TopK scaled;

  /**
   * Finds the nearest sources of every target.
   *
   * @param device computes; {@link #search} belongs to its thread
   * @param targets must stay as they are and open, of the same dimension as the sources
   * @param neighbourhood K, of which as many are taken as there are vectors
   * @throws IllegalArgumentException if there are no sources, the neighbourhood is below 1,
   *     dimensions differ or a value is not finite
   */
  public Csls(Device device, Vectors sources, Vectors targets, int neighbourhood) {
    if (sources.size() == 0) {
      throw new IllegalArgumentException("CSLS: no sources");
    }
    this.neighbourhood = neighbourhood;
    TopK ofTargets = new TopK(device, sources, Similarity.COSINE);
    double[] halves = means(ofTargets.search(targets, neighbourhood), targets.size());
    Arrays.setAll(halves, i -> halves[i] / 2);
    nearest = new TopK(device, targets, Similarity.COSINE);
    scaled = new TopK(device, targets, Similarity.COSINE, halves, TopK.BLOCK);
  }

  /**
   * The k targets of the highest CSLS for each source that is asked for, with that as their score.
   *
   * @param queries of the sources
   * @throws IllegalArgumentException if k is below 1, the dimension is another or a value is not
   *     finite
   */
  public Neighbours search(Vectors queries, int k) {
    double[] means = means(nearest.search(queries, neighbourhood), queries.size());
    Neighbours found = scaled.search(queries, k);
    for (int i = 0; i < found.scores().length; i++) {
      found.scores()[i] = 2 * found.scores()[i] - means[i / found.count()];
    }
    return found;
  }

  /**
   * The rank by CSLS of one target for each source that is asked for, 1 for the highest.
   *
   * @param queries of the sources
   * @param rows of the targets, one a query
   * @throws IllegalArgumentException if there are more or fewer rows than queries, the dimension is
   *     another or a value is not finite
   */
  public int[] ranks(Vectors queries, int... rows) {
    // r_T(x) is the same for all targets of a query.
    return scaled.ranks(queries, rows);
  }

  private static double[] means(Neighbours found, int queries) {
    double[] means = new double[queries];
    for (int query = 0; query < queries; query++) {
      for (int rank = 0; rank < found.count(); rank++) {
        means[query] += found.score(query, rank) / found.count();
      }
    }
    return means;
  }
}

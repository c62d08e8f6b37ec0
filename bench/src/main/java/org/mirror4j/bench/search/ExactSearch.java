package org.mirror4j.bench.search;

import java.util.SplittableRandom;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.Similarity;
import org.mirror4j.search.TopK;
import org.mirror4j.search.Vectors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The nearest vectors of many queries by {@link TopK}, none missed. Vectors are some about each of
 * a thousand centres, as texts have subjects; queries are drawn as vectors are.
 */
@State(Scope.Benchmark)
public class ExactSearch {
  /** Vectors asked for. */
  static final int NEAREST = 10;

  private static final int CENTRES = 1000;

  /** Queries that are compared with a search of another kind before anything is measured. */
  private static final int CHECKED = 3;

  @Param("1000000")
  public int vectors;

  @Param("256")
  public int dimension;

  @Param("1000")
  public int queries;

  @Param("1")
  public int threads;

  private HostDevice device;
  private Vectors all;
  private Vectors asked;
  private TopK topK;

  /** Draws vectors and queries, and compares some results with sums in double. */
  @Setup(Level.Trial)
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    float[][] centres = new float[CENTRES][];
    for (int i = 0; i < CENTRES; i++) {
      centres[i] = about(new float[dimension], random);
    }
    all = drawn(vectors, centres, random);
    asked = drawn(queries, centres, random);
    device = new HostDevice(threads);
    topK = new TopK(device, all, Similarity.COSINE);
    check(search());
  }

  private Vectors drawn(int count, float[][] centres, SplittableRandom random) {
    Vectors drawn = Vectors.allocate(count, dimension);
    for (int i = 0; i < count; i++) {
      drawn.set(i, about(centres[random.nextInt(CENTRES)], random));
    }
    return drawn;
  }

  private static float[] about(float[] centre, SplittableRandom random) {
    float[] vector = new float[centre.length];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = centre[i] + (float) random.nextGaussian();
    }
    return vector;
  }

  private void check(Neighbours found) {
    for (int query = 0; query < CHECKED; query++) {
      double least = found.score(query, NEAREST - 1);
      int above = 0;
      for (int row = 0; row < vectors; row++) {
        above += cosine(asked.get(query), all.get(row)) > least + 1e-9 ? 1 : 0;
      }
      // The last of the ten is not above itself; equal ones would be no fault.
      if (above != NEAREST - 1) {
        throw new IllegalStateException(
            "query %d: %d vectors are nearer than the last of %d, expected %d"
                .formatted(query, above, NEAREST, NEAREST - 1));
      }
    }
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0, squaresOfA = 0, squaresOfB = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    return dot / Math.sqrt(squaresOfA * squaresOfB);
  }

  /** All queries at once. */
  @Benchmark
  public Neighbours search() {
    return topK.search(asked, NEAREST);
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void close() {
    all.close();
    asked.close();
    device.close();
  }
}

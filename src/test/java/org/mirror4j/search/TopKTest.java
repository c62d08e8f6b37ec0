package org.mirror4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;

/** The nearest vectors against a sort of all similarities in double; equal to the last bit. */
class TopKTest {
  private final Device device = new HostDevice(2);

  @AfterEach
  void closeDevice() {
    device.close();
  }

  private static float[][] random(int seed, int rows, int columns) {
    Random random = new Random(seed);
    float[][] vectors = new float[rows][columns];
    for (float[] vector : vectors) {
      double length = Math.exp(random.nextGaussian());
      for (int i = 0; i < columns; i++) {
        vector[i] = (float) (length * random.nextGaussian());
      }
    }
    return vectors;
  }

  /** Not {@link Similarity}: sums of its own, in another order, would not be equal to the bit. */
  private static double similarity(Similarity similarity, float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    if (similarity == Similarity.DOT) {
      return ab;
    }
    return aa == 0 || bb == 0 ? 0 : Math.clamp(ab / Math.sqrt(aa * bb), -1, 1);
  }

  private static void assertNearest(
      Neighbours found, Similarity similarity, float[][] vectors, float[][] queries, int k) {
    assertThat(found.count()).isEqualTo(Math.min(k, vectors.length));
    for (int q = 0; q < queries.length; q++) {
      float[] query = queries[q];
      double[] all =
          Arrays.stream(vectors).mapToDouble(v -> similarity(similarity, query, v)).toArray();
      int[] order =
          IntStream.range(0, all.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -all[i]).thenComparing(i -> i))
              .mapToInt(i -> i)
              .limit(k)
              .toArray();
      for (int rank = 0; rank < order.length; rank++) {
        assertThat(found.row(q, rank)).as("query %d, rank %d", q, rank).isEqualTo(order[rank]);
        assertThat(found.score(q, rank)).isEqualTo(all[order[rank]]);
      }
    }
  }

  /** The rank of some vector for each query: how many are before it. */
  private static void assertRanks(
      TopK topK, Vectors asked, Similarity similarity, float[][] vectors, float[][] queries) {
    int[] rows = IntStream.range(0, queries.length).map(q -> 7919 * q % vectors.length).toArray();
    int[] expected = new int[queries.length];
    for (int q = 0; q < queries.length; q++) {
      double of = similarity(similarity, queries[q], vectors[rows[q]]);
      for (int i = 0; i < vectors.length; i++) {
        double other = similarity(similarity, queries[q], vectors[i]);
        expected[q] += other > of || other == of && i <= rows[q] ? 1 : 0;
      }
    }
    assertThat(topK.ranks(asked, rows)).isEqualTo(expected);
  }

  /** Searches in blocks of some vectors; the result is compared. */
  private TopK search(
      Device on, Similarity similarity, int block, float[][] vectors, float[][] queries, int k) {
    try (Vectors all = Vectors.of(vectors);
        Vectors asked = Vectors.of(queries)) {
      TopK topK = new TopK(on, all, similarity, null, block);
      assertNearest(topK.search(asked, k), similarity, vectors, queries, k);
      assertRanks(topK, asked, similarity, vectors, queries);
      return topK;
    }
  }

  /** Against a sort of squares of differences; no two are near to equal. */
  @Test
  void byDistance() {
    float[][] vectors = random(21, 300, 17);
    float[][] queries = random(22, 40, 17);
    Neighbours found = TopK.byDistance(device, Vectors.of(vectors)).search(Vectors.of(queries), 9);
    for (int q = 0; q < queries.length; q++) {
      float[] query = queries[q];
      int[] nearest =
          IntStream.range(0, vectors.length)
              .boxed()
              .sorted(Comparator.comparingDouble(row -> squares(query, vectors[row])))
              .mapToInt(row -> row)
              .limit(9)
              .toArray();
      for (int rank = 0; rank < nearest.length; rank++) {
        assertThat(found.row(q, rank)).as("query %d, rank %d", q, rank).isEqualTo(nearest[rank]);
      }
    }
  }

  private static double squares(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.pow((double) a[i] - b[i], 2)).sum();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "1, 3, 2, 5",
    "7, 2, 3, 7",
    "33, 5, 31, 8",
    "64, 64, 33, 1",
    "65, 3, 129, 100",
    "257, 31, 5, 17",
    "300, 513, 4, 2"
  })
  void everySizeInBlocksOfEverySize(int size, int queries, int dimension, int k) {
    float[][] vectors = random(size, size, dimension);
    float[][] asked = random(queries + 1000, queries, dimension);
    for (Similarity similarity : Similarity.values()) {
      for (int block : new int[] {1, 16, 64, 100, 4096}) {
        search(device, similarity, block, vectors, asked, k);
      }
    }
  }

  @Test
  void theNumberOfThreadsAndTheDeviceChangeNothing() {
    float[][] vectors = random(1, 200, 96);
    float[][] queries = random(2, 20, 96);
    try (Device one = new HostDevice(1);
        Device interpreter =
            new DriverDevice(
                "ptx",
                new PtxDriver(CheckLevel.ALL, LaunchOptions.defaults()),
                KernelLibrary.bundled())) {
      for (Device each : new Device[] {one, interpreter, interpreter.computing(Precision.TF32)}) {
        search(each, Similarity.COSINE, 64, vectors, queries, 6);
      }
    }
  }

  /** Otherwise the products in f32 would be for nothing. */
  @Test
  void fewVectorsAreComparedInDouble() {
    float[][] vectors = random(3, 2000, 64);
    for (Similarity similarity : Similarity.values()) {
      TopK topK = search(device, similarity, 512, vectors, random(4, 40, 64), 10);
      assertThat(topK.exhaustive()).isZero();
    }
  }

  /** One last place apart, 500 vectors are the same in f32, and more than are kept. */
  @ParameterizedTest
  @EnumSource(Similarity.class)
  void vectorsThatF32CannotTellApart(Similarity similarity) {
    Random random = new Random(5);
    float[][] vectors = new float[500][40];
    for (float[] vector : vectors) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] = random.nextBoolean() ? 1 : Math.nextUp(1f);
      }
    }
    TopK topK = search(device, similarity, 128, vectors, random(6, 9, 40), 5);
    assertThat(topK.exhaustive()).isEqualTo(9);
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void equalOnesAreInTheOrderOfTheRows(Similarity similarity) {
    float[][] vectors = new float[90][];
    Arrays.setAll(vectors, i -> i % 2 == 0 ? new float[] {1, 2, 3} : new float[] {0, 0, 1});
    search(device, similarity, 32, vectors, new float[][] {{1, 2, 3}, {-1, 0, 0}}, 50);
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void vectorsOfZerosAreLikeNothing(Similarity similarity) {
    float[][] vectors = random(7, 60, 6);
    vectors[3] = new float[6];
    vectors[59] = new float[6];
    float[][] queries = random(8, 4, 6);
    queries[2] = new float[6];
    search(device, similarity, 25, vectors, queries, 58);
    search(device, similarity, 25, new float[70][6], queries, 3);
  }

  /** Products beyond f32, and far below it. */
  @ParameterizedTest
  @EnumSource(Similarity.class)
  void vectorsOfAnyLength(Similarity similarity) {
    for (float scale : new float[] {1e30f, 1e-30f}) {
      float[][] vectors = random(9, 120, 24);
      for (float[] vector : vectors) {
        for (int i = 0; i < vector.length; i++) {
          vector[i] *= scale;
        }
      }
      search(device, similarity, 50, vectors, Arrays.copyOf(vectors, 7), 4);
    }
  }

  @Test
  void noVectorsAndNoQueries() {
    try (Vectors none = Vectors.allocate(0, 3);
        Vectors some = Vectors.of(new float[] {1, 2, 3})) {
      assertThat(new TopK(device, none, Similarity.DOT).search(some, 2).count()).isZero();
      assertThat(new TopK(device, some, Similarity.DOT).search(none, 2).rows()).isEmpty();
    }
  }

  @Test
  void ranksAreAskedForRowsThatThereAre() {
    try (Vectors vectors = Vectors.of(new float[][] {{1, 2}, {3, 4}})) {
      TopK topK = new TopK(device, vectors, Similarity.DOT);
      assertThatThrownBy(() -> topK.ranks(vectors, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("ranks: 1 rows for 2 queries, expected one for each");
      assertThatThrownBy(() -> topK.ranks(vectors, 0, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      try (Vectors none = Vectors.allocate(0, 2)) {
        assertThat(topK.ranks(none)).isEmpty();
      }
    }
  }

  @Test
  void badInput() {
    try (Vectors vectors = Vectors.of(new float[][] {{1, 2}, {3, 4}});
        Vectors longer = Vectors.of(new float[] {1, 2, 3});
        Vectors broken = Vectors.of(new float[][] {{1, 2}, {Float.NaN, 1}});
        Vectors infinite = Vectors.of(new float[] {1, Float.NEGATIVE_INFINITY});
        Vectors many = Vectors.allocate(50_000, 1)) {
      TopK topK = new TopK(device, vectors, Similarity.COSINE);
      assertThatThrownBy(() -> topK.search(vectors, 0))
          .hasMessage("nearest neighbours: k is 0, expected > 0");
      assertThatThrownBy(() -> topK.search(longer, 1))
          .hasMessage("nearest neighbours: queries of 3 values, expected 2 as the vectors have");
      assertThatThrownBy(() -> topK.search(infinite, 1))
          .hasMessage("queries: row 0 holds a value that is not finite");
      assertThatThrownBy(() -> new TopK(device, broken, Similarity.DOT))
          .hasMessage("vectors: row 1 holds a value that is not finite");
      TopK topKOfMany = new TopK(device, many, Similarity.DOT);
      assertThatThrownBy(() -> topKOfMany.search(many, 50_000))
          .hasMessage(
              "nearest neighbours: 50000 of each of 50000 queries, expected at most 2147483647"
                  + " together");
    }
  }
}

package org.mirror4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;

/**
 * Pairs that are alike, and duplicates, against all similarities one after the other: the same rows
 * and the same bits, as both are computed by {@link Similarity}.
 */
class AlikeVectorsTest {
  private final Device device = new HostDevice(1);

  @AfterEach
  void closeDevice() {
    device.close();
  }

  /** Some rows are others again, exactly or nearly, and some are zeros. */
  private static float[][] random(int seed, int rows, int columns, double longest) {
    Random random = new Random(seed);
    float[][] vectors = new float[rows][columns];
    for (int row = 0; row < rows; row++) {
      int kind = random.nextInt(6);
      if (kind == 0) {
        continue;
      }
      float[] like = vectors[random.nextInt(row + 1)];
      double noise = kind == 1 ? 0 : kind == 2 ? 0.05 : 10;
      double length = longest * Math.exp(random.nextGaussian());
      for (int i = 0; i < columns; i++) {
        vectors[row][i] = (float) (like[i] * (kind < 3 ? 1 : 0) + noise * random.nextGaussian());
      }
      double norm = 0;
      for (float value : vectors[row]) {
        norm += (double) value * value;
      }
      for (int i = 0; kind > 2 && i < columns; i++) {
        vectors[row][i] *= (float) (length / Math.sqrt(norm));
      }
    }
    return vectors;
  }

  /** More than a product has of queries, than a block has of vectors, and products beyond f32. */
  @ParameterizedTest
  @CsvSource({
    "1, 3, 1, COSINE, 0.9",
    "2, 3, 1, COSINE, -1",
    "37, 5, 1, COSINE, 0.99",
    "37, 5, 1, DOT, 0.5",
    "37, 5, 1e30, COSINE, 0.9",
    "513, 7, 1, COSINE, 0.97",
    "1100, 2, 1, DOT, 4",
    "4200, 3, 1, COSINE, 0.9999"
  })
  void allOfThemAndNoOthers(
      int rows, int columns, double longest, Similarity similarity, double threshold) {
    float[][] all = random(rows, rows, columns, longest);
    List<SimilarPairs.Pair> expected = new ArrayList<>();
    int[] originals = new int[rows];
    Arrays.fill(originals, Duplicates.KEPT);
    for (int first = 0; first < rows; first++) {
      for (int second = first + 1; second < rows; second++) {
        double score = similarity.of(all[first], all[second]);
        if (score >= threshold) {
          expected.add(new SimilarPairs.Pair(first, second, score));
          if (originals[first] == Duplicates.KEPT && originals[second] == Duplicates.KEPT) {
            originals[second] = first;
          }
        }
      }
    }
    expected.sort(Comparator.comparingDouble((SimilarPairs.Pair pair) -> -pair.score()));
    try (Vectors vectors = Vectors.of(all)) {
      List<Integer> told = new ArrayList<>();
      SimilarPairs.Found found =
          SimilarPairs.find(device, vectors, similarity, threshold, Integer.MAX_VALUE, told::add);
      assertThat(found.pairs()).isEqualTo(expected);
      assertThat(found.all()).isEqualTo(expected.size());
      assertThat(told).hasSize(rows).last().isEqualTo(rows);
      for (int most : new int[] {1, 10}) {
        SimilarPairs.Found best =
            SimilarPairs.find(device, vectors, similarity, threshold, most, row -> {});
        assertThat(best.pairs()).isEqualTo(expected.subList(0, Math.min(most, expected.size())));
        assertThat(best.all()).isEqualTo(expected.size());
      }
      assertThat(Duplicates.find(device, vectors, similarity, threshold, row -> {}))
          .isEqualTo(originals);
    }
    if (rows > 30) {
      assertThat(expected).as("the case has pairs").isNotEmpty();
    }
  }

  /** What is like a duplicate alone is kept: the chain a, b, c of which a and c are not alike. */
  @Test
  void aDuplicateIsOfOneThatIsKept() {
    try (Vectors vectors = Vectors.of(new float[][] {{1, 0}, {1, 0.3f}, {1, 0.6f}, {1, 0.3f}})) {
      double threshold = 0.95;
      assertThat(Similarity.COSINE.of(vectors.get(1), vectors.get(2))).isGreaterThan(threshold);
      assertThat(Duplicates.find(device, vectors, Similarity.COSINE, threshold, row -> {}))
          .containsExactly(Duplicates.KEPT, 0, Duplicates.KEPT, 0);
    }
  }

  @Test
  void noneAndWrongOnes() {
    try (Vectors none = Vectors.allocate(0, 3);
        Vectors infinite = Vectors.of(new float[] {1, Float.POSITIVE_INFINITY})) {
      assertThat(SimilarPairs.find(device, none, Similarity.DOT, 0, 1, row -> {}).pairs())
          .isEmpty();
      assertThat(Duplicates.find(device, none, Similarity.DOT, 0, row -> {})).isEmpty();
      assertThatThrownBy(() -> Duplicates.find(device, infinite, Similarity.DOT, 0, row -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("vectors: row 0 holds a value that is not finite");
      assertThatThrownBy(() -> SimilarPairs.find(device, none, Similarity.DOT, 0, 0, row -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("pairs: at most 0, expected > 0");
    }
  }
}

package org.mirror4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;

class CslsTest {
  private final Device device = new HostDevice(1);

  @AfterEach
  void closeDevice() {
    device.close();
  }

  /** Mean cosine of a vector to its nearest of some others, by a sort. */
  private static double mean(float[] vector, float[][] others, int neighbourhood) {
    double[] cosines =
        Arrays.stream(others).mapToDouble(o -> Similarity.COSINE.of(vector, o)).sorted().toArray();
    int count = Math.min(neighbourhood, others.length);
    return Arrays.stream(cosines, cosines.length - count, cosines.length).average().orElseThrow();
  }

  @Test
  void theFormulaForEveryPair() {
    Random random = new Random(1);
    float[][] sources = new float[23][7];
    float[][] targets = new float[31][7];
    for (float[][] side : new float[][][] {sources, targets}) {
      for (float[] vector : side) {
        for (int i = 0; i < vector.length; i++) {
          vector[i] = (float) (0.4 + random.nextGaussian());
        }
      }
    }
    float[][] asked = {sources[4], sources[0], sources[22]};
    for (int neighbourhood : new int[] {1, 10, 50}) {
      try (Vectors s = Vectors.of(sources);
          Vectors t = Vectors.of(targets);
          Vectors queries = Vectors.of(asked)) {
        Csls csls = new Csls(device, s, t, neighbourhood);
        Neighbours found = csls.search(queries, 40);
        assertThat(found.count()).isEqualTo(31);
        for (int q = 0; q < asked.length; q++) {
          for (int rank = 0; rank < found.count(); rank++) {
            float[] target = targets[found.row(q, rank)];
            double expected =
                2 * Similarity.COSINE.of(asked[q], target)
                    - mean(asked[q], targets, neighbourhood)
                    - mean(target, sources, neighbourhood);
            // Means of at most 31 values within 1 in double, in two orders: 31 * 2^-53 each.
            assertThat(found.score(q, rank)).isCloseTo(expected, within(1e-14));
            assertThat(rank == 0 || found.score(q, rank - 1) >= found.score(q, rank)).isTrue();
            int[] rows = new int[asked.length];
            rows[q] = found.row(q, rank);
            assertThat(csls.ranks(queries, rows)[q]).isEqualTo(rank + 1);
          }
        }
      }
    }
  }

  /** A target between all sources is the nearest by cosine to the first, and no translation. */
  @Test
  void aHubIsHeldBack() {
    float[][] sources = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    float[][] targets = {{1, 1, 1}, {1, 1.3f, 0}, {0, 1, -0.2f}, {0, -0.1f, 1}};
    try (Vectors s = Vectors.of(sources);
        Vectors t = Vectors.of(targets)) {
      assertThat(new TopK(device, t, Similarity.COSINE).search(s, 1).row(0, 0)).isEqualTo(1);
      float[][] between = {{1, 1, 1}, {1, 1, -1.6f}};
      try (Vectors hubs = Vectors.of(between)) {
        // Cosines 0.577 and 0.468; halves of the means 0.289 of three and 0.234 of one and less.
        assertThat(new TopK(device, hubs, Similarity.COSINE).search(s, 1).row(0, 0)).isZero();
        assertThat(new Csls(device, s, hubs, 3).search(s, 1).row(0, 0)).isEqualTo(1);
      }
    }
  }

  @Test
  void badInput() {
    try (Vectors none = Vectors.allocate(0, 2);
        Vectors some = Vectors.of(new float[] {1, 2})) {
      assertThatThrownBy(() -> new Csls(device, none, some, 10)).hasMessage("CSLS: no sources");
      assertThatThrownBy(() -> new Csls(device, some, some, 0))
          .hasMessage("nearest neighbours: k is 0, expected > 0");
    }
  }
}

package org.mirror4j.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CosineTest {
  @Test
  void byHand() {
    float[] a = {3, 4};
    // 24 / (5 * 5); all sums are exact, the root and the division round once each.
    assertThat(Cosine.similarity(a, new float[] {4, 3})).isCloseTo(0.96, within(1e-15));
    assertThat(Cosine.similarity(a, new float[] {-4, 3})).isZero();
    assertThat(Cosine.similarity(a, new float[] {-6, -8})).isEqualTo(-1);
  }

  @Test
  void copiesGiveExactlyOne() {
    Random random = new Random(3);
    for (int n : new int[] {1, 2, 127, 768}) {
      for (int trial = 0; trial < 50; trial++) {
        float[] a = new float[n];
        for (int i = 0; i < n; i++) {
          a[i] = (float) random.nextGaussian();
        }
        assertThat(Cosine.similarity(a, a.clone())).isEqualTo(1);
      }
    }
  }

  @Test
  void zeroVectorsAreLikeNothing() {
    assertThat(Cosine.similarity(new float[3], new float[] {1, 2, 3})).isZero();
    assertThat(Cosine.similarity(new float[3], new float[3])).isZero();
  }

  @Test
  void sumsAreDouble() {
    // In float the squares overflow, or vanish.
    assertThat(Cosine.similarity(new float[] {1e30f, 0}, new float[] {1e30f, 1e30f}))
        .isCloseTo(Math.sqrt(0.5), within(1e-15));
    assertThat(Cosine.similarity(new float[] {1e-30f, 0}, new float[] {1e-30f, 1e-30f}))
        .isCloseTo(Math.sqrt(0.5), within(1e-15));
    assertThat(
            Cosine.similarity(
                new float[] {Float.MAX_VALUE, Float.MIN_VALUE}, new float[] {0, Float.MIN_VALUE}))
        .isPositive();
  }

  @Test
  void lengthsDiffer() {
    assertThatThrownBy(() -> Cosine.similarity(new float[2], new float[3]))
        .hasMessage("cosine: 2 values against 3, expected as many");
  }
}

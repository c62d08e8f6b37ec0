package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenMaskingTest {
  private static final int PAD = 0, UNK = 1, CLS = 2, SEP = 3, MASK = 4, VOCABULARY = 105;
  private static final TokenMasking MASKING =
      new TokenMasking(VOCABULARY, MASK, PAD, UNK, CLS, SEP);

  @Test
  void recordsWhatStoodThere() {
    int[] ids = {CLS, 5, 6, UNK, 7, 8, 9, 10, 11, 12, MASK, 13, 14, 15, SEP, PAD};
    int[] before = ids.clone();
    MaskedTokens masked = MASKING.apply(ids, 42, 0, 0);

    assertThat(ids).isEqualTo(before);
    // 11 ordinary tokens: round(1.65) = 2.
    assertThat(masked.positions()).hasSize(2).isSorted();
    int[] restored = masked.ids().clone();
    for (int i = 0; i < masked.positions().length; i++) {
      assertThat(masked.labels()[i]).isEqualTo(ids[masked.positions()[i]]).isGreaterThan(MASK);
      restored[masked.positions()[i]] = masked.labels()[i];
    }
    assertThat(restored).isEqualTo(ids);
  }

  @Test
  void choosesAtLeastOneTokenWhereThereIsOne() {
    assertThat(MASKING.apply(new int[] {CLS, 9, SEP}, 1, 2, 3).positions()).containsExactly(1);
    assertThat(MASKING.apply(new int[] {CLS, UNK, MASK, SEP}, 1, 2, 3).positions()).isEmpty();
    assertThat(MASKING.apply(new int[0], 1, 2, 3).positions()).isEmpty();
    assertThat(IntStream.of(0, 1, 9, 10, 20, 510).map(TokenMasking::predictions))
        .containsExactly(0, 1, 1, 2, 3, 77);
  }

  @Test
  void splitsEightyTenTen() {
    int[] ids = new int[22];
    Arrays.setAll(ids, i -> 50 + i);
    ids[0] = CLS;
    ids[21] = SEP;
    int sequences = 10_000;
    int[] chosen = new int[ids.length];
    int[] replacements = new int[VOCABULARY];
    int masks = 0;
    int same = 0;
    for (int item = 0; item < sequences; item++) {
      MaskedTokens masked = MASKING.apply(ids, 7, 1, item);
      for (int position : masked.positions()) {
        chosen[position]++;
        int id = masked.ids()[position];
        if (id == MASK) {
          masks++;
        } else if (id == ids[position]) {
          same++;
        } else {
          replacements[id]++;
        }
      }
    }
    int total = 3 * sequences;
    assertThat(Arrays.stream(chosen).sum()).isEqualTo(total);
    // Six standard deviations of a binomial count, passed by chance once in 5e8 counts.
    assertWithin(masks, total, 0.8);
    // One of a hundred replacements draws the token that was there.
    assertWithin(same, total, 0.1 + 0.1 / 100);
    for (int position = 1; position <= 20; position++) {
      assertWithin(chosen[position], sequences, 3 / 20.0);
    }
    assertThat(chosen[0] + chosen[21]).isZero();
    for (int id = 0; id < VOCABULARY; id++) {
      if (id <= MASK) {
        assertThat(replacements[id]).isZero();
      } else if (id <= 50 || id >= 71) {
        assertWithin(replacements[id], total, 0.1 / 100);
      }
    }
  }

  @Test
  void dependsOnSeedEpochAndItemAlone() {
    int[] ids = IntStream.range(5, 105).toArray();
    int[] first = MASKING.apply(ids, 42, 3, 4).ids();
    assertThat(MASKING.apply(ids, 42, 3, 4).ids()).isEqualTo(first);
    // 15 of 100 positions agree by chance with probability 4e-18.
    assertThat(MASKING.apply(ids, 43, 3, 4).ids()).isNotEqualTo(first);
    assertThat(MASKING.apply(ids, 42, 4, 4).ids()).isNotEqualTo(first);
    assertThat(MASKING.apply(ids, 42, 4, 3).ids()).isNotEqualTo(first);
    assertThat(MASKING.apply(ids, 42, 3, 5).ids()).isNotEqualTo(first);
  }

  @Test
  void refusesAVocabularyOfSpecialTokens() {
    assertThatThrownBy(() -> new TokenMasking(3, 2, 0, 1))
        .hasMessage("all 3 ids of the vocabulary are special");
  }

  private static void assertWithin(int count, int trials, double probability) {
    double deviation = Math.sqrt(trials * probability * (1 - probability));
    assertThat((double) count)
        .isBetween(trials * probability - 6 * deviation, trials * probability + 6 * deviation);
  }
}

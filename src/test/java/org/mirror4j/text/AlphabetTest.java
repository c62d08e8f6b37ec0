package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AlphabetTest {
  private final WordCounts counts = new WordCounts(false);

  private String letters(int least, double leftOut, int mostPieces) {
    return Alphabet.covering(counts, least, leftOut, mostPieces).characters().stream()
        .map(Character::toString)
        .collect(Collectors.joining());
  }

  @Test
  void hasAsManyCharactersAsItTakes() {
    // Of 100 characters b are 50, a 30, d 15, c 4, e 1; all but a and e also within words.
    counts.add("abd", 15);
    counts.add("ab", 15);
    counts.add("bb", 8);
    counts.add("bc", 4);
    counts.add("e", 1);
    assertThat(letters(0, 0.2, 100)).isEqualTo("ab");
    assertThat(letters(0, 0.19, 100)).isEqualTo("abd");
    assertThat(letters(0, 0.05, 100)).isEqualTo("abd");
    assertThat(letters(0, 0.01, 100)).isEqualTo("abcd");
    assertThat(letters(0, 0, 100)).isEqualTo("abcde");
    // In any case, where there are so many.
    assertThat(letters(4, 1, 0)).isEqualTo("abcd");
    assertThat(letters(9, 1, 0)).isEqualTo("abcde");
    // b and ##b, a, d and ##d.
    assertThat(letters(0, 0, 5)).isEqualTo("abd");
    assertThat(letters(0, 0, 4)).isEqualTo("ab");
    assertThat(letters(3, 0, 4)).isEqualTo("abd");
  }

  /** Whatever the words are that have the others. */
  @Test
  void saysWhichWordsItSpells() {
    counts.add("ab", 6);
    counts.add("abd", 2);
    counts.add("d", 1);
    counts.add("\ud835\udd38", 1);
    Alphabet alphabet = Alphabet.covering(counts, 2, 1, 0);
    assertThat(alphabet.spells("ba")).isTrue();
    assertThat(alphabet.spells("bad")).isFalse();
    assertThat(alphabet.unspelt(counts)).isCloseTo(0.4, within(1e-12));
    assertThat(alphabet.unspelt(new WordCounts(false))).isZero();
  }
}

package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrequentWordsTest {
  private static FrequentWords.Found count(List<String> texts, int inMemory, int limit) {
    try (FrequentWords counts = new FrequentWords(true, inMemory)) {
      texts.forEach(counts::add);
      return counts.mostFrequent(limit);
    }
  }

  @Test
  void findsTheMostFrequent(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("text"),
            "The cat, the CAT and the dog.\n\nA cat-like x2 élan; 日本 a a a a\ndog zoo");
    for (int limit : new int[] {4, 100}) {
      try (LineReader lines = new LineReader(List.of(file), 1000);
          FrequentWords counts = new FrequentWords(true)) {
        counts.addAll(lines);
        FrequentWords.Found found = counts.mostFrequent(limit);
        List<String> all = List.of("cat", "the", "dog", "and", "elan", "like", "zoo");
        assertThat(found.words()).isEqualTo(all.subList(0, Math.min(limit, all.size())));
        assertThat(found.distinct()).isEqualTo(15);
      }
    }
  }

  @Test
  void keepsCaseOnRequest() {
    try (FrequentWords counts = new FrequentWords(false)) {
      counts.add("The the Été");
      assertThat(counts.mostFrequent(9).words()).containsExactly("The", "the", "Été");
    }
  }

  /**
   * Words of one to three letters or digits, small ones more often, some of them beyond the first
   * plane: in runs of any size the counts of a word add up to those in one map, and what is equally
   * frequent stands in the order of code units, wherever the limit falls.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 50, 1 << 20})
  void runsAddUp(int inMemory) {
    Random random = new Random(5);
    List<String> texts = new ArrayList<>();
    Map<String, Integer> expected = new HashMap<>();
    for (int line = 0; line < 400; line++) {
      List<String> words = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        StringBuilder word = new StringBuilder();
        for (int length = 1 + random.nextInt(3); length > 0; length--) {
          int letter = (int) Math.abs(random.nextGaussian() * 4);
          word.appendCodePoint(
              letter < 9 ? 'a' + letter : letter < 11 ? '0' + letter - 9 : 0x10400 + 40);
        }
        words.add(word.toString());
        expected.merge(word.toString(), 1, Integer::sum);
      }
      texts.add(String.join(" ", words));
    }
    List<String> sorted =
        expected.entrySet().stream()
            .filter(word -> word.getKey().codePoints().allMatch(Character::isLetter))
            .filter(word -> word.getKey().codePoints().count() > 1)
            .sorted(
                Comparator.comparing((Map.Entry<String, Integer> word) -> -word.getValue())
                    .thenComparing(Map.Entry::getKey))
            .map(Map.Entry::getKey)
            .toList();
    for (int limit : new int[] {1, 3, 40, sorted.size() - 1, sorted.size(), 10_000}) {
      FrequentWords.Found found = count(texts, inMemory, limit);
      assertThat(found.words()).isEqualTo(sorted.subList(0, Math.min(limit, sorted.size())));
      assertThat(found.distinct()).isEqualTo(expected.size());
    }
  }

  /** A word that is longer than what is read of a run at once. */
  @Test
  void longWords() {
    String word = "ab".repeat(50_000);
    List<String> texts = List.of("of to", word, "of", word + " to " + word, "to");
    assertThat(count(texts, 1, 2)).isEqualTo(new FrequentWords.Found(List.of(word, "to"), 3));
  }

  @Test
  void nothingIsFoundInNothing() {
    assertThat(count(List.of(), 1, 5)).isEqualTo(new FrequentWords.Found(List.of(), 0));
    assertThat(count(List.of("", "1 2", "x"), 1, 5).words()).isEmpty();
  }
}

package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WordCountsTest {
  private static Map<String, Long> all(WordCounts counts) {
    Map<String, Long> all = new HashMap<>();
    counts.forEach(all::put);
    assertThat(counts.distinct()).isEqualTo(all.size());
    return all;
  }

  @Test
  void countsWords() {
    WordCounts counts = new WordCounts(true);
    counts.add("The cat, the CAT and the dog.");
    counts.add("");
    counts.add("A cat-like x2 élan; 日本 a a a a");
    counts.add("dog zoo");
    assertThat(all(counts))
        .hasSize(15)
        .containsEntry("the", 3L)
        .containsEntry("cat", 3L)
        .containsEntry("a", 5L)
        .containsEntry("x2", 1L)
        .containsEntry(",", 1L)
        .doesNotContainKey("CAT");
  }

  @Test
  void keepsCaseOnRequest() {
    WordCounts counts = new WordCounts(false);
    counts.add("The the Été");
    assertThat(all(counts)).isEqualTo(Map.of("The", 1L, "the", 1L, "Été", 1L));
  }
}

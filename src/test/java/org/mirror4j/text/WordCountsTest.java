package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordCountsTest {
  @Test
  void countsWords(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("text"),
            "The cat, the CAT and the dog.\n\nA cat-like x2 élan; 日本 a a a a\ndog zoo");
    WordCounts counts = new WordCounts(true);
    try (LineReader lines = new LineReader(List.of(file), 1000)) {
      counts.addAll(lines);
    }
    assertThat(counts.count("the")).isEqualTo(3);
    assertThat(counts.count("cat")).isEqualTo(3);
    assertThat(counts.count("a")).isEqualTo(5);
    assertThat(counts.count("x2")).isEqualTo(1);
    assertThat(counts.count(",")).isEqualTo(1);
    assertThat(counts.count("CAT")).isZero();
    assertThat(counts.distinct()).isEqualTo(15);
  }

  @Test
  void keepsCaseOnRequest() {
    WordCounts counts = new WordCounts(false);
    counts.add("The the Été");
    assertThat(counts.count("The")).isEqualTo(1);
    assertThat(counts.count("Été")).isEqualTo(1);
    assertThat(counts.distinct()).isEqualTo(3);
  }
}

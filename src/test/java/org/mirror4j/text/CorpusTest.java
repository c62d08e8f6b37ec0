package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.SharedData;
import org.mirror4j.text.Corpus.Options;
import org.mirror4j.text.Corpus.Report;

class CorpusTest {
  @TempDir Path folder;

  @Test
  void pairsEachLineWithItself() throws Exception {
    Report report =
        read(
            "First \n\nÉté\r\n \t\nFirst \nlast",
            Options.DEFAULT,
            new TextPair("First ", "First "),
            new TextPair("Été", "Été"),
            new TextPair("First ", "First "),
            new TextPair("last", "last"));
    assertThat(report.lines()).isEqualTo(6);
    assertThat(report.blankLines()).isEqualTo(2);
    assertThat(report.distinct()).isEqualTo(3);
    assertThat(report.duplicates()).isEqualTo(1);
    assertThat(report.summary("words.txt"))
        .isEqualTo("words.txt: 4 items from 6 lines; duplicates: 1; blank lines: 2");
  }

  @Test
  void keepsBlankLinesOnRequest() throws Exception {
    Report report =
        read(
            "a\n\n b",
            new Options(false, true, 10_000),
            new TextPair("a", "a"),
            new TextPair("", ""),
            new TextPair(" b", " b"));
    assertThat(report.blankLines()).isEqualTo(1);
  }

  @Test
  void splitsPairsAtExactlyOneDelimiter() throws Exception {
    Report report =
        read(
            "a || b\nnone\nx||y||z\n||\n|||c\nd|e\n\n||||\n",
            new Options(true, false, 10_000),
            new TextPair("a ", " b"),
            new TextPair("", ""),
            new TextPair("", "|c"));
    assertThat(report.malformedLines()).isEqualTo(4);
    assertThat(report.blankLines()).isEqualTo(1);
    assertThat(report.lines()).isEqualTo(8);
  }

  @Test
  void summarisesTrouble() throws Exception {
    byte[] bytes = "good\nbad \u00e9\ntoo long\n".getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(folder.resolve("corpus"), bytes);
    Report report = report(file, new Options(false, false, 5));
    assertThat(report.summary("words.txt"))
        .isEqualTo(
            "words.txt: 3 items from 3 lines; lines cut at 5 characters: 1;"
                + " lines not UTF-8, the first is line 2: 1");
  }

  @Test
  void refusesACorpusWithoutItems() {
    assertThatThrownBy(() -> read("\n \n", Options.DEFAULT))
        .isInstanceOf(TextException.class)
        .hasMessage(
            folder.resolve("corpus")
                + " has no usable line: 2 lines, 2 blank, 0 without exactly one ||");
    assertThatThrownBy(() -> read("a\nb", new Options(true, false, 10_000)))
        .hasMessageContaining("2 without exactly one ||");
  }

  @Test
  void readsTheSentencesOfThePaper() {
    Path file =
        SharedData.require("data/mirror_corpus/stsbenchmark_train_10k_sents_random_sampled.txt");
    Report report = report(file, Options.DEFAULT);
    assertThat(report.items()).isEqualTo(10_000);
    assertThat(report.distinct()).isEqualTo(9_281);
    assertThat(report.invalidLines() + report.blankLines() + report.cutLines()).isZero();
  }

  @Test
  void readsCompressedArabic() {
    Path file =
        SharedData.require("data/mirror_corpus/arabic_wikimatrix_10k_sents_random_sampled.txt.gz");
    Report report = report(file, Options.DEFAULT);
    assertThat(report.items()).isEqualTo(10_000);
    assertThat(report.distinct()).isEqualTo(9_503);
    assertThat(report.cutLines()).isZero();
  }

  /** Any item may be asked for at any time. */
  @Test
  void itemsAreReadInAnyOrder() throws Exception {
    List<String> lines =
        IntStream.range(0, 3000).mapToObj(i -> "żółć ".repeat(i % 40) + i).toList();
    Path file = Files.write(folder.resolve("corpus"), lines);
    try (Corpus corpus = Corpus.read(file, Options.DEFAULT)) {
      assertThat(corpus.size()).isEqualTo(3000);
      for (int item : new int[] {2999, 0, 1777, 41, 1777}) {
        assertThat(corpus.pair(item)).isEqualTo(new TextPair(lines.get(item), lines.get(item)));
      }
      assertThatThrownBy(() -> corpus.pair(3000)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  /** Bytes as they lie in the file, up to its end, a buffer ahead of the lines. */
  @Test
  void tellsHowFarItIs() throws Exception {
    Path file = folder.resolve("corpus");
    Files.write(file, IntStream.range(0, 70_000).mapToObj("line %05d"::formatted).toList());
    List<Long> told = new ArrayList<>();
    Corpus.read(file, Options.DEFAULT, told::add).close();
    assertThat(told).hasSize(4).isSorted();
    for (int i = 0; i < told.size(); i++) {
      assertThat(told.get(i) - 11L * (1 << 14) * (i + 1)).isBetween(0L, 1L << 17);
    }
  }

  private static Report report(Path file, Options options) {
    try (Corpus corpus = Corpus.read(file, options)) {
      return corpus.report();
    }
  }

  private Report read(String text, Options options, TextPair... pairs) throws IOException {
    Path file = Files.writeString(folder.resolve("corpus"), text);
    try (Corpus corpus = Corpus.read(file, options)) {
      assertThat(corpus.pairs()).containsExactly(pairs);
      return corpus.report();
    }
  }
}

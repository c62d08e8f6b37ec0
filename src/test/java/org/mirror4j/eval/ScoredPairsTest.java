package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.text.TextException;

class ScoredPairsTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("pairs.txt"), text);
  }

  @Test
  void everyKindOfLineEnd() throws IOException {
    Path file = file("\uFEFFcat\tdog\t7\r\ncar\tbus\t8.5\rsun\tmoon\t-1e-1\n\nzoo\tark\t.5");
    assertThat(ScoredPairs.read(file, PairFormat.WORD_SIMILARITY).pairs())
        .containsExactly(
            new ScoredPair("cat", "dog", 7),
            new ScoredPair("car", "bus", 8.5),
            new ScoredPair("sun", "moon", -0.1),
            new ScoredPair("zoo", "ark", 0.5));
  }

  @Test
  void headerIsOptionalInWordSimilarity() throws IOException {
    Path file = file("Word 1\tWord 2\tScore\nice cream\t\u00a0Eis\u00a0\t7\textra\n");
    assertThat(ScoredPairs.read(file, PairFormat.WORD_SIMILARITY).pairs())
        .containsExactly(new ScoredPair("ice cream", "Eis", 7));
  }

  @Test
  void textsKeepTheirCaseAndQuotes() throws IOException {
    Path file = file("3\t\"Then he said\tIt's \\t a Test\tsource\n");
    assertThat(ScoredPairs.read(file, PairFormat.STS).pairs())
        .containsExactly(new ScoredPair("\"Then he said", "It's \\t a Test", 3));
  }

  @Test
  void unscoredSentencesAreCounted() throws IOException {
    Path file = file("\ta\tb\n3\tc\td\n \te\tf\n0\tg\th\n");
    ScoredPairs scored = ScoredPairs.read(file, PairFormat.STS);
    assertThat(scored.pairs())
        .containsExactly(new ScoredPair("c", "d", 3), new ScoredPair("g", "h", 0));
    assertThat(scored.skippedLines()).isEqualTo(2);
  }

  @Test
  void malformedLinesAreNamed() throws IOException {
    assertMalformed(
        "a\tb\t1\na\tb\n", PairFormat.WORD_SIMILARITY, ":2: 2 fields, expected at least 3");
    assertMalformed(
        "a\tb\t1\na\tb\tx\n", PairFormat.WORD_SIMILARITY, ":2: score is \"x\" (field 3)");
    assertMalformed("a\tb\t1,5\n", PairFormat.WORD_SIMILARITY, ":1: score is \"1,5\" (field 3)");
    assertMalformed("a\tb\t1\n\na\tb\t\n", PairFormat.WORD_SIMILARITY, ":3: score is \"\"");
    assertMalformed("a\tb\t1\na\tb\tNaN\n", PairFormat.WORD_SIMILARITY, ":2: score is \"NaN\"");
    assertMalformed("a\tb\t1\na\tb\t1e999\n", PairFormat.WORD_SIMILARITY, ":2: score is \"1e999\"");
    assertMalformed("a\t \t1\n", PairFormat.WORD_SIMILARITY, ":1: field 2 is empty");
    assertMalformed(
        "1\tnoun\ta\tb\t3\n", PairFormat.MULTI_SIMLEX, ":1: field 5 is \"3\", expected a header");
    assertMalformed("score\ta\tb\n", PairFormat.STS, ":1: score is \"score\" (field 1)");
    assertMalformed("\ta\tb\n", PairFormat.STS, ": no scored pairs");
  }

  private void assertMalformed(String text, PairFormat format, String message) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> ScoredPairs.read(file, format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + message);
  }

  @Test
  void ownFilesAreRecognised() throws IOException {
    ScoredPair catDog = new ScoredPair("cat", "dog", 7);
    for (String text :
        new String[] {
          "cat\tdog\t7\n",
          "cat dog 7",
          "  cat  dog\t 7 \n".replace('\t', ' '),
          "7\tcat\tdog\n",
          "7 cat dog\n",
          "left\tright\tgold\ncat\tdog\t7\n",
          "gold\tleft\tright\n7\tcat\tdog\tsource\n",
          "\n\nw1 w2 s\ncat dog 7\n"
        }) {
      assertThat(ScoredPairs.read(file(text)).pairs()).as(text).containsExactly(catDog);
    }
  }

  @Test
  void ownFilesMayLackScores() throws IOException {
    ScoredPairs scored = ScoredPairs.read(file("a cat\ta dog\t7\na\tb\t\n"));
    assertThat(scored.pairs()).containsExactly(new ScoredPair("a cat", "a dog", 7));
    assertThat(scored.skippedLines()).isEqualTo(1);
  }

  @Test
  void ownFilesThatDoNotFit() throws IOException {
    Path words = file("cat dog 7\nice cream cake 3\n");
    assertThatThrownBy(() -> ScoredPairs.read(words))
        .hasMessage(words + ":2: 4 fields, expected 3 separated by white space");
    Path prose = file("Not a list.\nOf anything at all.\n1\t2\t3\n");
    assertThatThrownBy(() -> ScoredPairs.read(prose))
        .hasMessageStartingWith(prose + ": no pairs found in the first lines, expected");
  }

  @Test
  void gzippedFiles() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
      zipped.write("czy\tżółć\t1\n".getBytes(StandardCharsets.UTF_8));
    }
    Path file = Files.write(folder.resolve("pairs.txt.gz"), bytes.toByteArray());
    assertThat(ScoredPairs.read(file).pairs()).containsExactly(new ScoredPair("czy", "żółć", 1));
  }

  @Test
  void filesThatCannotBeRead() throws IOException {
    Path absent = folder.resolve("absent.tsv");
    assertThatThrownBy(() -> ScoredPairs.read(absent))
        .isInstanceOf(TextException.class)
        .hasMessage(absent + " does not exist");
    Path nothing = Files.createFile(folder.resolve("nothing.tsv"));
    assertThatThrownBy(() -> ScoredPairs.read(nothing))
        .isInstanceOf(TextException.class)
        .hasMessage(nothing + " is empty");
    Path latin1 =
        Files.write(
            folder.resolve("latin1.tsv"),
            "a\tb\t1\r\ncafé\tbar\t2\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ScoredPairs.read(latin1))
        .isInstanceOf(TextException.class)
        .hasMessage(latin1 + ":2: not UTF-8");
    Path cut = Files.write(folder.resolve("cut.tsv"), new byte[] {'a', '\t', (byte) 0xc5});
    assertThatThrownBy(() -> ScoredPairs.read(cut)).hasMessage(cut + ":1: not UTF-8");
    Path broken = Files.write(folder.resolve("broken.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
    assertThatThrownBy(() -> ScoredPairs.read(broken))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("cannot read " + broken);
    Path endless = Files.writeString(folder.resolve("endless"), "a".repeat(1_000_001));
    assertThatThrownBy(() -> ScoredPairs.read(endless))
        .isInstanceOf(TextException.class)
        .hasMessage(endless + ":1: longer than 1,000,000 characters");
  }
}

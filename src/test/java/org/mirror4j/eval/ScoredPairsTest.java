package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.text.TextException;

class ScoredPairsTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("pairs.txt"), text);
  }

  private static ScoredPairs own(Path file) {
    return ScoredPairs.read(file, notice -> {});
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
          "gold\tleft\tright\n7\tcat\tdog\n",
          "\n\nw1 w2 s\ncat dog 7\n"
        }) {
      assertThat(own(file(text)).pairs()).as(text).containsExactly(catDog);
    }
  }

  @Test
  void ownFilesMayLackScores() throws IOException {
    ScoredPairs scored = own(file("a cat\ta dog\t7\na\tb\t\n"));
    assertThat(scored.pairs()).containsExactly(new ScoredPair("a cat", "a dog", 7));
    assertThat(scored.skippedLines()).isEqualTo(1);
  }

  @Test
  void ownFilesThatDoNotFit() throws IOException {
    Path words = file("cat dog 7\nice cream cake 3\n");
    assertThatThrownBy(() -> own(words))
        .hasMessage(
            words + ":2: 4 fields, expected 3 as in the first row, separated by white space");
    Path prose = file("Not a list.\nOf anything at all.\n1\t2\t3\n");
    assertThatThrownBy(() -> own(prose))
        .hasMessage(
            prose
                + ": which columns hold the score and the two texts is not certain; there are"
                + " 1 \"Not\", 2 \"a\", 3 \"list.\"; name them, as in"
                + " pairs:FILE:score=3,first=1,second=2");
  }

  private static final ScoredPair CAT_DOG = new ScoredPair("a cat", "a dog", 1.5);

  /** SICK, GLUE's STS-B and the official one, and what others call the same columns. */
  @Test
  void layoutsOfDataSetsAreKnown() throws IOException {
    for (String text :
        new String[] {
          "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
              + "7\ta cat\ta dog\t1.5\tNEUTRAL\n",
          "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2"
              + "\tscore\n0\tmain-news\tMSR\t2012\t3\tn\tn\ta cat\ta dog\t1.5\n",
          "main-news\tMSRpar\t2012test\t0005\t1.5\ta cat\ta dog\n",
          "Sentence1,Sentence2,Score\n\"a cat\",a dog,1.5\n",
          "Word 1,Word 2,Human (mean)\na cat,a dog,1.5\n",
          "a cat,a dog,1.5\n",
          "1.5,\"a cat\",\"a dog\"\r\n",
          "id\tword1\tword2\tSimLex999\n1\ta cat\ta dog\t1.5\n"
        }) {
      assertThat(own(file(text)).pairs()).as(text).containsExactly(CAT_DOG);
    }
  }

  /** Some rows of the official STS-B have two sources more; quotes have no meaning there. */
  @Test
  void theOfficialBenchmarkHasRowsOfTwoWidths() throws IOException {
    Path file =
        file(
            "main-news\tMSRpar\t2012test\t0005\t1.5\ta cat\ta dog\n"
                + "main-forums\tx\t2015\t6\t2\ta \"pair\tmore\tx\ty\n");
    assertThat(own(file).pairs()).containsExactly(CAT_DOG, new ScoredPair("a \"pair", "more", 2));
  }

  /** RFC 4180: commas, line ends and doubled quotes within quotes; quotes elsewhere are literal. */
  @Test
  void quotedFields() throws IOException {
    Path file =
        file(
            "s1,s2,score\r\n\"a, \"\"b\"\"\",\"two\nlines\",2\r\n\n"
                + "the 5\" disk,\"\"\"q\"\"\",3\n");
    assertThat(own(file).pairs())
        .containsExactly(
            new ScoredPair("a, \"b\"", "two\nlines", 2),
            new ScoredPair("the 5\" disk", "\"q\"", 3));
    assertRefused("s1,s2,score\na,b,1\na,\"b,1\n", ":3: a quote is opened here and never closed");
    assertRefused("s1,s2,score\n\"a\"x,b,1\n", ":2: 'x' behind a closing quote");
    assertRefused(
        "s1,s2,score\na, b,c,1\n",
        ":2: 4 fields, expected 3 as in the first row, separated by comma;"
            + " a text with a comma stands in quotes");
  }

  private void assertRefused(String text, String message) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> own(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + message);
  }

  @Test
  void anUnscoredPairOnTheFirstLineIsAPair() throws IOException {
    for (String text :
        new String[] {
          "\tx\ty\n1.5\ta cat\ta dog\n", "x\ty\t \na cat\ta dog\t1.5\n", "x,y,\na cat,a dog,1.5"
        }) {
      ScoredPairs scored = own(file(text));
      assertThat(scored.pairs()).as(text).containsExactly(CAT_DOG);
      assertThat(scored.skippedLines()).as(text).isEqualTo(1);
    }
  }

  @Test
  void uncertainColumnsAreAskedFor() throws IOException {
    for (String text :
        new String[] {
          "1\tcat\tdog\t7\n2\tsun\tmoon\t5\n", // a number on both sides
          "cat\tdog\t7\t6\n", // two scores
          "3\tx\t4\n5\ty\t6\n", // two columns of numbers
          "a\tb\tc\nd\te\tf\n", // none
          "cat\t7\n", // too few columns
          "sentence1\tsentence2\tscore\tlabel\na\tb\t1\t2\n" // two names of scores
        }) {
      Path file = file(text);
      assertThatThrownBy(() -> own(file))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(file + ": which columns hold the score and the two texts is not")
          .hasMessageContaining("; there are 1 \"")
          .hasMessageContaining("name them, as in pairs:FILE:score=");
    }
  }

  @Test
  void columnsAreNamedByTheUser() throws IOException {
    Path file = file("id\tleft one\tright\tmean\tother\n1\ta cat\ta dog\t1.5\t9\n");
    for (String choice :
        new String[] {
          "score=4,first=2,second=3",
          "first=left one,second=RIGHT,score=mean",
          "score=4,first=left one,second=3"
        }) {
      List<String> notices = new ArrayList<>();
      ScoredPairs scored = ScoredPairs.read(file, ColumnChoice.of(choice), notices::add);
      assertThat(scored.pairs()).as(choice).containsExactly(CAT_DOG);
      assertThat(notices)
          .containsExactly(
              file + ": score in column 4 (mean), texts in 2 (left one) and 3 (right)");
    }
    assertWrongChoice(file, "score=6,first=1,second=2", "no column 6, there are 1 \"id\", 2 \"le");
    assertWrongChoice(file, "score=meen,first=1,second=2", "did you mean mean?");
    assertWrongChoice(file, "score=4,first=2,second=2", "are to be three columns; there are 1 ");
    for (String choice :
        new String[] {"score=1", "score=1,first=2,second", "score=1,score=2,first=3"}) {
      assertThatThrownBy(() -> ColumnChoice.of(choice))
          .hasMessage(
              "columns are '" + choice + "', expected score=COLUMN,first=COLUMN,second=COLUMN");
    }
  }

  /** A comma in a text shifts what stands behind it, and another text would be taken for it. */
  @Test
  void namedColumnsOfAShiftedRow() throws IOException {
    Path shifted = file("score,first,second,note\n1,a,b,n\n2,one, two,b,n\n");
    ColumnChoice named = ColumnChoice.of("score=score,first=first,second=second");
    assertThatThrownBy(() -> ScoredPairs.read(shifted, named, notice -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(shifted + ":3: 5 fields, expected 4 as in the first row");
    Path tabs = file("1\ta cat\ta dog\n2\ta\tb\tsource\n");
    ColumnChoice numbered = ColumnChoice.of("score=1,first=2,second=3");
    assertThat(ScoredPairs.read(tabs, numbered, notice -> {}).pairs()).hasSize(2);
  }

  private static void assertWrongChoice(Path file, String choice, String message) {
    assertThatThrownBy(() -> ScoredPairs.read(file, ColumnChoice.of(choice), notice -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void whatWasTakenForWhatIsTold() throws IOException {
    List<String> notices = new ArrayList<>();
    Path file = file("cat dog 7\n");
    ScoredPairs.read(file, notices::add);
    assertThat(notices).containsExactly(file + ": score in column 3, texts in 1 and 2, no header");
    notices.clear();
    byte[] bytes = "cat\tdog\t7\n".getBytes(StandardCharsets.UTF_16LE);
    Path wide = Files.write(folder.resolve("wide"), bytes);
    ScoredPairs.read(wide, notices::add);
    assertThat(notices.getFirst()).isEqualTo(wide + " is UTF-16LE, not UTF-8: decoded");
  }

  @Test
  void gzippedFiles() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
      zipped.write("czy\tżółć\t1\n".getBytes(StandardCharsets.UTF_8));
    }
    Path file = Files.write(folder.resolve("pairs.txt.gz"), bytes.toByteArray());
    assertThat(own(file).pairs()).containsExactly(new ScoredPair("czy", "żółć", 1));
  }

  @Test
  void filesThatCannotBeRead() throws IOException {
    Path absent = folder.resolve("absent.tsv");
    assertThatThrownBy(() -> own(absent))
        .isInstanceOf(TextException.class)
        .hasMessage(absent + " does not exist");
    Path nothing = Files.createFile(folder.resolve("nothing.tsv"));
    assertThatThrownBy(() -> own(nothing))
        .isInstanceOf(TextException.class)
        .hasMessage(nothing + " is empty");
    Path latin1 =
        Files.write(
            folder.resolve("latin1.tsv"),
            "a\tb\t1\r\ncafé\tbar\t2\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> own(latin1))
        .isInstanceOf(TextException.class)
        .hasMessage(latin1 + ":2: not UTF-8");
    Path cut = Files.write(folder.resolve("cut.tsv"), new byte[] {'a', '\t', (byte) 0xc5});
    assertThatThrownBy(() -> own(cut)).hasMessage(cut + ":1: not UTF-8");
    Path broken = Files.write(folder.resolve("broken.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
    assertThatThrownBy(() -> own(broken))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith("cannot read " + broken);
    Path endless = Files.writeString(folder.resolve("endless"), "a".repeat(1_000_001));
    assertThatThrownBy(() -> own(endless))
        .isInstanceOf(TextException.class)
        .hasMessage(endless + ":1: longer than 1,000,000 characters");
  }
}

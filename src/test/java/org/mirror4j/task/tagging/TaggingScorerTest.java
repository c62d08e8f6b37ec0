package org.mirror4j.task.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.Scored;

class TaggingScorerTest {
  /** A few roundings of numbers up to 100. */
  private static final double ROUNDING = 1e-13;

  private static final String GOLD =
      """
      Ann NNP B-PER
      of IN O
      New NNP B-LOC
      York NNP I-LOC

      Bob NNP B-PER
      Li NNP I-PER

      """;

  @TempDir Path folder;

  private Scored scored(String predictions) {
    return Scored.of(new TaggingScorer(), folder, GOLD, predictions);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          O O                     |
          B-X I-X O I-X           | X 0-2, X 3-4
          B-X B-X                 | X 0-1, X 1-2
          I-X I-X B-X I-X         | X 0-2, X 2-4
          I-X I-Y                 | X 0-1, Y 1-2
          B-X I-Y I-Y             | X 0-1, Y 1-3
          S-X S-X B-X I-X E-X     | X 0-1, X 1-2, X 2-5
          I-X E-X E-X I-X         | X 0-2, X 2-3, X 3-4
          E-X O S-X I-X           | X 0-1, X 2-3, X 3-4
          B I O S                 | _ 0-2, _ 3-4
          B-a-b I-a-b I-a         | a-b 0-2, a 2-3
          """)
  void spansOfTags(String tags, String spans) {
    assertThat(
            TypedSpan.of(List.of(tags.trim().split(" "))).stream()
                .map(s -> "%s %d-%d".formatted(s.type(), s.words().from(), s.words().to()))
                .collect(Collectors.joining(", ")))
        .isEqualTo(spans == null ? "" : spans);
  }

  /**
   * The rules of conlleval in its own words: a span may end before a word, and may begin with it.
   */
  @Test
  void randomTagsAsTwoQuestions() {
    Random random = new Random(3);
    List<String> tags =
        Stream.concat(
                Stream.of("O"),
                Stream.of("B", "I", "E", "S")
                    .flatMap(prefix -> Stream.of(prefix + "-X", prefix + "-Y", prefix)))
            .toList();
    for (int length : new int[] {1, 2, 3, 31, 500}) {
      List<String> sentence = random.ints(length, 0, tags.size()).mapToObj(tags::get).toList();
      List<String> spans = new ArrayList<>();
      int begin = -1;
      for (int i = 0; i <= length; i++) {
        String before = i == 0 ? "O" : sentence.get(i - 1);
        String tag = i == length ? "O" : sentence.get(i);
        boolean other = !before.substring(1).equals(tag.substring(1));
        if (begin >= 0
            && (other
                || "ES".contains(before.substring(0, 1))
                || "BSO".contains(tag.substring(0, 1)))) {
          spans.add(before.substring(1) + " " + begin + " " + i);
          begin = -1;
        }
        if (!tag.equals("O")
            && (other
                || "BS".contains(tag.substring(0, 1))
                || "OES".contains(before.substring(0, 1)))) {
          begin = i;
        }
      }
      assertThat(TypedSpan.of(sentence))
          .extracting(
              s ->
                  (s.type().equals("_") ? "" : "-" + s.type())
                      + " "
                      + s.words().from()
                      + " "
                      + s.words().to())
          .isEqualTo(spans);
    }
  }

  @Test
  void byHand() {
    // PER: Ann is right, Bob Li is cut. LOC: right, and one more over of.
    Scored scored = scored("Ann B-PER\nof B-LOC\nNew B-LOC\nYork I-LOC\n\n\nBob B-PER\nLi O\n");
    assertThat(scored.get("items")).isEqualTo(3);
    assertThat(scored.get("precision")).isEqualTo(50);
    assertThat(scored.get("recall")).isCloseTo(100 * 2.0 / 3, within(ROUNDING));
    assertThat(scored.get("f1")).isCloseTo(100 * 4.0 / 7, within(ROUNDING));
    assertThat(scored.get("accuracy")).isCloseTo(100 * 4.0 / 6, within(ROUNDING));
    assertThat(scored.get("items:PER")).isEqualTo(2);
    assertThat(scored.get("f1:PER")).isEqualTo(50);
    assertThat(scored.get("f1:LOC")).isCloseTo(100 * 2.0 / 3, within(ROUNDING));
    assertThat(scored.figures()).hasSize(4 + 1 + 2 * 4);
  }

  @Test
  void tagsAlone() {
    Scored scored = scored("B-PER\nO\nB-LOC\nI-LOC\n\nB-ORG\nI-ORG");
    // ORG is nowhere in the annotations: nothing of it can be found.
    assertThat(scored.get("precision")).isCloseTo(100 * 2.0 / 3, within(ROUNDING));
    assertThat(scored.get("items:ORG")).isZero();
    assertThat(scored.get("f1:ORG")).isZero();
    assertThat(scored("O\nO\nO\nO\n\nO\nO\n").get("f1")).isZero();
  }

  /** They end a sentence whatever stands beside them, also where nobody left a line empty. */
  @Test
  void whatPartsArticlesIsNoWord() throws IOException {
    String articles =
        "-DOCSTART- -X- -X- O\n\nAnn NNP NP B-PER\nof IN PP O\n-DOCSTART- -X- O\nBob NNP NP I\n\n"
            + "-DOCSTART-\n";
    Path file = Files.writeString(folder.resolve("articles"), articles);
    List<TaggedSentence> expected =
        List.of(
            new TaggedSentence(3, List.of("Ann", "of"), List.of("B-PER", "O")),
            new TaggedSentence(6, List.of("Bob"), List.of("I")));
    assertThat(TagFile.read(file, notice -> {})).isEqualTo(expected);
    assertThat(TagFile.words(file, notice -> {}))
        .extracting(TaggedSentence::words)
        .isEqualTo(expected.stream().map(TaggedSentence::words).toList());
    Files.writeString(file, "-DOCSTART- -X- O O\n\n");
    assertThatThrownBy(() -> TagFile.read(file, notice -> {}))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ": no word, expected one a line with its tag");
  }

  /** Of which the first word of each line would be all that is read. */
  @Test
  void aTextIsNotInColumns() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "Ann sat\n\nIn Rome she sat.\n");
    assertThatThrownBy(() -> TagFile.words(file, notice -> {}))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ":3: 4 columns, expected 2 as before, a word a line");
    Files.writeString(file, "Ann\nsat\n\nIn\n");
    assertThat(TagFile.words(file, notice -> {}))
        .extracting(TaggedSentence::words)
        .containsExactly(List.of("Ann", "sat"), List.of("In"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          Ann B-PER;of O;New B-LOC                      | :1: 3 tags until the end of the sentence, expected 4 as from line 1 of
          O;O;O;O;O;O                                   | :1: 6 tags until the end of the sentence, expected 4 as from line 1 of
          O;O;O;O                                       | : 1 sentences, expected 2 as in
          Ann O;of O;New O;York O;;Bob O;Lee O          | :7: the word is 'Lee', expected 'Li' as in line 7 of
          Ann B-PER;of                                  | :2: 'of', expected a word and its tag as before
          O;of O                                        | :2: 'of O', expected a tag as before
          Ann PER                                       | :1: the tag is 'PER', expected O, or B, I, E or S with a type, as B-PER
          Ann B-                                        | :1: the tag is 'B-', expected O, or B, I, E or S with a type, as B-PER
          ;;                                            | : no word, expected one a line with its tag
          """)
  void predictionsThatAreWrong(String predictions, String message) {
    assertThatThrownBy(() -> scored(predictions.replace(';', '\n') + "\n"))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("predictions") + message);
  }

  @ParameterizedTest
  @CsvSource({
    "conll2000/train.txt.gz, 8936, NP, 55081",
    "conll2000/test.txt, 2012, NP, 12422",
    "gum-np/dev.conll.gz, 1575, NP, 7172",
    "wikigold/wikigold.conll.txt, 1696, PER, 934",
    "wnut17/dev.conll, 1009, person, 470"
  })
  void publishedFiles(String name, int sentences, String type, int spans) {
    List<TaggedSentence> read =
        TagFile.read(SharedData.require("data/spans").resolve(name), notice -> {});
    assertThat(read).hasSize(sentences);
    assertThat(
            read.stream()
                .flatMap(sentence -> TypedSpan.of(sentence.tags()).stream())
                .filter(span -> span.type().equals(type)))
        .hasSize(spans);
  }
}

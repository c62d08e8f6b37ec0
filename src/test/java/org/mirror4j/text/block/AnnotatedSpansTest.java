package org.mirror4j.text.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

class AnnotatedSpansTest {
  private static final Tokenizer TOKENIZER = BlockTexts.tokenizer();

  @TempDir Path folder;

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  private Path write(String... lines) {
    return BlockTexts.write(folder.resolve("text"), List.of(lines));
  }

  private List<String> spans(BlockKind kind, int maxLength, SpanSource source, Path file) {
    BlockSettings settings = new BlockSettings(kind, maxLength, 0, source, 1);
    return BlockTexts.read(List.of(file), TOKENIZER, settings).stream()
        .flatMap(AnnotatedSpansTest::spelled)
        .toList();
  }

  private static Stream<String> spelled(TokenBlock block) {
    assertThat(block.spans())
        .allMatch(span -> block.segments().stream().anyMatch(s -> s.contains(span)));
    return block.spans().stream()
        .map(
            span ->
                BlockTexts.spelled(
                    TOKENIZER, Arrays.copyOfRange(block.ids(), span.from(), span.to())));
  }

  /** Offsets in characters, behind one of two UTF-16 units and an unknown one of one. */
  @ParameterizedTest
  @EnumSource
  void columnOfSpans(BlockKind kind) {
    Path file =
        write(
            "Ab \uD83D\uDE00 cd \u00e9 ef gh.\t10:15 5:7 3:4 11:12",
            "Aa bb.\t",
            "",
            "Ij ba.\t0:2",
            "Da ab.\t 1:4  3:5 ");
    assertThat(spans(kind, 64, SpanSource.COLUMN, file))
        // Half a word's letters are as many tokens; a space is none.
        .contains("e ##f g ##h", "c ##d", "[UNK]", "##f", "I ##j", "##a a", "a ##b")
        .hasSizeGreaterThanOrEqualTo(7);
  }

  @Test
  void spansAreCutWithTheBlock() {
    Path file = write("abc de\t0:6", "fgh\t0:2");
    assertThat(spans(BlockKind.STREAM, 6, SpanSource.COLUMN, file))
        .containsExactly("a ##b ##c d", "##e", "f ##g");
  }

  /** A rule takes the abbreviation for the end of a sentence; the annotation knows better. */
  @Test
  void noSentenceEndsWithinASpan() {
    assertThat(TokenizedLines.sentenceEnds("He. Aa. Bb ij. Da.")).containsExactly(4, 8, 15, 18);
    Path file = write("He. Aa. Bb ij. Da.\t4:10");
    BlockSettings settings = new BlockSettings(BlockKind.SENTENCES, 12, 0, SpanSource.COLUMN, 1);
    assertThat(BlockTexts.read(List.of(file), TOKENIZER, settings))
        .extracting(block -> BlockTexts.spelled(TOKENIZER, block.ids()))
        .containsExactly(
            "[CLS] H ##e . [SEP]", "[CLS] A ##a . B ##b i ##j . [SEP]", "[CLS] D ##a . [SEP]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "ab|no tab, expected one between the text and its spans start:end",
        "ab_0:1_0:2|more than one tab, expected one between the text and its spans start:end",
        "ab_0:3|the span is '0:3', EXPECTED 2, the characters of the text",
        "ab_1:1|the span is '1:1', EXPECTED 2, the characters of the text",
        "ab_2:1|the span is '2:1', EXPECTED 2, the characters of the text",
        "ab_-1:1|the span is '-1:1', EXPECTED 2, the characters of the text",
        "ab_0-1|the span is '0-1', EXPECTED 2, the characters of the text",
        "ab_0:1 :|the span is ':', EXPECTED 2, the characters of the text",
        "ab_0:1:2|the span is '0:1:2', EXPECTED 2, the characters of the text",
        "ab_0:99999999999999|the span is '0:99999999999999', EXPECTED 2, the characters of the"
            + " text",
        "ab_0:\u0661|the span is '0:\u0661', EXPECTED 2, the characters of the text",
      })
  void malformedColumns(String line, String problem) {
    Path file = write("ab\t0:1", "", line.replace('_', '\t'));
    assertThatThrownBy(() -> spans(BlockKind.STREAM, 8, SpanSource.COLUMN, file))
        .isInstanceOf(TextException.class)
        .hasMessage(
            file
                + ": line 3: "
                + problem.replace("EXPECTED", "expected start:end with 0 <= start < end <="));
  }

  @Test
  void theFileAtFaultIsNamed() {
    Path first = write("ab\t0:1");
    Path second = BlockTexts.write(folder.resolve("second"), List.of("ab\t0:1", "", "", "ab"));
    BlockSettings settings = new BlockSettings(BlockKind.STREAM, 8, 0, SpanSource.COLUMN, 1);
    assertThatThrownBy(() -> BlockTexts.read(List.of(first, second), TOKENIZER, settings))
        .hasMessageStartingWith(second + ": line 4: no tab");
  }

  @Test
  void aColumnThatIsCut() {
    Path file = write("a".repeat(BlockReader.LINE_CHARACTERS) + "\t0:1");
    assertThatThrownBy(() -> spans(BlockKind.STREAM, 8, SpanSource.COLUMN, file))
        .hasMessage(
            file + ": line 1: longer than 100,000 characters, expected text and spans within that");
  }

  /** Lines are parted by bars, and blank ones tell nothing. */
  @ParameterizedTest
  @CsvSource({
    "ab_0:1, COLUMN",
    "ab_, COLUMN",
    "ab_0:9, COLUMN",
    "'ab_ 0:1  1:2 ', COLUMN",
    "||ab_0:1||, COLUMN",
    "ab_0:1|cd_|ef, COLUMN",
    "ab_0:1|cd_|ef|g_h, CAPITALISED",
    "ab_0:1|cd, CAPITALISED",
    "ab, CAPITALISED",
    "_0:1, CAPITALISED",
    "ab_0-1, CAPITALISED",
    "ab_1 234, CAPITALISED",
    "ab_c1, CAPITALISED",
    "ab_--, CAPITALISED",
    "ab_c_0:1, CAPITALISED",
    "ab_0:1_, CAPITALISED",
    "ab_\u0661:\u0662, CAPITALISED",
  })
  void columnsAreRecognised(String lines, SpanSource source) {
    Path file = write(lines.replace('_', '\t').split("\\|"));
    List<String> notices = new ArrayList<>();
    assertThat(SpanSource.of(List.of(file), SpanSource.CAPITALISED, notices::add))
        .isEqualTo(source);
    if (source == SpanSource.COLUMN) {
      assertThat(notices)
          .containsExactly(
              file
                  + ": what is behind the tab of each line is taken for spans start:end, not for"
                  + " text");
    } else if (lines.contains("_")) {
      assertThat(notices)
          .containsExactly(
              file + ": tabs are taken for text, as most lines have no spans start:end behind one");
    } else {
      assertThat(notices).isEmpty();
    }
  }

  /** What comes later is read as the first hundred lines have it. */
  @Test
  void theFirstLinesTell() {
    List<String> lines = new ArrayList<>(Collections.nCopies(51, "ab\t0:1"));
    lines.addAll(Collections.nCopies(300, "\tab"));
    Path file = BlockTexts.write(folder.resolve("text"), lines);
    assertThat(SpanSource.of(List.of(file), SpanSource.NONE, notice -> {}))
        .isEqualTo(SpanSource.COLUMN);
    lines.removeFirst();
    BlockTexts.write(file, lines);
    assertThat(SpanSource.of(List.of(file), SpanSource.NONE, notice -> {}))
        .isEqualTo(SpanSource.NONE);
  }

  @Test
  void allFilesHaveTheColumnOrNone() {
    Path blank = write(" ", "\t");
    Path column = BlockTexts.write(folder.resolve("column"), List.of("ab\t0:1"));
    Path prose = BlockTexts.write(folder.resolve("prose"), List.of("a\tb"));
    List<String> notices = new ArrayList<>();
    assertThat(SpanSource.of(List.of(blank), SpanSource.NONE, notices::add))
        .isEqualTo(SpanSource.NONE);
    assertThat(notices).isEmpty();
    assertThat(SpanSource.of(List.of(blank, column, column), SpanSource.NONE, notices::add))
        .isEqualTo(SpanSource.COLUMN);
    assertThat(notices).singleElement().asString().startsWith(column + " and 1 more: what is");
    assertThatThrownBy(
            () -> SpanSource.of(List.of(blank, prose, column), SpanSource.NONE, notices::add))
        .isInstanceOf(TextException.class)
        .hasMessage(
            "%s has a column of spans start:end and %s has none, expected it in all files or in"
                + " none",
            column, prose);
  }

  private static List<String> capitalised(String text) {
    return SpanHeuristics.capitalised(text, TokenizedLines.sentenceEnds(text)).stream()
        .map(run -> text.substring(run[0], run[1]))
        .toList();
  }

  @Test
  void runsOfCapitalisedWords() {
    assertThat(
            capitalised("The plays of William Shakespeare are read in New York, Paris and Rome."))
        .containsExactly("William Shakespeare", "New York", "Paris", "Rome");
    assertThat(capitalised("Then he left. However, Anna came. Barack Obama went. Yes. No"))
        .containsExactly("Anna", "Barack Obama");
    assertThat(capitalised("If I go, Jean-Paul O\u2019Neil of the \u00c9cole AT&T comes (Mary)."))
        .containsExactly("Jean-Paul O\u2019Neil", "\u00c9cole AT&T", "Mary");
    assertThat(capitalised("Alone")).isEmpty();
    assertThat(capitalised("Alone. Together Now")).containsExactly("Together Now");
    assertThat(capitalised("")).isEmpty();
    assertThat(capitalised("... 12 \u6771\u4eac \uD83D\uDE00")).isEmpty();
    // A capital of two UTF-16 units, and one letter.
    assertThat(capitalised("a \uD801\uDC00 b \uD801\uDC00\uD801\uDC28"))
        .containsExactly("\uD801\uDC00\uD801\uDC28");
  }

  @Test
  void runsBetweenFunctionWords() {
    String text =
        "The quick brown fox, a dog and he's Barack Obama's cat don\u2019t jump over THE old"
            + " fence.";
    assertThat(
            SpanHeuristics.betweenFunctionWords(text).stream()
                .map(run -> text.substring(run[0], run[1])))
        .containsExactly("quick brown fox", "dog", "Barack Obama's cat", "jump", "old fence");
    assertThat(SpanHeuristics.betweenFunctionWords("and of the")).isEmpty();
    assertThat(SpanHeuristics.betweenFunctionWords("")).isEmpty();
  }

  @Test
  void whichSourceRanIsReported() {
    Path file = write("Ab cd Ef Gh, ij.");
    assertThat(spans(BlockKind.SENTENCES, 64, SpanSource.CAPITALISED, file))
        .containsExactly("E ##f G ##h");
    assertThat(spans(BlockKind.SENTENCES, 64, SpanSource.BETWEEN_FUNCTION_WORDS, file))
        .containsExactly("A ##b c ##d E ##f G ##h", "i ##j");
    assertThat(spans(BlockKind.SENTENCES, 64, SpanSource.NONE, file)).isEmpty();
    BlockSettings settings =
        new BlockSettings(BlockKind.STREAM, 64, 0, SpanSource.BETWEEN_FUNCTION_WORDS, 1);
    try (BlockReader reader = new BlockReader(List.of(file), TOKENIZER, settings)) {
      BlockTexts.read(reader);
      assertThat(reader.report().spans()).isEqualTo(SpanSource.BETWEEN_FUNCTION_WORDS);
      assertThat(reader.report().annotated()).isEqualTo(2);
      assertThat(reader.report().summary()).endsWith("annotated spans (between-function-words): 2");
    }
  }
}

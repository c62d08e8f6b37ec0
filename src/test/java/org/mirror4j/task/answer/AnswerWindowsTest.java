package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.support.ByteLevelFiles;
import org.mirror4j.task.Examples;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextException;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

class AnswerWindowsTest {
  @TempDir Path folder;

  private Tokenizer tokenizer(boolean byteLevel) throws IOException {
    return byteLevel
        ? Tokenizer.open(ByteLevelFiles.write(folder))
        : Tokenizer.wordPiece(RandomQuestions.PIECES, false);
  }

  private static PackedBatch packed(Examples<?> examples, int... some) {
    return PackedBatch.of(
        Arrays.stream(some).mapToObj(i -> examples.text(i).ids()).toArray(int[][]::new),
        PackedBatch.Positions.BERT);
  }

  /** Each window starts a stride after the one before, and the last one alone reaches the end. */
  @ParameterizedTest
  @CsvSource({
    "false, 12, 3",
    "false, 16, 128",
    "false, 40, 7",
    "true, 13, 3",
    "true, 16, 128",
    "true, 40, 7"
  })
  void coverThePassage(boolean byteLevel, int maxLength, int stride) throws IOException {
    try (Tokenizer tokenizer = tokenizer(byteLevel)) {
      List<Question> questions = RandomQuestions.of(60, 90, new Random(maxLength + stride));
      AnswerWindows windows =
          new AnswerWindows(questions, tokenizer, new AnswerWindows.Sizes(maxLength, 4, stride));
      int example = 0;
      for (int question = 0; question < questions.size(); question++) {
        int[] asked = tokenizer.pieces(questions.get(question).question()).ids();
        asked = Arrays.copyOf(asked, Math.min(4, asked.length));
        int[] passage = tokenizer.pieces(questions.get(question).context()).ids();
        int special = byteLevel ? 4 : 3;
        int room = maxLength - special - asked.length;
        int from = 0;
        boolean more = true;
        while (more) {
          int to = Math.min(passage.length, from + room);
          assertThat(windows.text(example).ids())
              .isEqualTo(joined(tokenizer, asked, Arrays.copyOfRange(passage, from, to), special));
          assertThat(windows.window(example).question()).isEqualTo(question);
          assertThat(windows.window(example).from()).isEqualTo(from);
          assertThat(windows.window(example).to()).isEqualTo(to);
          assertThat(windows.firstOfPassage(example))
              .isEqualTo(special - 1 + asked.length + (to > from ? 0 : 1));
          assertThat(windows.predictions(example)).isEqualTo(1);
          example++;
          more = to < passage.length;
          from += Math.min(stride, room);
        }
      }
      assertThat(windows.size()).isEqualTo(example).isGreaterThan(questions.size());
    }
  }

  private static int[] joined(Tokenizer tokenizer, int[] asked, int[] passage, int special) {
    IntStream.Builder ids = IntStream.builder();
    ids.add(tokenizer.clsId());
    Arrays.stream(asked).forEach(ids);
    IntStream.range(0, special - 2).forEach(i -> ids.add(tokenizer.sepId()));
    Arrays.stream(passage).forEach(ids);
    ids.add(tokenizer.sepId());
    return ids.build().toArray();
  }

  /** The tokens of a window that have a character of the answer, if no piece outside has one. */
  @ParameterizedTest
  @CsvSource({"false, 12, 3", "false, 17, 6", "true, 13, 3", "true, 19, 7"})
  void targetsAreTheTokensOfTheAnswer(boolean byteLevel, int maxLength, int stride)
      throws IOException {
    Map<String, Integer> seen = new TreeMap<>();
    try (Tokenizer tokenizer = tokenizer(byteLevel)) {
      List<Question> questions = RandomQuestions.of(400, 30, new Random(maxLength));
      AnswerWindows windows =
          new AnswerWindows(questions, tokenizer, new AnswerWindows.Sizes(maxLength, 4, stride));
      int[] all = IntStream.range(0, windows.size()).toArray();
      int[] targets = windows.targets(all, packed(windows, all));
      assertThat(targets).hasSize(2 * windows.size());
      int[] held = new int[questions.size()];
      for (int example : all) {
        int number = windows.window(example).question();
        Question question = questions.get(number);
        TokenizedText text = windows.text(example);
        List<Integer> tokens = tokens(text, question);
        boolean whole = tokens.size() == pieces(tokenizer, question);
        int[] expected =
            whole && !tokens.isEmpty()
                ? new int[] {tokens.getFirst(), tokens.getLast()}
                : new int[] {0, 0};
        assertThat(new int[] {targets[2 * example], targets[2 * example + 1]})
            .as("%s in %s", question, windows.window(example))
            .isEqualTo(expected);
        if (expected[0] > 0) {
          held[number]++;
          int first = windows.firstOfPassage(example);
          count(seen, "first in its window", expected[0] == first);
          count(seen, "first of all", expected[0] == first && windows.window(example).from() == 0);
          count(seen, "last in its window", expected[1] == text.length() - 2);
        }
        count(seen, "cut", !tokens.isEmpty() && !whole);
      }
      for (int question = 0; question < held.length; question++) {
        boolean answered = pieces(tokenizer, questions.get(question)) > 0;
        count(seen, "in several windows", held[question] > 1);
        count(seen, "in no window", answered && held[question] == 0);
        // Each byte is a piece.
        count(
            seen, "without a piece", byteLevel || !answered && questions.get(question).hasAnswer());
      }
    }
    assertThat(seen).allSatisfy((what, count) -> assertThat(count).as(what).isPositive());
  }

  private static void count(Map<String, Integer> seen, String what, boolean is) {
    seen.merge(what, is ? 1 : 0, Integer::sum);
  }

  /** Places of the tokens of the passage that have a character of the answer. */
  private static List<Integer> tokens(TokenizedText text, Question question) {
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      if (text.texts()[i] == 1 && touches(question, text.starts()[i], text.ends()[i])) {
        tokens.add(i);
      }
    }
    return tokens;
  }

  /** How many pieces of the whole passage have one. */
  private static int pieces(Tokenizer tokenizer, Question question) {
    var pieces = tokenizer.pieces(question.context());
    return (int)
        IntStream.range(0, pieces.length())
            .filter(i -> touches(question, pieces.starts()[i], pieces.ends()[i]))
            .count();
  }

  private static boolean touches(Question question, int start, int end) {
    return question.spans().stream()
        .limit(1)
        .anyMatch(span -> Math.max(start, span.start()) < Math.min(end, span.end()));
  }

  /** By hand, so that the check above is checked: the second of two spans is passed over. */
  @Test
  void aPassageByHand() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(RandomQuestions.PIECES, false)) {
      String passage = "ab 😀 a b a";
      List<Question> questions =
          List.of(
              new Question(
                  "1",
                  "b",
                  passage,
                  List.of("😀"),
                  List.of(new TextSpan(3, 5), new TextSpan(0, 2))),
              new Question("2", "b", passage, List.of("b a"), List.of(new TextSpan(8, 11))),
              new Question("3", "b", passage, List.of(), List.of()));
      // Windows a ##b 😀 a, and 😀 a b a.
      AnswerWindows windows =
          new AnswerWindows(questions, tokenizer, new AnswerWindows.Sizes(8, 64, 2));
      assertThat(windows.size()).isEqualTo(6);
      int[] examples = {5, 4, 3, 2, 1, 0};
      assertThat(windows.targets(examples, packed(windows, examples)))
          .containsExactly(0, 0, 0, 0, 5, 6, 0, 0, 3, 3, 5, 5);
      assertThat(windows.window(1).context(2)).isEqualTo(0.04);
      assertThat(windows.window(1).context(3)).isEqualTo(1.04);
      assertThat(windows.window(1).holds(1)).isFalse();
      assertThat(windows.window(1).holds(5)).isTrue();
      assertThat(windows.window(0).holds(4)).isFalse();
    }
  }

  @Test
  void questionsAreCutAtSixtyFourPieces() throws IOException {
    String passage = "a b";
    Path file =
        Files.writeString(
            folder.resolve("train.json"),
            SquadText.of(passage, SquadText.question("1", passage, "b"))
                .replace("What?", "a ".repeat(70)));
    try (Tokenizer tokenizer = Tokenizer.wordPiece(RandomQuestions.PIECES, false)) {
      AnswerKind kind = AnswerKind.all().getFirst();
      assertThat(kind.name()).isEqualTo("squad-1.1");
      List<String> notices = new ArrayList<>();
      Examples<?> examples =
          kind.read(file, Optional.of(file), tokenizer, 100, notices::add).training();
      assertThat(notices).containsExactly(file + ": 1 questions in 1 windows, 1 in 1 to score on");
      assertThat(examples.text(0).length()).isEqualTo(1 + 64 + 1 + 2 + 1);
      assertThatThrownBy(() -> kind.read(file, Optional.empty(), tokenizer, 67, notices::add))
          .isInstanceOf(TextException.class)
          .hasMessage(
              "question '1' has 64 pieces, which leave no room for its passage: expected fewer than"
                  + " 64, or more tokens than 67 to an example");
      assertThat(kind.read(file, Optional.empty(), tokenizer, 68, notices::add).training().size())
          .isEqualTo(2);
    }
  }
}

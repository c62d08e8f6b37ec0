package org.mirror4j.task.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.mirror4j.task.TextSpan;

/** Questions about passages of random characters, with answers that are random parts of them. */
final class RandomQuestions {
  /** Pieces of words of {@code a} and {@code b}, a piece a letter, and of what passages have. */
  static final List<String> PIECES =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "b", "##b", "e", "##e", "中",
          "😀", "##😀", ".");

  /** Of one {@code char} and of two; of no piece; of several code points; of no known piece. */
  private static final List<String> FRAGMENTS =
      List.of("a", "b", "ab", "😀", "中", "e\u0301", "\u0001", ".", "x", " ", " ");

  private RandomQuestions() {}

  /**
   * Some questions, every second of which is about the passage of the one before; every fifth has
   * no answer, and every sixth one that is all of its passage. None has blanks at its ends.
   *
   * @param longest fragments of a passage
   */
  static List<Question> of(int count, int longest, Random random) {
    List<Question> questions = new ArrayList<>();
    String passage = "";
    for (int i = 0; i < count; i++) {
      passage = i % 2 == 0 ? passage(1 + random.nextInt(longest), random) : passage;
      questions.add(question(i, passage, random));
    }
    return questions;
  }

  private static Question question(int number, String passage, Random random) {
    String asked = "ab".repeat(random.nextInt(4));
    if (number % 5 == 4) {
      return new Question("q" + number, asked, passage, List.of(), List.of());
    }
    int points = passage.codePointCount(0, passage.length());
    int from = number % 6 == 5 ? 0 : random.nextInt(points);
    int to = number % 6 == 5 ? points : from + 1 + random.nextInt(Math.min(6, points - from));
    int start = passage.offsetByCodePoints(0, from);
    int end = passage.offsetByCodePoints(0, to);
    while (start < end && passage.charAt(start) == ' ') {
      start++;
    }
    while (start < end && passage.charAt(end - 1) == ' ') {
      end--;
    }
    List<TextSpan> spans = start < end ? List.of(new TextSpan(start, end)) : List.of();
    List<String> answers = spans.stream().map(span -> span.of(passage)).toList();
    return new Question("q" + number, asked, passage, answers, spans);
  }

  static String passage(int fragments, Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fragments; i++) {
      text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
    }
    return text.toString();
  }
}

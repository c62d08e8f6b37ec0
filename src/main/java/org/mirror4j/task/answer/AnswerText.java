package org.mirror4j.task.answer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When two answers are the same, as the official scripts of SQuAD, MRQA and XQuAD have it. Answers
 * are compared in lower case, without the 32 punctuation characters of ASCII, without the words
 * {@code a}, {@code an} and {@code the}, and with single blanks between words; in all languages
 * alike.
 *
 * <p>Words end where a letter or digit of any script meets something else, a combining mark
 * included; that is where an article is taken for one, and differs from what Java's own patterns
 * take for a word.
 */
final class AnswerText {
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  private static final Set<String> ARTICLES = Set.of("a", "an", "the");
  private static final int NEXT_LINE = 0x85;

  private AnswerText() {}

  /** The form that is compared; empty where nothing is left. */
  static String normalized(String text) {
    return String.join(" ", words(withoutArticles(withoutPunctuation(LowerCase.of(text)))));
  }

  /** The words of the form that is compared. */
  static List<String> tokens(String text) {
    return words(withoutArticles(withoutPunctuation(LowerCase.of(text))));
  }

  /**
   * Overlap of words, each counted as often as both have it:
   *
   * <pre>  F1 = 2 P R / (P + R),  P = common / |answer|,  R = common / |expected|  </pre>
   *
   * 0 where no word is common, also where neither has any.
   */
  static double f1(List<String> answer, List<String> expected) {
    Map<String, Integer> left = new HashMap<>();
    expected.forEach(word -> left.merge(word, 1, Integer::sum));
    int common = 0;
    for (String word : answer) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    if (common == 0) {
      return 0;
    }
    double precision = (double) common / answer.size();
    double recall = (double) common / expected.size();
    return 2 * precision * recall / (precision + recall);
  }

  private static String withoutPunctuation(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (PUNCTUATION.indexOf(text.charAt(i)) < 0) {
        kept.append(text.charAt(i));
      }
    }
    return kept.toString();
  }

  private static String withoutArticles(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    int end;
    for (int start = 0; start < text.length(); start = end) {
      boolean inWord = isWord(text.codePointAt(start));
      end = start;
      while (end < text.length() && isWord(text.codePointAt(end)) == inWord) {
        end += Character.charCount(text.codePointAt(end));
      }
      String run = text.substring(start, end);
      kept.append(inWord && ARTICLES.contains(run) ? " " : run);
    }
    return kept.toString();
  }

  /** Letters and numbers of any kind; the underscore is punctuation and gone by then. */
  private static boolean isWord(int codePoint) {
    return Character.isLetterOrDigit(codePoint)
        || Character.getType(codePoint) == Character.LETTER_NUMBER
        || Character.getType(codePoint) == Character.OTHER_NUMBER;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean blank = i == text.length() || isBlank(text.charAt(i));
      if (blank && start >= 0) {
        words.add(text.substring(start, i));
        start = -1;
      } else if (!blank && start < 0) {
        start = i;
      }
    }
    return words;
  }

  /** No-break spaces too. */
  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
  }
}

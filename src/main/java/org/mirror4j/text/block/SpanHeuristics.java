package org.mirror4j.text.block;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.mirror4j.file.FileException;

/**
 * Stand-ins for annotators: spans that are likely named entities or noun phrases of a text, by rule
 * alone. A word is a run of letters, digits and marks, with apostrophes, hyphens, full stops and
 * ampersands between two of them; words are neighbours if nothing but white space is between them.
 */
final class SpanHeuristics {
  private static final String RESOURCE = "function-words.txt";
  private static final String WITHIN_WORDS = "'\u2019-.&";
  private static final Set<String> FUNCTION_WORDS = functionWords();

  private SpanHeuristics() {}

  /**
   * A word.
   *
   * @param start first UTF-16 unit
   * @param end one past the last
   * @param follows whether it is a neighbour of the word before it
   */
  private record Word(int start, int end, boolean follows) {}

  /**
   * Runs of neighbouring words of two letters or more that start with a capital, but for a single
   * word at the start of a sentence.
   *
   * @param sentenceEnds one past the last UTF-16 unit of each sentence, ascending
   * @return start and end of each run in UTF-16 units
   */
  static List<int[]> capitalised(String text, int[] sentenceEnds) {
    List<int[]> runs = new ArrayList<>();
    int sentence = 0;
    boolean starts = true;
    boolean startsRun = false;
    int words = 0;
    for (Word word : words(text)) {
      while (sentence < sentenceEnds.length && word.start >= sentenceEnds[sentence]) {
        sentence++;
        starts = true;
      }
      boolean goesOn = words > 0 && word.follows && !starts;
      if (words == 1 && startsRun && !(goesOn && isCapitalised(text, word))) {
        runs.removeLast();
      }
      if (!isCapitalised(text, word)) {
        words = 0;
      } else if (goesOn) {
        runs.getLast()[1] = word.end;
        words++;
      } else {
        runs.add(new int[] {word.start, word.end});
        startsRun = starts;
        words = 1;
      }
      starts = false;
    }
    if (words == 1 && startsRun) {
      runs.removeLast();
    }
    return runs;
  }

  /**
   * Runs of neighbouring words that are no English function words: articles, pronouns,
   * prepositions, conjunctions, auxiliaries and the like, as a list in the resources has them.
   *
   * @return start and end of each run in UTF-16 units
   */
  static List<int[]> betweenFunctionWords(String text) {
    List<int[]> runs = new ArrayList<>();
    boolean inRun = false;
    for (Word word : words(text)) {
      boolean content = !FUNCTION_WORDS.contains(spelled(text, word));
      if (content && inRun && word.follows) {
        runs.getLast()[1] = word.end;
      } else if (content) {
        runs.add(new int[] {word.start, word.end});
      }
      inRun = content;
    }
    return runs;
  }

  private static String spelled(String text, Word word) {
    return text.substring(word.start, word.end).toLowerCase(Locale.ROOT).replace('\u2019', '\'');
  }

  private static boolean isCapitalised(String text, Word word) {
    int first = text.codePointAt(word.start);
    return (Character.isUpperCase(first) || Character.isTitleCase(first))
        && word.end > word.start + Character.charCount(first);
  }

  private static List<Word> words(String text) {
    List<Word> words = new ArrayList<>();
    boolean follows = true;
    int at = 0;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      if (!isOfWord(point)) {
        follows &= Character.isWhitespace(point) || Character.isSpaceChar(point);
        at += Character.charCount(point);
        continue;
      }
      int end = endOfWord(text, at);
      words.add(new Word(at, end, follows));
      follows = true;
      at = end;
    }
    return words;
  }

  private static int endOfWord(String text, int start) {
    int end = start;
    while (end < text.length()) {
      int point = text.codePointAt(end);
      int next = end + Character.charCount(point);
      boolean within =
          isOfWord(point)
              || WITHIN_WORDS.indexOf(point) >= 0
                  && next < text.length()
                  && isOfWord(text.codePointAt(next));
      if (!within) {
        break;
      }
      end = next;
    }
    return end;
  }

  private static boolean isOfWord(int point) {
    int type = Character.getType(point);
    return Character.isLetterOrDigit(point)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }

  private static Set<String> functionWords() {
    try (InputStream in = SpanHeuristics.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("this build has no " + RESOURCE);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(Predicate.not(String::isBlank))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw FileException.of(RESOURCE, e);
    }
  }
}

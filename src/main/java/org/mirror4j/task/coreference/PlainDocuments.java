package org.mirror4j.task.coreference;

import java.nio.file.Path;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.mirror4j.text.TextException;
import org.mirror4j.text.TextLines;

/**
 * Texts as they are written, cut into sentences and words as the Unicode standard has them (annex
 * 29): punctuation is words of its own. Nobody is said to speak.
 */
final class PlainDocuments {
  private PlainDocuments() {}

  /**
   * The document of a text; a line ends a sentence.
   *
   * @throws IllegalArgumentException if it has no word
   */
  static CoreferenceDocument of(String name, String text) {
    List<CoreferenceDocument.Sentence> sentences = new ArrayList<>();
    for (String line : text.lines().toList()) {
      for (String sentence : parts(BreakIterator.getSentenceInstance(Locale.ROOT), line)) {
        List<String> words =
            parts(BreakIterator.getWordInstance(Locale.ROOT), sentence).stream()
                .map(String::strip)
                .filter(PlainDocuments::isSeen)
                .toList();
        if (!words.isEmpty()) {
          sentences.add(
              new CoreferenceDocument.Sentence(
                  words, Collections.nCopies(words.size(), CoreferenceDocument.NO_SPEAKER)));
        }
      }
    }
    if (sentences.isEmpty()) {
      throw new IllegalArgumentException("no word, expected a text");
    }
    return new CoreferenceDocument(name, "", sentences, List.of());
  }

  /**
   * No-break spaces and control characters are words to the standard, but nothing of them is seen.
   */
  private static boolean isSeen(String word) {
    return word.codePoints()
        .anyMatch(
            character ->
                !Character.isWhitespace(character)
                    && !Character.isSpaceChar(character)
                    && !Character.isISOControl(character)
                    && Character.getType(character) != Character.FORMAT);
  }

  private static List<String> parts(BreakIterator breaks, String text) {
    breaks.setText(text);
    List<String> parts = new ArrayList<>();
    int from = breaks.first();
    for (int to = breaks.next(); to != BreakIterator.DONE; to = breaks.next()) {
      parts.add(text.substring(from, to));
      from = to;
    }
    return parts;
  }

  /**
   * The document of a file, called like it.
   *
   * @param notices is told what is worth knowing of the file
   * @throws TextException if it has no word
   */
  static CoreferenceDocument read(Path file, Consumer<String> notices) {
    StringBuilder text = new StringBuilder();
    TextLines.each(file, notices, (number, line) -> text.append(line).append('\n'));
    try {
      return of(file.getFileName().toString(), text.toString());
    } catch (IllegalArgumentException e) {
      throw new TextException(file + ": " + e.getMessage());
    }
  }
}

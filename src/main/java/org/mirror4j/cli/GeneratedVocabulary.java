package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.WordPieceTrainer;

/**
 * A WordPiece vocabulary without any text: special tokens, the printable characters of ASCII, and
 * then all strings of two letters, of three letters and so on, each as start of a word and as
 * continuation. English words become pieces of two or three letters with it.
 */
final class GeneratedVocabulary {
  private static final String CONTINUATION = "##";
  private static final int LETTERS = 26;

  private GeneratedVocabulary() {}

  /**
   * The vocabulary of a size.
   *
   * @throws IllegalArgumentException if that is too few for the single characters
   */
  static List<String> of(int size) {
    List<String> pieces = new ArrayList<>(WordPieceTrainer.SPECIAL_TOKENS);
    for (char c = '!'; c <= '~'; c++) {
      if (!Character.isUpperCase(c)) {
        pieces.add(Character.toString(c));
      }
    }
    for (char c = 'a'; c <= 'z'; c++) {
      pieces.add(CONTINUATION + c);
    }
    for (char c = '0'; c <= '9'; c++) {
      pieces.add(CONTINUATION + c);
    }
    if (size < pieces.size()) {
      throw new IllegalArgumentException(
          "%d pieces, expected at least %d".formatted(size, pieces.size()));
    }
    for (int length = 2, strings = LETTERS * LETTERS; ; length++, strings *= LETTERS) {
      for (int i = 0; i < strings; i++) {
        String string = string(i, length);
        for (String piece : List.of(string, CONTINUATION + string)) {
          if (pieces.size() == size) {
            return pieces;
          }
          pieces.add(piece);
        }
      }
    }
  }

  private static String string(int number, int length) {
    char[] letters = new char[length];
    for (int i = length - 1; i >= 0; i--) {
      letters[i] = (char) ('a' + number % LETTERS);
      number /= LETTERS;
    }
    return new String(letters);
  }
}

package org.mirror4j.task.answer;

import java.util.Locale;

/**
 * Lower case as Unicode's default has it, whatever the language. It is that of {@link
 * String#toLowerCase(Locale)} but for the Greek capital sigma, whose small letter has another form
 * at the end of a word: that is behind a cased letter and before none, characters that do not count
 * for case passed over (Unicode standard, table 3-17). Java looks for ends of words in another way.
 */
final class LowerCase {
  private static final char CAPITAL_SIGMA = '\u03a3';
  private static final char SMALL_SIGMA = '\u03c3';
  private static final char FINAL_SIGMA = '\u03c2';

  /** What may stand within a word, by the property Word_Break. */
  private static final String WITHIN_WORDS =
      "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

  private LowerCase() {}

  static String of(String text) {
    int sigma = text.indexOf(CAPITAL_SIGMA);
    if (sigma < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    StringBuilder lower = new StringBuilder(text.length());
    int start = 0;
    for (; sigma >= 0; sigma = text.indexOf(CAPITAL_SIGMA, start)) {
      lower.append(text.substring(start, sigma).toLowerCase(Locale.ROOT));
      lower.append(
          isCasedBefore(text, sigma) && !isCasedAt(text, sigma + 1) ? FINAL_SIGMA : SMALL_SIGMA);
      start = sigma + 1;
    }
    return lower.append(text.substring(start).toLowerCase(Locale.ROOT)).toString();
  }

  /** Whether the last character before a place that counts for case has one. */
  private static boolean isCasedBefore(String text, int end) {
    int codePoint;
    for (int i = end; i > 0; i -= Character.charCount(codePoint)) {
      codePoint = text.codePointBefore(i);
      if (!isIgnored(codePoint)) {
        return isCased(codePoint);
      }
    }
    return false;
  }

  /** Whether the first character from a place on that counts for case has one. */
  private static boolean isCasedAt(String text, int start) {
    int codePoint;
    for (int i = start; i < text.length(); i += Character.charCount(codePoint)) {
      codePoint = text.codePointAt(i);
      if (!isIgnored(codePoint)) {
        return isCased(codePoint);
      }
    }
    return false;
  }

  private static boolean isCased(int codePoint) {
    return Character.isLowerCase(codePoint)
        || Character.isUpperCase(codePoint)
        || Character.isTitleCase(codePoint);
  }

  private static boolean isIgnored(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> WITHIN_WORDS.indexOf(codePoint) >= 0;
    };
  }
}

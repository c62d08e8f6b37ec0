package org.mirror4j.text;

import java.text.Normalizer;
import java.util.function.Consumer;

/**
 * BERT's normalisation and splitting into words, for learning vocabularies (Devlin et al. 2019; the
 * steps of HuggingFace's {@code BertNormalizer} and {@code BertPreTokenizer}).
 *
 * <ol>
 *   <li>drop U+0000, U+FFFD and characters of category C, but for tab and line ends; white space
 *       becomes a space;
 *   <li>put spaces around CJK ideographs (the ranges of the library, which start the E block at
 *       U+2B920);
 *   <li>if lower-casing: decompose (NFD), drop category Mn, lower-case each character on its own;
 *   <li>split at white space, and make every punctuation character a word.
 * </ol>
 *
 * <p>Categories are those of the Java platform's Unicode version; where the library's tables are
 * older, characters assigned since may differ.
 */
public final class BertPreTokenizer {
  private final boolean lowerCase;
  private final StringBuilder cleaned = new StringBuilder();
  private final StringBuilder word = new StringBuilder();

  /** Not safe for use by several threads. */
  public BertPreTokenizer(boolean lowerCase) {
    this.lowerCase = lowerCase;
  }

  /** Passes the words of a text to {@code words}, in order. */
  public void split(String text, Consumer<String> words) {
    clean(text);
    CharSequence normal = cleaned;
    if (lowerCase && !Normalizer.isNormalized(cleaned, Normalizer.Form.NFD)) {
      normal = Normalizer.normalize(cleaned, Normalizer.Form.NFD);
    }
    word.setLength(0);
    int point;
    for (int i = 0; i < normal.length(); i += Character.charCount(point)) {
      point = Character.codePointAt(normal, i);
      if (lowerCase && point >= 0x80 && Character.getType(point) == Character.NON_SPACING_MARK) {
        continue;
      }
      if (isWhitespace(point)) {
        end(words);
      } else if (isPunctuation(point)) {
        end(words);
        words.accept(Character.toString(point));
      } else {
        append(point);
      }
    }
    end(words);
  }

  private void clean(String text) {
    cleaned.setLength(0);
    int point;
    for (int i = 0; i < text.length(); i += Character.charCount(point)) {
      point = text.codePointAt(i);
      if (isWhitespace(point)) {
        cleaned.append(' ');
      } else if (point >= 0x20 && point < 0x7F) {
        cleaned.append((char) point);
      } else if (point != 0xFFFD && !isControl(point)) {
        if (isIdeograph(point)) {
          cleaned.append(' ').appendCodePoint(point).append(' ');
        } else {
          cleaned.appendCodePoint(point);
        }
      }
    }
  }

  /** Lower-cases without regard to what stands around: a final sigma is no special case. */
  private void append(int point) {
    word.appendCodePoint(lowerCase ? Character.toLowerCase(point) : point);
  }

  private void end(Consumer<String> words) {
    if (!word.isEmpty()) {
      words.accept(word.toString());
      word.setLength(0);
    }
  }

  /** Unicode's White_Space, less the control characters that are dropped. */
  private static boolean isWhitespace(int point) {
    return point == ' '
        || point == '\t'
        || point == '\n'
        || point == '\r'
        || point >= 0x80 && Character.isSpaceChar(point);
  }

  private static boolean isControl(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE -> true;
      default -> false;
    };
  }

  private static boolean isPunctuation(int point) {
    if (point < 0x80) {
      return point > ' ' && point < 0x7F && !Character.isLetterOrDigit(point);
    }
    return switch (Character.getType(point)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  private static boolean isIdeograph(int point) {
    return point >= 0x3400
        && (point <= 0x4DBF
            || within(point, 0x4E00, 0x9FFF)
            || within(point, 0xF900, 0xFAFF)
            || within(point, 0x20000, 0x2A6DF)
            || within(point, 0x2A700, 0x2B73F)
            || within(point, 0x2B740, 0x2B81F)
            || within(point, 0x2B920, 0x2CEAF)
            || within(point, 0x2F800, 0x2FA1F));
  }

  private static boolean within(int point, int first, int last) {
    return point >= first && point <= last;
  }
}

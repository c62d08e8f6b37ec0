package org.mirror4j.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The pieces of a text, without special tokens around them, and the characters that each was read
 * from: {@code text.substring(starts[i], ends[i])}, in UTF-16 units as strings count them.
 *
 * <p>What a normaliser has taken away or put in does not move them: piece {@code ete} of {@code
 * Été} has all three letters. Blanks that a piece swallows at its ends are left out, so the place
 * of RoBERTa's {@code Ġlow} is {@code low}, and a piece of nothing but spaces has none. Pieces that
 * share the bytes of one character each have all of it.
 *
 * @param ids [pieces]
 * @param starts [pieces], the first unit of each
 * @param ends [pieces], one past the last unit of each
 */
public record TextPieces(int[] ids, int[] starts, int[] ends) {
  /** Ids whose places nobody asks for: they all are 0. */
  public static TextPieces of(int[] ids) {
    return new TextPieces(ids, new int[ids.length], new int[ids.length]);
  }

  /**
   * Pieces as the library finds them.
   *
   * @param spans in code points of the text
   * @param blank whether a piece spells nothing but blanks
   */
  static TextPieces of(int[] ids, CharSpan[] spans, String text, IntPredicate blank) {
    int[] units = units(text);
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      int start = units[spans[i].getStart()];
      int end = units[spans[i].getEnd()];
      boolean blankPlace = text.substring(start, end).chars().allMatch(TextPieces::isBlank);
      if (blank.test(ids[i])) {
        // A blank that was put before the first word has that word's first character.
        start = blankPlace ? end : start;
        end = start;
      }
      // A line end that is a piece of its own is kept, as HuggingFace's post-processors do.
      IntPredicate dropped = blankPlace ? c -> c == ' ' : TextPieces::isBlank;
      while (start < end && dropped.test(text.charAt(start))) {
        start++;
      }
      while (start < end && dropped.test(text.charAt(end - 1))) {
        end--;
      }
      starts[i] = start;
      ends[i] = end;
    }
    return new TextPieces(ids, starts, ends);
  }

  private static boolean isBlank(int character) {
    return Character.isWhitespace(character) || Character.isSpaceChar(character);
  }

  /** The first unit of each code point, and the length. */
  private static int[] units(String text) {
    int[] units = new int[text.codePointCount(0, text.length()) + 1];
    for (int point = 1; point < units.length; point++) {
      units[point] = text.offsetByCodePoints(units[point - 1], 1);
    }
    return units;
  }

  /** Number of pieces. */
  public int length() {
    return ids.length;
  }

  /**
   * Some of the pieces; their places stay those in the whole text.
   *
   * @param from the first
   * @param to one past the last
   */
  public TextPieces slice(int from, int to) {
    return new TextPieces(
        Arrays.copyOfRange(ids, from, to),
        Arrays.copyOfRange(starts, from, to),
        Arrays.copyOfRange(ends, from, to));
  }
}

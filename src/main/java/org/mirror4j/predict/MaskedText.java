package org.mirror4j.predict;

import static org.mirror4j.file.FileException.quote;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.Tokenizer;

/**
 * A text with mask tokens, as a model takes it. Of a text that is too long the part around its
 * masks is taken.
 *
 * @param text as it was given
 * @param pieces that are taken, without special tokens around them
 * @param masks which of these are mask tokens, ascending
 * @param cut whether the text has more pieces
 */
public record MaskedText(String text, TextPieces pieces, int[] masks, boolean cut) {
  /** Tokens around the pieces. */
  static final int SPECIAL_TOKENS = 2;

  /**
   * Reads a text.
   *
   * @param maxLength most tokens, special tokens included
   * @throws IllegalArgumentException if it has no mask token, or those that it has are too far
   *     apart
   */
  static MaskedText read(String text, Tokenizer tokenizer, int maxLength) {
    TextPieces all = tokenizer.pieces(text);
    int[] masks =
        IntStream.range(0, all.length()).filter(i -> all.ids()[i] == tokenizer.maskId()).toArray();
    if (masks.length == 0) {
      throw new IllegalArgumentException(
          "the text %s has no %s, expected one in place of each token that is asked for"
              .formatted(quote(text), tokenizer.maskToken()));
    }
    int room = maxLength - SPECIAL_TOKENS;
    if (all.length() <= room) {
      return new MaskedText(text, all, masks, false);
    }
    // With the tokens beside them, from which spans are predicted.
    int first = Math.max(0, masks[0] - 1);
    int last = Math.min(all.length() - 1, masks[masks.length - 1] + 1);
    int needed = last - first + 1;
    if (needed > room) {
      throw new IllegalArgumentException(
          "the text %s has %d tokens from its first %s to its last, expected at most %d"
              .formatted(
                  quote(text),
                  masks[masks.length - 1] - masks[0] + 1,
                  tokenizer.maskToken(),
                  room - 2));
    }
    int from = Math.clamp(first - (room - needed) / 2, 0, all.length() - room);
    return new MaskedText(
        text,
        all.slice(from, from + room),
        Arrays.stream(masks).map(mask -> mask - from).toArray(),
        true);
  }

  /** Token ids with the special tokens around them. */
  int[] sequence(Tokenizer tokenizer) {
    int[] sequence = new int[pieces.length() + SPECIAL_TOKENS];
    sequence[0] = tokenizer.clsId();
    System.arraycopy(pieces.ids(), 0, sequence, 1, pieces.length());
    sequence[sequence.length - 1] = tokenizer.sepId();
    return sequence;
  }

  /** The first mask of the span of neighbouring masks that one belongs to. */
  int firstOfSpan(int mask) {
    int first = mask;
    while (first > 0 && masks[first - 1] == masks[first] - 1) {
      first--;
    }
    return first;
  }

  /** The last mask of that span. */
  int lastOfSpan(int mask) {
    int last = mask;
    while (last < masks.length - 1 && masks[last + 1] == masks[last] + 1) {
      last++;
    }
    return last;
  }

  /**
   * Requires a token of the text on both sides of each span, as the special tokens around a text
   * are never learnt from (Joshi et al. 2020, section 3.2, and the released code).
   *
   * @throws IllegalArgumentException if there is none
   */
  void requireBoundaries() {
    boolean begins = masks[0] == 0;
    if (begins || masks[masks.length - 1] == pieces.length() - 1) {
      throw new IllegalArgumentException(
          "the text %s %s with a span, expected text on both sides: the span boundary objective"
                  .formatted(quote(text), begins ? "begins" : "ends")
              + " predicts from the tokens beside it");
    }
  }

  /**
   * The text with tokens in place of its masks, joined to it as the tokenizer takes a text apart.
   *
   * @param ids one a mask; -1 where the mask stays
   */
  String filled(Tokenizer tokenizer, int... ids) {
    StringBuilder filled = new StringBuilder();
    int copied = 0;
    for (int i = 0; i < masks.length; i++) {
      if (ids[i] < 0) {
        continue;
      }
      filled.append(text, copied, pieces.starts()[masks[i]]);
      copied = pieces.ends()[masks[i]];
      String spelling = tokenizer.spelling(ids[i]);
      boolean afterBlank = filled.isEmpty() || isBlank(filled.charAt(filled.length() - 1));
      if (tokenizer.continuesWord(ids[i])) {
        filled.setLength(filled.toString().stripTrailing().length());
      } else if (afterBlank && spelling.startsWith(" ")) {
        spelling = spelling.substring(1);
      }
      filled.append(spelling);
    }
    return filled.append(text, copied, text.length()).toString();
  }

  private static boolean isBlank(char character) {
    return Character.isWhitespace(character) || Character.isSpaceChar(character);
  }
}

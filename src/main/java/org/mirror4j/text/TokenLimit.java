package org.mirror4j.text;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Tokenises texts, perhaps within a template, to a maximum length, and counts those that were
 * longer and are cut. Of a text within a template the text is cut, not what stands around it;
 * sentence-transformers cuts prompt and text as one, and so loses a prompt where {@code
 * truncation_side} is left.
 */
public final class TokenLimit {
  private final Tokenizer tokenizer;
  private final int maxLength;
  private final Template template;
  private final int roomForText;
  private long cutTexts;

  /**
   * A limit for texts alone.
   *
   * @param maxLength most ids of a text, special tokens included; at least 2
   */
  public TokenLimit(Tokenizer tokenizer, int maxLength) {
    this(tokenizer, maxLength, Template.NONE);
  }

  /**
   * A limit for texts within a template.
   *
   * @param maxLength most ids of a text, template and special tokens included
   * @throws IllegalArgumentException if the template leaves no room for text
   */
  public TokenLimit(Tokenizer tokenizer, int maxLength, Template template) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.template = template.spelled(tokenizer.maskToken());
    int taken = template.equals(Template.NONE) ? 0 : tokenizer.encodePieces(around("")).length;
    roomForText = maxLength - taken;
    if (taken > 0 && taken > maxLength - 3) {
      throw new IllegalArgumentException(
          "the %s has %d tokens, expected at most %d, as a maximum length of %d must leave room for text"
              .formatted(
                  template.isPrompt() ? "prompt" : "template", taken, maxLength - 3, maxLength));
    }
  }

  /** Most ids of a text that is not cut, special tokens included and the template not. */
  public int roomForText() {
    return roomForText;
  }

  private String around(String text) {
    return template.apply(text);
  }

  /** Ids of each text as {@link Tokenizer#encodeAll} gives them. */
  public int[][] encodeAll(List<String> texts) {
    return encodeAll(texts, text -> {});
  }

  /**
   * The same.
   *
   * @param cut is told the index of each text that is cut, in order
   */
  public int[][] encodeAll(List<String> texts, IntConsumer cut) {
    List<String> whole =
        template.equals(Template.NONE) ? texts : texts.stream().map(this::around).toList();
    // One id more than is kept tells a text that is too long from one that just fits.
    int[][] sequences = tokenizer.encodeAll(whole, maxLength + 1);
    for (int i = 0; i < sequences.length; i++) {
      if (sequences[i].length > maxLength) {
        sequences[i] =
            textStandsAtCut() ? cut(sequences[i]) : cutWithin(texts.get(i), whole.get(i));
        cutTexts++;
        cut.accept(i);
      }
    }
    return sequences;
  }

  /** Whether nothing of the template stands at the end that the tokenizer cuts. */
  private boolean textStandsAtCut() {
    return (tokenizer.cutsLeft() ? template.before() : template.after()).isEmpty();
  }

  /** Leaves out one id: the last piece, or the first where the tokenizer cuts on the left. */
  private int[] cut(int[] sequence) {
    int left = tokenizer.cutsLeft() ? 1 : maxLength - 1;
    int[] kept = Arrays.copyOf(sequence, maxLength);
    System.arraycopy(sequence, left + 1, kept, left, maxLength - left);
    return kept;
  }

  /** Leaves out pieces of the text, and of the template none. */
  private int[] cutWithin(String text, String whole) {
    TextPieces pieces = tokenizer.pieces(whole);
    int excess = pieces.length() + 2 - maxLength;
    int place = template.before().length();
    int from;
    if (tokenizer.cutsLeft()) {
      from = 0;
      while (from < pieces.length() && pieces.ends()[from] <= place) {
        from++;
      }
      from = Math.min(from, pieces.length() - excess);
    } else {
      int to = pieces.length();
      while (to > 0 && pieces.starts()[to - 1] >= place + text.length()) {
        to--;
      }
      from = Math.max(0, to - excess);
    }
    int[] kept = new int[maxLength];
    kept[0] = tokenizer.clsId();
    System.arraycopy(pieces.ids(), 0, kept, 1, from);
    System.arraycopy(pieces.ids(), from + excess, kept, 1 + from, maxLength - 2 - from);
    kept[maxLength - 1] = tokenizer.sepId();
    return kept;
  }

  /** Texts so far that were cut. */
  public long cutTexts() {
    return cutTexts;
  }
}

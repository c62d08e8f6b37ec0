package org.mirror4j.text;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/** Tokenises texts to a maximum length, and counts those that were longer and are cut. */
public final class TokenLimit {
  private final Tokenizer tokenizer;
  private final int maxLength;
  private long cutTexts;

  /**
   * A limit.
   *
   * @param maxLength most ids of a text, special tokens included; at least 2
   */
  public TokenLimit(Tokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
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
    // One id more than is kept tells a text that is too long from one that just fits.
    int[][] sequences = tokenizer.encodeAll(texts, maxLength + 1);
    for (int i = 0; i < sequences.length; i++) {
      if (sequences[i].length > maxLength) {
        sequences[i] = Arrays.copyOf(sequences[i], maxLength);
        sequences[i][maxLength - 1] = tokenizer.sepId();
        cutTexts++;
        cut.accept(i);
      }
    }
    return sequences;
  }

  /** Texts so far that were cut. */
  public long cutTexts() {
    return cutTexts;
  }
}

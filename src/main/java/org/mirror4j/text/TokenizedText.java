package org.mirror4j.text;

/**
 * One text or two as a model reads them, with where each token comes from.
 *
 * @param ids [tokens]
 * @param typeIds [tokens], the token type of each, 1 for the second text of BERT, 0 throughout for
 *     RoBERTa
 * @param texts [tokens], 0 for a piece of the first text, 1 for one of the second, {@link #SPECIAL}
 *     for a token that was put around them
 * @param starts [tokens], first UTF-16 unit of each piece in its text; 0 for special tokens
 * @param ends [tokens], one past the last, see {@link TextPieces}; 0 for special tokens
 */
public record TokenizedText(int[] ids, int[] typeIds, int[] texts, int[] starts, int[] ends) {
  /** In {@link #texts}: of neither text. */
  public static final int SPECIAL = -1;

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }
}

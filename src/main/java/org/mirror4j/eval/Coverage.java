package org.mirror4j.eval;

/**
 * How much of a task's texts a model can read.
 *
 * @param texts distinct texts
 * @param cutTexts those that are longer than the model's maximum length
 * @param words of all texts
 * @param unknownWords those with a piece that the vocabulary cannot spell
 */
public record Coverage(int texts, int cutTexts, long words, long unknownWords) {
  /** Nothing is known of the texts. */
  public static final Coverage NONE = new Coverage(0, 0, 0, 0);

  /**
   * Share of unknown words beyond which a language is none of the model's: more than half of what
   * it is to compare then looks the same to it.
   */
  private static final double MOST_UNKNOWN = 0.5;

  /** Share of the words that are unknown, 0 where there are none. */
  public double unknownShare() {
    return words == 0 ? 0 : (double) unknownWords / words;
  }

  /** Whether the texts are in a language that the model has. */
  public boolean isKnown() {
    return unknownShare() <= MOST_UNKNOWN;
  }

  Coverage plus(Coverage other) {
    return new Coverage(
        texts + other.texts,
        cutTexts + other.cutTexts,
        words + other.words,
        unknownWords + other.unknownWords);
  }
}

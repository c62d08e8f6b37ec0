package org.mirror4j.text;

/**
 * Pieces of two texts that are kept where both together are too long: of the longer one fewer until
 * both are equal, then of both; of an odd number of pieces the one that was longer keeps one more,
 * the second where they were equal. As {@code longest_first} of HuggingFace's tokenizers.
 *
 * @param first of the first text
 * @param second of the second text
 */
record PairLengths(int first, int second) {
  /**
   * What is kept of two texts.
   *
   * @param first pieces of the first
   * @param second pieces of the second
   * @param room pieces of both that there is room for
   */
  static PairLengths kept(int first, int second, int room) {
    if (first + second <= room) {
      return new PairLengths(first, second);
    }
    int shorter = Math.min(Math.min(first, second), room / 2);
    return first <= second
        ? new PairLengths(shorter, room - shorter)
        : new PairLengths(room - shorter, shorter);
  }
}

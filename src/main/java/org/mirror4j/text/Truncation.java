package org.mirror4j.text;

/** Which of two texts loses pieces where both together are too long. */
public enum Truncation {
  /**
   * The longer one until both are equal, then both; of an odd number of pieces the one that was
   * longer keeps one more, the second where they were equal. As HuggingFace's tokenizers.
   */
  LONGEST_FIRST,
  /** The first alone. */
  FIRST_ONLY,
  /** The second alone, as for a question and a passage. */
  SECOND_ONLY;

  /**
   * Pieces that are kept.
   *
   * @param first of the first text
   * @param second of the second text
   */
  record Lengths(int first, int second) {}

  /**
   * What is kept of two texts.
   *
   * @param first pieces of the first
   * @param second pieces of the second
   * @param room pieces of both that there is room for
   * @throws IllegalArgumentException if nothing would be left of the text that is cut
   */
  Lengths kept(int first, int second, int room) {
    if (first + second <= room) {
      return new Lengths(first, second);
    }
    return switch (this) {
      case LONGEST_FIRST -> {
        int half = room / 2;
        int shorter = Math.min(Math.min(first, second), half);
        yield first <= second
            ? new Lengths(shorter, room - shorter)
            : new Lengths(room - shorter, shorter);
      }
      case FIRST_ONLY -> {
        requireRoom("second", second, room, "first");
        yield new Lengths(room - second, second);
      }
      case SECOND_ONLY -> {
        requireRoom("first", first, room, "second");
        yield new Lengths(first, room - first);
      }
    };
  }

  private static void requireRoom(String kept, int pieces, int room, String cut) {
    if (pieces >= room) {
      throw new IllegalArgumentException(
          "the %s text has %d pieces, expected fewer than %d, as only the %s is to be cut"
              .formatted(kept, pieces, room, cut));
    }
  }
}

package org.mirror4j.task.answer;

/** Turns offsets that count code points of a text, as files have them, into those of a string. */
final class ContextOffsets {
  private final String text;
  private final int codePoints;

  ContextOffsets(String text) {
    this.text = text;
    codePoints = text.codePointCount(0, text.length());
  }

  /** Whether there is a place before, between or behind the code points. */
  boolean has(int offset) {
    return offset >= 0 && offset <= codePoints;
  }

  /** The offset in {@code char}s. */
  int charOffset(int offset) {
    return codePoints == text.length() ? offset : text.offsetByCodePoints(0, offset);
  }
}

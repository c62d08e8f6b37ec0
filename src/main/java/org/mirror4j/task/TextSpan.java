package org.mirror4j.task;

/**
 * A part of a text, in {@code char}s of it as {@link String#substring} takes them. Files that count
 * code points are converted by their readers.
 *
 * @param start of the first
 * @param end one past the last, more than {@code start}
 */
public record TextSpan(int start, int end) {
  /** What stands there. */
  public String of(String text) {
    return text.substring(start, end);
  }
}

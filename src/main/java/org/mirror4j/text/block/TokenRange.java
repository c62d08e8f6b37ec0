package org.mirror4j.text.block;

/**
 * Neighbouring tokens.
 *
 * @param from index of the first
 * @param to one past the index of the last, more than {@code from}
 */
public record TokenRange(int from, int to) {
  /** Number of tokens. */
  public int length() {
    return to - from;
  }

  /** Whether all of another range is within this one. */
  public boolean contains(TokenRange other) {
    return from <= other.from && other.to <= to;
  }

  TokenRange shifted(int by) {
    return new TokenRange(from + by, to + by);
  }
}

package org.mirror4j.search;

/** The rows of the highest scores in descending order; equal scores in the order of the rows. */
final class Ranking {
  private final int[] rows;
  private final double[] scores;
  private int size;

  /**
   * Empty.
   *
   * @param capacity rows that it keeps, at least 1
   */
  Ranking(int capacity) {
    rows = new int[capacity];
    scores = new double[capacity];
  }

  void clear() {
    size = 0;
  }

  /** Takes a row, in any order of rows. */
  void add(int row, double score) {
    if (size == rows.length && !precedes(row, score, size - 1)) {
      return;
    }
    int place = size;
    while (place > 0 && precedes(row, score, place - 1)) {
      place--;
    }
    int moved = Math.min(size, rows.length - 1) - place;
    System.arraycopy(rows, place, rows, place + 1, moved);
    System.arraycopy(scores, place, scores, place + 1, moved);
    rows[place] = row;
    scores[place] = score;
    size = Math.min(size + 1, rows.length);
  }

  private boolean precedes(int row, double score, int place) {
    return score > scores[place] || score == scores[place] && row < rows[place];
  }

  /** The lowest score that is kept; there must be one. */
  double last() {
    return scores[size - 1];
  }

  /** Copies what is kept. */
  void copy(int[] toRows, double[] toScores, int from) {
    System.arraycopy(rows, 0, toRows, from, size);
    System.arraycopy(scores, 0, toScores, from, size);
  }
}

package org.mirror4j.encode;

/** Counts the vectors of a matrix while they are written, and refuses what is no row of it. */
final class VectorRows {
  private final String format;
  private final int columns;
  private final long before;
  private long count;

  /**
   * No rows yet.
   *
   * @param format for messages
   * @param columns length of every vector
   * @param before lines before the first row
   */
  VectorRows(String format, int columns, long before) {
    if (columns < 1) {
      throw new IllegalArgumentException("%s: %d columns, expected > 0".formatted(format, columns));
    }
    this.format = format;
    this.columns = columns;
    this.before = before;
  }

  /** The line of the last row, counted from 1. */
  long line() {
    return before + count;
  }

  /** Rows so far. */
  long count() {
    return count;
  }

  /**
   * Takes a vector as the next row.
   *
   * @throws IllegalArgumentException if it has another length
   * @throws ArithmeticException if an element is not finite
   */
  void next(float[] vector) {
    if (vector.length != columns) {
      throw new IllegalArgumentException(
          "%s: row %d has %d values, expected %d".formatted(format, count, vector.length, columns));
    }
    for (int i = 0; i < columns; i++) {
      if (!Float.isFinite(vector[i])) {
        throw new ArithmeticException(
            "line %d: the vector of the text is not finite, element %d is %s"
                .formatted(before + count + 1, i, vector[i]));
      }
    }
    count++;
  }
}

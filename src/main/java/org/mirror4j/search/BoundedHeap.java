package org.mirror4j.search;

/** The rows of the highest values that were offered, up to a number; no objects, nothing boxed. */
public final class BoundedHeap {
  private final double[] values;
  private final int[] rows;
  private int size;

  /**
   * Empty.
   *
   * @param capacity rows that it keeps, at least 1
   */
  public BoundedHeap(int capacity) {
    values = new double[capacity];
    rows = new int[capacity];
  }

  /** Keeps nothing. */
  public void clear() {
    size = 0;
  }

  /** Rows that are kept. */
  public int size() {
    return size;
  }

  /** A row that is kept, in no order. */
  public int row(int index) {
    return rows[index];
  }

  /** The value of a row that is kept. */
  public double value(int index) {
    return values[index];
  }

  /**
   * What a value must exceed to be kept: the lowest kept, negative infinity while there is room.
   */
  public double threshold() {
    return size < values.length ? Double.NEGATIVE_INFINITY : values[0];
  }

  /** Keeps a row of a value above the {@link #threshold}. */
  public void add(int row, double value) {
    if (size < values.length) {
      int hole = size++;
      while (hole > 0 && values[(hole - 1) / 2] > value) {
        move((hole - 1) / 2, hole);
        hole = (hole - 1) / 2;
      }
      set(hole, row, value);
      return;
    }
    int hole = 0;
    for (int child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && values[child + 1] < values[child]) {
        child++;
      }
      if (values[child] >= value) {
        break;
      }
      move(child, hole);
      hole = child;
    }
    set(hole, row, value);
  }

  private void move(int from, int to) {
    set(to, rows[from], values[from]);
  }

  private void set(int index, int row, double value) {
    rows[index] = row;
    values[index] = value;
  }
}

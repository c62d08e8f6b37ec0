package org.mirror4j.task.coreference;

import java.util.Arrays;

/**
 * The assignment problem: each row gets a column of its own so that the sum of the gains is the
 * largest. Kuhn's Hungarian algorithm with potentials and one shortest augmenting path a row
 * (Jonker and Volgenant 1987), in f64.
 */
final class Assignment {
  private static final int UNASSIGNED = -1;

  private final double[][] gains;
  private final int rows;
  private final int columns;

  /** {@code rowPotential[r] + columnPotential[c] <= -gains[r][c]}, equal where c is r's. */
  private final double[] rowPotential;

  private final double[] columnPotential;
  private final int[] rowOfColumn;

  private Assignment(double[][] gains) {
    this.gains = gains;
    rows = gains.length;
    columns = gains[0].length;
    rowPotential = new double[rows];
    columnPotential = new double[columns];
    rowOfColumn = new int[columns];
    Arrays.fill(rowOfColumn, UNASSIGNED);
  }

  /**
   * The column of each row, -1 for rows left over where there are fewer columns. Takes {@code
   * O(min^2 max)} steps of the two sizes.
   *
   * @param gains [rows, columns], finite
   */
  static int[] of(double[][] gains) {
    int rows = gains.length;
    int columns = rows == 0 ? 0 : gains[0].length;
    int[] columnOfRow = new int[rows];
    Arrays.fill(columnOfRow, UNASSIGNED);
    if (columns == 0) {
      return columnOfRow;
    }
    if (rows > columns) {
      int[] rowOfColumn = of(transposed(gains));
      for (int column = 0; column < columns; column++) {
        columnOfRow[rowOfColumn[column]] = column;
      }
      return columnOfRow;
    }
    Assignment assignment = new Assignment(gains);
    for (int row = 0; row < rows; row++) {
      assignment.assign(row);
    }
    for (int column = 0; column < columns; column++) {
      if (assignment.rowOfColumn[column] != UNASSIGNED) {
        columnOfRow[assignment.rowOfColumn[column]] = column;
      }
    }
    return columnOfRow;
  }

  private static double[][] transposed(double[][] gains) {
    double[][] transposed = new double[gains[0].length][gains.length];
    for (int row = 0; row < gains.length; row++) {
      for (int column = 0; column < transposed.length; column++) {
        transposed[column][row] = gains[row][column];
      }
    }
    return transposed;
  }

  /** Finds the shortest path from a row to a free column and moves the rows along it. */
  private void assign(int start) {
    double[] distance = new double[columns];
    int[] columnBefore = new int[columns];
    boolean[] reached = new boolean[columns];
    Arrays.fill(distance, Double.POSITIVE_INFINITY);
    Arrays.fill(columnBefore, UNASSIGNED);
    int row = start;
    int column = UNASSIGNED;
    double length = 0;
    do {
      int nearest = UNASSIGNED;
      for (int c = 0; c < columns; c++) {
        if (reached[c]) {
          continue;
        }
        double through = length - gains[row][c] - rowPotential[row] - columnPotential[c];
        if (through < distance[c]) {
          distance[c] = through;
          columnBefore[c] = column;
        }
        if (nearest == UNASSIGNED || distance[c] < distance[nearest]) {
          nearest = c;
        }
      }
      column = nearest;
      length = distance[column];
      reached[column] = true;
      row = rowOfColumn[column];
    } while (row != UNASSIGNED);
    rowPotential[start] += length;
    for (int c = 0; c < columns; c++) {
      if (reached[c] && rowOfColumn[c] != UNASSIGNED) {
        rowPotential[rowOfColumn[c]] += length - distance[c];
        columnPotential[c] -= length - distance[c];
      }
    }
    while (column != UNASSIGNED) {
      int before = columnBefore[column];
      rowOfColumn[column] = before == UNASSIGNED ? start : rowOfColumn[before];
      column = before;
    }
  }
}

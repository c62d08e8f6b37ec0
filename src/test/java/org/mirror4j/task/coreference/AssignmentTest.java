package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  @Test
  void aCaseByHand() {
    // Taking the largest gain first gives 9 + 1; the best is 8 + 7.
    assertThat(Assignment.of(new double[][] {{9, 8}, {7, 1}})).containsExactly(1, 0);
    assertThat(Assignment.of(new double[][] {{1}, {3}, {2}})).containsExactly(-1, 0, -1);
    assertThat(Assignment.of(new double[][] {{1, 3, 2}})).containsExactly(1);
    assertThat(Assignment.of(new double[0][])).isEmpty();
    assertThat(Assignment.of(new double[2][0])).containsExactly(-1, -1);
  }

  @Test
  void asGoodAsTheBestOfAllAssignments() {
    Random random = new Random(7);
    for (int rows = 1; rows <= 6; rows++) {
      for (int columns = 1; columns <= 6; columns++) {
        for (int repeat = 0; repeat < 20; repeat++) {
          // Small whole numbers have many ties, the others none; some are below nought.
          boolean whole = repeat % 2 == 0;
          double[][] gains = new double[rows][columns];
          for (double[] row : gains) {
            Arrays.setAll(row, i -> whole ? random.nextInt(4) : random.nextDouble() - 0.3);
          }
          int[] columnOfRow = Assignment.of(gains);
          int[] used = Arrays.stream(columnOfRow).filter(column -> column >= 0).toArray();
          assertThat(used).hasSize(Math.min(rows, columns)).doesNotHaveDuplicates();
          double sum = 0;
          for (int row = 0; row < rows; row++) {
            sum += columnOfRow[row] < 0 ? 0 : gains[row][columnOfRow[row]];
          }
          // Sums of six numbers below 1 in two orders.
          assertThat(sum).isCloseTo(best(gains, 0, 0, rows - columns), within(1e-12));
        }
      }
    }
  }

  /**
   * The best sum from a row on.
   *
   * @param used columns that are taken, as bits
   * @param left rows that go without a column
   */
  private static double best(double[][] gains, int row, int used, int left) {
    if (row == gains.length) {
      return 0;
    }
    double best = left > 0 ? best(gains, row + 1, used, left - 1) : Double.NEGATIVE_INFINITY;
    for (int column = 0; column < gains[row].length; column++) {
      if ((used & 1 << column) == 0) {
        double rest = best(gains, row + 1, used | 1 << column, left);
        best = Math.max(best, gains[row][column] + rest);
      }
    }
    return best;
  }
}

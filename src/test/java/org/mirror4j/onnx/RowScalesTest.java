package org.mirror4j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RowScalesTest {
  private static final int ROWS = 5, COLUMNS = 7;

  /** Rows of magnitudes from 1e-6 to 1e6; one of zeros. */
  private static float[] values() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[ROWS * COLUMNS];
    for (int i = 0; i < values.length; i++) {
      int row = i / COLUMNS;
      values[i] = row == 2 ? 0 : (float) ((random.nextDouble() - 0.5) * Math.pow(1e3, row - 2));
    }
    return values;
  }

  private static RowScales scales(float[] values) {
    return new RowScales(
        new Matrix("w", ROWS, COLUMNS, to -> to.copyFrom(MemorySegment.ofArray(values))));
  }

  /** To the nearest step: half a step off at most, a step being the largest of a row by 64. */
  @Test
  void roundedToTheNearestStepOfItsRow() throws IOException {
    float[] values = values();
    float[] scales = new float[ROWS];
    byte[] integers = new byte[ROWS * COLUMNS];
    scales(values)
        .writeScales(
            bytes ->
                MemorySegment.copy(bytes, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, scales, 0, ROWS));
    scales(values)
        .writeRows(
            bytes ->
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, integers, 0, integers.length));
    for (int row = 0; row < ROWS; row++) {
      float largest = 0;
      int most = 0;
      for (int column = 0; column < COLUMNS; column++) {
        int i = row * COLUMNS + column;
        largest = Math.max(largest, Math.abs(values[i]));
        most = Math.max(most, Math.abs(integers[i]));
        assertThat((double) integers[i] * scales[row])
            .isCloseTo(values[i], within(0.5001 * scales[row]));
      }
      assertThat(scales[row]).isEqualTo(largest == 0 ? 1 : largest / RowScales.LARGEST);
      assertThat(most).isEqualTo(largest == 0 ? 0 : RowScales.LARGEST);
    }
  }

  @Test
  void theOtherWayRound() throws IOException {
    float[] values = values();
    byte[] rows = new byte[ROWS * COLUMNS];
    byte[] columns = new byte[ROWS * COLUMNS];
    scales(values).writeRows(bytes -> MemorySegment.ofArray(rows).copyFrom(bytes));
    scales(values).writeTransposed(bytes -> MemorySegment.ofArray(columns).copyFrom(bytes));
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        assertThat(columns[column * ROWS + row]).isEqualTo(rows[row * COLUMNS + column]);
      }
    }
  }
}

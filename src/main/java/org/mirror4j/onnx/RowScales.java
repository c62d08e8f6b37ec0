package org.mirror4j.onnx;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A matrix in integers of 8 bits with a scale for each row:
 *
 * <pre>
 *   scale[r] = max_c |w[r,c]| / LARGEST,  q[r,c] = round(w[r,c] / scale[r]),  w ~ q scale
 * </pre>
 *
 * Zero is zero. A row of zeros has the scale 1.
 */
record RowScales(Matrix matrix) {
  /**
   * The largest magnitude. Of 127 the sum of two products with unsigned bytes would not fit in 16
   * bits, in which processors without VNNI take it; of 64 it does, so that a file gives the same on
   * each.
   */
  static final int LARGEST = 64;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfFloat NATIVE = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Writes the scales, f32[rows]. */
  void writeScales(Initializer.Sink sink) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      float[] scales = scales(matrix.values(arena));
      MemorySegment stored = arena.allocate((long) Float.BYTES * scales.length);
      MemorySegment.copy(scales, 0, stored, FLOAT, 0, scales.length);
      sink.write(stored);
    }
  }

  /** Writes the integers, i8[rows, columns]. */
  void writeRows(Initializer.Sink sink) throws IOException {
    write(sink, matrix.columns(), 1);
  }

  /** Writes the integers the other way round, i8[columns, rows]. */
  void writeTransposed(Initializer.Sink sink) throws IOException {
    write(sink, 1, matrix.rows());
  }

  private void write(Initializer.Sink sink, int rowStep, int columnStep) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = matrix.values(arena);
      MemorySegment stored = arena.allocate(matrix.size());
      float[] scales = scales(values);
      for (int row = 0; row < matrix.rows(); row++) {
        for (int column = 0; column < matrix.columns(); column++) {
          float value = values.getAtIndex(NATIVE, (long) row * matrix.columns() + column);
          stored.set(
              ValueLayout.JAVA_BYTE,
              (long) row * rowStep + (long) column * columnStep,
              (byte) Math.rint(value / scales[row]));
        }
      }
      sink.write(stored);
    }
  }

  private float[] scales(MemorySegment values) {
    float[] scales = new float[matrix.rows()];
    for (int row = 0; row < scales.length; row++) {
      float largest = 0;
      for (int column = 0; column < matrix.columns(); column++) {
        float value = values.getAtIndex(NATIVE, (long) row * matrix.columns() + column);
        largest = Math.max(largest, Math.abs(value));
      }
      // So small a number that its share is none is zero beside all others.
      scales[row] = largest / LARGEST == 0 ? 1 : largest / LARGEST;
    }
    return scales;
  }
}

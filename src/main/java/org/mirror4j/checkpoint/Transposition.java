package org.mirror4j.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.mirror4j.tensor.Shape;

/** Matrices of {@code x K}, as exporters and TensorFlow have them, and of {@code x W^T}. */
public final class Transposition {
  private Transposition() {}

  /**
   * {@code to[row, column] = from[column, row]}.
   *
   * @param from f32
   * @param to f32, overwritten
   * @param shape of {@code to}
   */
  public static void transpose(MemorySegment from, MemorySegment to, Shape shape) {
    long rows = shape.dimension(0);
    long columns = shape.dimension(1);
    for (long row = 0; row < rows; row++) {
      for (long column = 0; column < columns; column++) {
        to.set(
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            4 * (row * columns + column),
            from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (column * rows + row)));
      }
    }
  }
}

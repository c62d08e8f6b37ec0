package org.mirror4j.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.Transposition;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * A weight matrix that is read when it is wanted.
 *
 * @param name of the parameter
 * @param rows outputs of a linear layer, or pieces of an embedding
 * @param columns inputs of a linear layer, or values of a piece
 * @param reader reads f32[rows, columns]
 */
record Matrix(String name, int rows, int columns, Reader reader) {
  /** Reads the values of a parameter. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads all of them.
     *
     * @param to overwritten, four bytes an element
     */
    void read(MemorySegment to);
  }

  /** Number of elements. */
  long size() {
    return (long) rows * columns;
  }

  /** The values, f32[rows, columns], in memory of {@code arena}. */
  MemorySegment values(Arena arena) {
    MemorySegment values = arena.allocate(Float.BYTES * size(), Float.BYTES);
    reader.read(values);
    return values;
  }

  /** The values the other way round, f32[columns, rows]: what stands on the right of a product. */
  MemorySegment transposed(Arena arena) {
    MemorySegment transposed = arena.allocate(Float.BYTES * size(), Float.BYTES);
    try (Arena passing = Arena.ofConfined()) {
      Transposition.transpose(values(passing), transposed, Shape.of(columns, rows));
    }
    return transposed;
  }

  /**
   * Values as the file has them, little-endian.
   *
   * @param values f32, overwritten where the type is that
   * @throws FileException if one is too large for the type
   */
  MemorySegment stored(MemorySegment values, DType dtype, Arena arena) {
    MemorySegment stored = arena.allocate(dtype.bytes() * size());
    FloatConversion.narrow(values, stored, dtype, size());
    if (!FloatConversion.areFinite(stored, dtype, size())) {
      throw new FileException(
          "%s: holds a value beyond 65504, the largest of f16: expected --precision f32"
              .formatted(name));
    }
    return stored;
  }
}

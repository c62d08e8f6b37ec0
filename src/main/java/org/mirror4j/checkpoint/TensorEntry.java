package org.mirror4j.checkpoint;

import java.lang.foreign.MemorySegment;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * A tensor to be written.
 *
 * @param name its name in the file
 * @param dtype the type to store
 * @param shape its shape
 * @param values row-major, in the byte order of this machine: f32 where {@code dtype} is a float
 *     type, elements of {@code dtype} where it is an integer type
 */
public record TensorEntry(String name, DType dtype, Shape shape, MemorySegment values) {
  /**
   * Checks that the values are as many as the shape says.
   *
   * @throws IllegalArgumentException if they are not
   */
  public TensorEntry {
    long bytes = shape.size() * (FloatConversion.isFloat(dtype) ? 4 : dtype.bytes());
    if (values.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "tensor '%s' is %s%s, expected values of %d bytes, found %d"
              .formatted(name, dtype.label(), shape, bytes, values.byteSize()));
    }
  }

  /** Bytes in the file. */
  long storedBytes() {
    return shape.size() * dtype.bytes();
  }
}

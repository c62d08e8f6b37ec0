package org.mirror4j.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/** Named tensors of a file, readable one at a time in any order. */
public interface TensorSource extends AutoCloseable {
  /** Names the file in messages. */
  String file();

  /** The names, in the order of the file. Unmodifiable. */
  Set<String> names();

  /** Whether there is a tensor of that name. */
  default boolean has(String name) {
    return names().contains(name);
  }

  /**
   * The shape of a tensor.
   *
   * @throws FileException if there is no such tensor
   */
  Shape shape(String name);

  /**
   * The type of a tensor's elements.
   *
   * @throws FileException if there is no such tensor, its type is none of {@link DType}, or it is
   *     of floats and the file has fewer elements than its shape says: for asking before memory is
   *     taken for them
   */
  DType dtype(String name);

  /**
   * Copies a tensor as f32 in row-major order and the byte order of this machine; 16-bit floats are
   * widened, which is exact, and those of 64 bits are rounded to the nearest.
   *
   * @param to overwritten, exactly {@code 4 * shape(name).size()} bytes
   * @return whether all elements are finite
   * @throws FileException if there is no such tensor or its elements are not floats of 16, 32 or 64
   *     bits, or the file was changed while it is read
   * @throws IllegalArgumentException if {@code to} is of another size
   */
  boolean readFloats(String name, MemorySegment to);

  /**
   * Checks where {@link #readFloats} is to write.
   *
   * @throws IllegalArgumentException if that is not as large as the tensor in f32
   */
  static void requireRoom(String name, Shape shape, MemorySegment to) {
    if (to.byteSize() != Float.BYTES * shape.size()) {
      throw new IllegalArgumentException(
          "tensor %s is %s, needs %d bytes, was given %d"
              .formatted(
                  FileException.quote(name), shape, Float.BYTES * shape.size(), to.byteSize()));
    }
  }

  /** Releases the file. Using the source afterwards is an error. */
  @Override
  void close();
}

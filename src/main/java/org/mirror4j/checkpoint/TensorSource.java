package org.mirror4j.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.mirror4j.tensor.Shape;

/** Named tensors of a file, readable one at a time in any order. */
public interface TensorSource extends AutoCloseable {
  /** The names, in the order of the file. Unmodifiable. */
  Set<String> names();

  /** Whether there is a tensor of that name. */
  default boolean has(String name) {
    return names().contains(name);
  }

  /**
   * The shape of a tensor.
   *
   * @throws CheckpointException if there is no such tensor
   */
  Shape shape(String name);

  /**
   * Copies a tensor as f32 in row-major order and the byte order of this machine; 16-bit floats are
   * widened, which is exact.
   *
   * @param to overwritten, exactly {@code 4 * shape(name).size()} bytes
   * @throws CheckpointException if there is no such tensor or its elements are not floats of 16 or
   *     32 bits
   * @throws IllegalArgumentException if {@code to} is of another size
   */
  void readFloats(String name, MemorySegment to);

  /** Releases the file. Using the source afterwards is an error. */
  @Override
  void close();
}

package org.mirror4j.encode;

import org.mirror4j.file.FileException;

/**
 * Writes vectors, one after the other: the vector of line n of a text is the n-th. A file appears
 * under its name only with {@link #finish}; closing before leaves nothing behind.
 */
public sealed interface VectorWriter extends AutoCloseable
    permits NpyWriter, TsvVectors, PrintedVectors {
  /**
   * Appends one vector.
   *
   * @param text what the vector stands for; formats without texts leave it out
   * @throws IllegalArgumentException if the vector has another length than agreed on
   * @throws ArithmeticException if it is not finite; the message has the number of the line
   * @throws FileException if writing fails
   */
  void write(String text, float[] vector);

  /**
   * Completes what is written.
   *
   * @throws FileException if writing fails
   */
  void finish();

  @Override
  void close();
}

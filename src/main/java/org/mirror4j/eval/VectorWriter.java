package org.mirror4j.eval;

/**
 * Writes vectors to a file, one after the other. The file appears under its name only with {@link
 * #finish}; closing before leaves nothing behind.
 */
public sealed interface VectorWriter extends AutoCloseable permits NpyWriter, TsvVectors {
  /**
   * Appends one vector.
   *
   * @param text what the vector stands for; formats without texts leave it out
   * @throws IllegalArgumentException if the vector has another length than agreed on
   * @throws java.io.UncheckedIOException if writing fails
   */
  void write(String text, float[] vector);

  /**
   * Completes the file.
   *
   * @throws java.io.UncheckedIOException if writing fails
   */
  void finish();

  @Override
  void close();
}

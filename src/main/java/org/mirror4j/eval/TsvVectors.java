package org.mirror4j.eval;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.mirror4j.checkpoint.AtomicFile;

/**
 * Writes vectors as text, UTF-8, one a line and no header:
 *
 * <pre>  text TAB value1 TAB value2 ... LF  </pre>
 *
 * In the text, backslash, tab, line feed and carriage return become {@code \\ \t \n \r}. Values
 * have as many digits as it takes to read the same float back.
 */
public final class TsvVectors implements VectorWriter {
  private static final int BUFFERED_CHARS = 1 << 16;

  private final AtomicFile file;
  private final StringBuilder buffer = new StringBuilder();
  private final int columns;
  private long rows;

  /**
   * @param columns length of every vector
   * @throws org.mirror4j.checkpoint.CheckpointException if the path is a directory
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public TsvVectors(Path path, int columns) {
    if (columns < 1) {
      throw new IllegalArgumentException("tsv: %d columns, expected > 0".formatted(columns));
    }
    this.columns = columns;
    file = new AtomicFile(path);
  }

  @Override
  public void write(String text, float[] vector) {
    if (vector.length != columns) {
      throw new IllegalArgumentException(
          "tsv: row %d has %d values, expected %d".formatted(rows, vector.length, columns));
    }
    buffer.append(escape(text));
    for (float value : vector) {
      buffer.append('\t').append(value);
    }
    buffer.append('\n');
    rows++;
    if (buffer.length() >= BUFFERED_CHARS) {
      flush();
    }
  }

  @Override
  public void finish() {
    flush();
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }

  private void flush() {
    file.write(ByteBuffer.wrap(buffer.toString().getBytes(StandardCharsets.UTF_8)));
    buffer.setLength(0);
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}

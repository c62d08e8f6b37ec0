package org.mirror4j.encode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.mirror4j.file.AtomicFile;
import org.mirror4j.file.FileException;

/**
 * Writes vectors as text, UTF-8, one a line and no header:
 *
 * <pre>  text TAB value1 TAB value2 ... LF  </pre>
 *
 * In the text, backslash, tab, line feed and carriage return become {@code \\ \t \n \r}, other
 * control characters a backslash, {@code u} and four hexadecimal digits. Values have as many digits
 * as it takes to read the same float back.
 */
public final class TsvVectors implements VectorWriter {
  private static final int BUFFERED_CHARS = 1 << 16;

  private final AtomicFile file;
  private final StringBuilder buffer = new StringBuilder();
  private final VectorRows rows;

  /**
   * @param columns length of every vector
   * @throws org.mirror4j.file.FileException if the path is a directory
   * @throws FileException if the file cannot be written
   */
  public TsvVectors(Path path, int columns) {
    rows = new VectorRows("tsv", columns, 0);
    file = new AtomicFile(path);
  }

  @Override
  public void write(String text, float[] vector) {
    rows.next(vector);
    append(buffer, text, vector);
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

  /** Appends the line of a text and its vector. */
  static void append(StringBuilder line, String text, float[] vector) {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '\\' -> line.append("\\\\");
        case '\t' -> line.append("\\t");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        default -> {
          if (Character.isISOControl(character)) {
            line.append("\\u").append(HexFormat.of().toHexDigits(character));
          } else {
            line.append(character);
          }
        }
      }
    }
    for (float value : vector) {
      line.append('\t').append(value);
    }
    line.append('\n');
  }
}

package org.mirror4j.encode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import org.mirror4j.file.FileException;

/**
 * Prints vectors, a line each, for a pipe: as {@link TsvVectors} writes them, or as JSON objects
 *
 * <pre>  {"text":"...","vector":[...]}  </pre>
 */
public final class PrintedVectors implements VectorWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFERED_CHARS = 1 << 16;

  private final PrintWriter out;
  private final boolean json;
  private final VectorRows rows;
  private final StringBuilder buffer = new StringBuilder();

  /** What a line of JSON says. */
  private record Line(String text, float[] vector) {}

  /**
   * @param out not closed by this writer
   * @param json whether lines are JSON objects
   * @param columns length of every vector
   */
  public PrintedVectors(PrintWriter out, boolean json, int columns) {
    this.out = out;
    this.json = json;
    rows = new VectorRows("lines", columns, 0);
  }

  @Override
  public void write(String text, float[] vector) {
    rows.next(vector);
    if (json) {
      try {
        buffer.append(JSON.writeValueAsString(new Line(text, vector))).append('\n');
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a text and numbers cannot be written", e);
      }
    } else {
      TsvVectors.append(buffer, text, vector);
    }
    if (buffer.length() >= BUFFERED_CHARS) {
      flush();
    }
  }

  @Override
  public void finish() {
    flush();
  }

  private void flush() {
    out.append(buffer);
    buffer.setLength(0);
    if (out.checkError()) {
      throw new FileException("standard output cannot be written");
    }
  }

  /** What was printed stays. */
  @Override
  public void close() {}
}

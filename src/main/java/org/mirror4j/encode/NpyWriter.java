package org.mirror4j.encode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.file.AtomicFile;
import org.mirror4j.file.FileException;
import org.mirror4j.file.NpyHeader;

/**
 * Writes a matrix [rows, columns] as a NumPy file, format version 1.0: {@code
 * numpy.load("vectors.npy")}.
 *
 * <pre>
 *   bytes 0..5     \x93NUMPY
 *   bytes 6, 7     version 1, 0
 *   bytes 8, 9     length of what follows up to the data, u16 little-endian
 *   ..127          {'descr': '&lt;f4', 'fortran_order': False, 'shape': (rows, columns), }, blanks, line feed
 *   128..          values, little-endian, row after row
 * </pre>
 *
 * Rows are streamed: their number is put into the header at the end. Texts are not part of the
 * format; row i belongs to the i-th text.
 */
public final class NpyWriter implements VectorWriter {
  private static final int BUFFERED_BYTES = 1 << 16;

  private final AtomicFile file;
  private final VectorType type;
  private final int columns;
  private final int rowBytes;
  private final VectorRows rows;
  private final ByteBuffer buffer;

  /** Whether all but the name is done. */
  private boolean completed;

  /** Of values as they are. */
  public NpyWriter(Path path, int columns) {
    this(path, columns, VectorType.F32, 0);
  }

  /**
   * @param columns length of every vector
   * @param type that they are written in
   * @param before lines before the first row, for messages
   * @throws FileException if the path is a directory or the file cannot be written
   */
  public NpyWriter(Path path, int columns, VectorType type, long before) {
    rows = new VectorRows("npy", columns, before);
    this.columns = columns;
    this.type = type;
    rowBytes = type.bytes(columns);
    buffer = ByteBuffer.allocate(Math.max(rowBytes, BUFFERED_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    // Holds the header's place until the number of rows is known.
    buffer.put(header());
    file = new AtomicFile(path);
  }

  /** The text is left out. */
  @Override
  public void write(String text, float[] vector) {
    rows.next(vector);
    if (buffer.remaining() < rowBytes) {
      flush();
    }
    try {
      type.put(buffer, vector);
    } catch (ArithmeticException e) {
      throw new ArithmeticException(
          "line %d: %s; its file is not written".formatted(rows.line(), e.getMessage()));
    }
  }

  /** Completes all but the name: what takes long of {@link #finish}. */
  void complete() {
    writeAll();
    file.force();
    completed = true;
  }

  @Override
  public void finish() {
    if (!completed) {
      writeAll();
    }
    file.commit();
  }

  private void writeAll() {
    flush();
    file.rewriteStart(header());
  }

  @Override
  public void close() {
    file.close();
  }

  private void flush() {
    file.write(buffer.flip());
    buffer.clear();
  }

  private ByteBuffer header() {
    return NpyHeader.write(type.descr(), List.of(rows.count(), (long) type.elements(columns)));
  }
}

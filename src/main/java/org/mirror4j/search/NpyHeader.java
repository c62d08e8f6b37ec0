package org.mirror4j.search;

import static org.mirror4j.file.FileException.quote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.file.FileException;

/**
 * What stands before the values of a NumPy file, format versions 1 to 3:
 *
 * <pre>
 *   bytes 0..5          \x93NUMPY
 *   bytes 6, 7          version
 *   bytes 8, 9 (..11)   length of what follows, u16 little-endian, from version 2 on u32
 *   ..                  {'descr': '&lt;f4', 'fortran_order': False, 'shape': (rows, columns), }
 * </pre>
 *
 * @param start byte of the first value
 * @param rows number of vectors
 * @param columns length of each
 */
record NpyHeader(long start, int rows, int columns) {
  private static final String MAGIC = "\u0093NUMPY";
  private static final int VERSION = 6;
  private static final int LENGTH = 8;

  /** NumPy's own take a few hundred bytes; nothing longer is looked at. */
  private static final int LONGEST = 1 << 16;

  /** The keys may stand in any order. */
  private static final Pattern TYPE = Pattern.compile("'descr':\\s*'<f4'");

  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*False");
  private static final Pattern SHAPE =
      Pattern.compile("'shape':\\s*\\(\\s*(\\d{1,9})\\s*,\\s*(\\d{1,9})\\s*\\)");

  /** Bytes of the values. */
  long bytes() {
    return (long) Float.BYTES * rows * columns;
  }

  /**
   * Reads the header and compares the file's length with it.
   *
   * @throws FileException if the file is no matrix of little-endian f32 in rows
   */
  static NpyHeader read(Path file, FileChannel channel) throws IOException {
    ByteBuffer first = read(file, channel, 0, LENGTH + Integer.BYTES);
    byte[] magic = new byte[MAGIC.length()];
    first.get(magic);
    int version = first.get(VERSION);
    if (!new String(magic, StandardCharsets.ISO_8859_1).equals(MAGIC)
        || version < 1
        || version > 3) {
      throw wrong(file, "no NumPy file of version 1, 2 or 3");
    }
    int start = LENGTH + (version == 1 ? Short.BYTES : Integer.BYTES);
    long length =
        version == 1
            ? Short.toUnsignedInt(first.getShort(LENGTH))
            : Integer.toUnsignedLong(first.getInt(LENGTH));
    if (length > LONGEST) {
      throw wrong(file, "a header of %,d bytes, expected at most %,d".formatted(length, LONGEST));
    }
    ByteBuffer rest = read(file, channel, start, (int) length);
    String dictionary = StandardCharsets.UTF_8.decode(rest).toString().strip();
    Matcher shape = SHAPE.matcher(dictionary);
    if (!TYPE.matcher(dictionary).find() || !ORDER.matcher(dictionary).find() || !shape.find()) {
      throw wrong(
          file,
          "header %s, expected 'descr' '<f4', 'fortran_order' False and 'shape' (rows, columns)"
              .formatted(quote(dictionary)));
    }
    NpyHeader header =
        new NpyHeader(
            start + length, Integer.parseInt(shape.group(1)), Integer.parseInt(shape.group(2)));
    if (header.columns < 1) {
      throw wrong(file, "vectors of no values");
    }
    if (channel.size() != header.start + header.bytes()) {
      throw wrong(
          file,
          "%,d bytes, expected %,d for %,d vectors of %,d values"
              .formatted(
                  channel.size(), header.start + header.bytes(), header.rows, header.columns));
    }
    return header;
  }

  private static FileException wrong(Path file, String message) {
    return new FileException(file + ": " + message);
  }

  private static ByteBuffer read(Path file, FileChannel channel, long from, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw wrong(file, "it ends in the header, expected a NumPy file");
      }
    }
    return buffer.flip();
  }
}

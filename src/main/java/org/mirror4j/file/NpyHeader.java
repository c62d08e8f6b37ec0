package org.mirror4j.file;

import static org.mirror4j.file.FileException.quote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
 * @param dictionary as it stands in the file, without the blanks around it
 * @param type of a value, as NumPy writes it: {@code <f4}
 * @param fortranOrder whether columns are contiguous instead of rows
 * @param shape empty for a single value
 * @param start byte of the first value
 */
public record NpyHeader(
    String dictionary, String type, boolean fortranOrder, List<Long> shape, long start) {
  private static final byte[] MAGIC = "\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1);
  private static final int LENGTH = 8;

  /** NumPy's own take a few hundred bytes; nothing longer is looked at. */
  private static final int LONGEST = 1 << 16;

  /** A multiple of 64, as the format asks for, with room for any number of rows and columns. */
  private static final int WRITTEN_BYTES = 128;

  private static final int ALIGNMENT = 64;

  /** The keys may stand in any order. */
  private static final Pattern TYPE = Pattern.compile("'descr':\\s*+'([^']*)'");

  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*+(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*+\\(([\\d,\\s]*+)\\)");
  private static final Pattern SIZE = Pattern.compile("\\d{1,18}");

  /**
   * Reads the header.
   *
   * @throws FileException if the file is none of NumPy's, or its header none of an array
   */
  public static NpyHeader read(Path file, FileChannel channel) throws IOException {
    ByteBuffer first = read(file, channel, 0, LENGTH + Integer.BYTES);
    byte[] magic = new byte[MAGIC.length];
    first.get(magic);
    int version = first.get();
    if (!Arrays.equals(magic, MAGIC) || version < 1 || version > 3) {
      throw new FileException(file + ": no NumPy file of version 1, 2 or 3");
    }
    int start = LENGTH + (version == 1 ? Short.BYTES : Integer.BYTES);
    long length =
        version == 1
            ? Short.toUnsignedInt(first.getShort(LENGTH))
            : Integer.toUnsignedLong(first.getInt(LENGTH));
    if (length > LONGEST) {
      throw new FileException(
          "%s: a header of %,d bytes, expected at most %,d".formatted(file, length, LONGEST));
    }
    ByteBuffer rest = read(file, channel, start, (int) length);
    String dictionary = StandardCharsets.UTF_8.decode(rest).toString().strip();
    Matcher type = TYPE.matcher(dictionary);
    Matcher order = ORDER.matcher(dictionary);
    Matcher shape = SHAPE.matcher(dictionary);
    boolean found = type.find() && order.find() && shape.find();
    List<String> sizes = found ? sizes(shape.group(1)) : List.of();
    if (!found || !sizes.stream().allMatch(size -> SIZE.matcher(size).matches())) {
      throw new FileException(
          "%s: header %s, expected 'descr', 'fortran_order' and 'shape' of an array"
              .formatted(file, quote(dictionary)));
    }
    return new NpyHeader(
        dictionary,
        type.group(1),
        order.group(1).equals("True"),
        sizes.stream().map(Long::valueOf).toList(),
        start + length);
  }

  /** Between commas, of which one may stand at the end. */
  private static List<String> sizes(String tuple) {
    String inner = tuple.strip();
    return inner.isEmpty()
        ? List.of()
        : Arrays.stream(inner.replaceFirst(",$", "").split(",", -1)).map(String::strip).toList();
  }

  private static ByteBuffer read(Path file, FileChannel channel, long from, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new FileException(file + ": it ends in the header, expected a NumPy file");
      }
    }
    return buffer.flip();
  }

  /**
   * The header of a file of version 1.0, of 128 bytes where the array has no more than a few
   * dimensions; values come row after row behind it.
   *
   * @param type of a value, as {@code <f4}
   */
  public static ByteBuffer write(String type, List<Long> shape) {
    // A single size keeps its comma, or Python would read a number.
    String sizes =
        shape.size() == 1
            ? shape.getFirst() + ","
            : String.join(", ", shape.stream().map(String::valueOf).toList());
    byte[] dictionary =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(type, sizes)
            .getBytes(StandardCharsets.US_ASCII);
    int needed = LENGTH + Short.BYTES + dictionary.length + 1;
    int bytes = Math.max(WRITTEN_BYTES, Math.ceilDiv(needed, ALIGNMENT) * ALIGNMENT);
    ByteBuffer header = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) 1).put((byte) 0);
    header.putShort((short) (bytes - header.position() - Short.BYTES)).put(dictionary);
    while (header.remaining() > 1) {
      header.put((byte) ' ');
    }
    return header.put((byte) '\n').flip();
  }
}

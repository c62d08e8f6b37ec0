package org.mirror4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An array of any number of dimensions as a NumPy file holds it, whole in memory: {@code
 * numpy.save}.
 *
 * @param name of the file, for messages
 * @param type of a value, as NumPy writes it: {@code <f4}
 * @param shape empty for a single value
 * @param values little-endian, row after row
 */
public record NpyArray(String name, String type, List<Long> shape, ByteBuffer values) {
  /** Whole numbers and floats of up to 64 bits. */
  private static final Pattern NUMBER = Pattern.compile("<[fiu][248]|\\|[iu]1");

  /**
   * Reads a file.
   *
   * @param mostBytes of the values
   * @throws FileException if it is no NumPy file, if its values are no numbers in little-endian
   *     order, are not row after row, are more than is allowed or not as many as its shape says
   */
  public static NpyArray read(Path file, long mostBytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      NpyHeader header = NpyHeader.read(file, channel);
      if (!NUMBER.matcher(header.type()).matches()) {
        throw new FileException(
            "%s: 'descr' is %s, expected little-endian numbers, as '<f4'"
                .formatted(file, FileException.quote(header.type())));
      }
      if (header.fortranOrder() && header.shape().size() > 1) {
        throw new FileException(
            file + ": 'fortran_order' is True, expected False: see numpy.ascontiguousarray");
      }
      long bytes = bytes(header);
      if (bytes > mostBytes) {
        throw new FileException(
            "%s: %s values of type %s, expected at most %,d bytes"
                .formatted(file, header.shape(), header.type(), mostBytes));
      }
      if (channel.size() != header.start() + bytes) {
        throw new FileException(
            "%s: %,d bytes, expected %,d for %s values of type %s"
                .formatted(
                    file, channel.size(), header.start() + bytes, header.shape(), header.type()));
      }
      ByteBuffer values = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
      while (values.hasRemaining()) {
        if (channel.read(values, header.start() + values.position()) < 0) {
          throw new FileException(file + ": has become shorter while it was read");
        }
      }
      return new NpyArray(file.toString(), header.type(), header.shape(), values.flip());
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  /** Of all values; as many as there can be where they are more than a long has. */
  private static long bytes(NpyHeader header) {
    long bytes = Character.digit(header.type().charAt(2), 10);
    for (long size : header.shape()) {
      if (size != 0 && bytes > Long.MAX_VALUE / size) {
        return header.shape().contains(0L) ? 0 : Long.MAX_VALUE;
      }
      bytes *= size;
    }
    return bytes;
  }

  /** Number of values. */
  public int elements() {
    return values.limit() / elementBytes();
  }

  /** Bytes of a value. */
  public int elementBytes() {
    return Character.digit(type.charAt(2), 10);
  }

  /**
   * Writes the array to a file, which appears whole or not at all.
   *
   * @throws FileException if it cannot be written
   */
  public void write(Path file) {
    try (AtomicFile target = new AtomicFile(file)) {
      target.write(NpyHeader.write(type, shape));
      target.write(values.duplicate());
      target.commit();
    }
  }
}

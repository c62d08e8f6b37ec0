package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.mirror4j.file.FileException;

/** The bytes of a pickle, read one operand after the other; never past their end. */
final class PickleBytes {
  private static final int MAX_LINE = 256;

  /** Longest text, in bytes: names of parameters have a hundred. */
  private static final int MAX_STRING = 1 << 12;

  private final MemorySegment bytes;
  private final String file;
  private long position;

  /**
   * Starts at the first byte.
   *
   * @param file names the file in messages
   */
  PickleBytes(MemorySegment bytes, String file) {
    this.bytes = bytes;
    this.file = file;
  }

  /** Where the next operand begins. */
  long position() {
    return position;
  }

  /** An unsigned byte. */
  int unsignedByte() {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, take(1)));
  }

  /** Two bytes, little-endian, unsigned. */
  int unsignedShort() {
    long at = take(2);
    return Short.toUnsignedInt(
        bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at));
  }

  /** Four bytes, little-endian. */
  int int32() {
    long at = take(4);
    return bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at);
  }

  /** Four bytes, little-endian, unsigned. */
  long unsignedInt() {
    return Integer.toUnsignedLong(int32());
  }

  /** Eight bytes, big-endian. */
  double bigEndianDouble() {
    return bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), take(8));
  }

  /** A number of any length, little-endian, after a byte with its length; a Long if it fits. */
  Number longInteger() {
    byte[] littleEndian = array(unsignedByte());
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
    }
    BigInteger value = bigEndian.length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian);
    return value.bitLength() < 64 ? (Number) value.longValue() : value;
  }

  /** UTF-8 text of that many bytes. */
  String string(long length) {
    if (length > MAX_STRING && length <= bytes.byteSize() - position) {
      throw fail("has a text of " + length + " bytes, expected at most " + MAX_STRING);
    }
    return new String(array(length), StandardCharsets.UTF_8);
  }

  /** Text up to a line feed. */
  String line() {
    StringBuilder line = new StringBuilder();
    for (int c = unsignedByte(); c != '\n'; c = unsignedByte()) {
      if (line.length() == MAX_LINE) {
        throw fail("names a class longer than " + MAX_LINE + " letters");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private byte[] array(long length) {
    long at = take(length);
    return bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private long take(long length) {
    if (length > bytes.byteSize() - position) {
      throw fail(
          "needs %d bytes at byte %d, but ends after %d"
              .formatted(length, position, bytes.byteSize()));
    }
    long at = position;
    position += length;
    return at;
  }

  /** What is wrong, with the file. */
  FileException fail(String problem) {
    return new FileException(file + ": pickle " + problem);
  }
}

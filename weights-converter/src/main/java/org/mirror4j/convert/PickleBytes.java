package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** The operands of a pickle, one after the other. */
final class PickleBytes extends ByteCursor {
  private static final int MAX_LINE = 256;

  /** Longest text, in bytes: names of parameters have a hundred. */
  private static final int MAX_STRING = 1 << 12;

  /**
   * Starts at the first byte.
   *
   * @param file names the file in messages
   */
  PickleBytes(MemorySegment bytes, String file) {
    super(bytes, file + ": pickle");
  }

  /** Four bytes, unsigned. */
  long unsignedInt() {
    return Integer.toUnsignedLong(fixed32());
  }

  /** Eight bytes, big-endian. */
  double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(fixed64()));
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
    if (length > MAX_STRING && length <= left()) {
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
    return bytes(length).toArray(ValueLayout.JAVA_BYTE);
  }
}

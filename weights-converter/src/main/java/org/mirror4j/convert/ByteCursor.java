package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.mirror4j.file.FileException;

/** Steps through bytes that hold varints and little-endian numbers, never past their end. */
class ByteCursor {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;
  private final String unreadable;
  private long position;

  /**
   * A cursor before the first byte.
   *
   * @param unreadable what messages begin with: {@code FILE: not a readable ONNX file}
   */
  ByteCursor(MemorySegment bytes, String unreadable) {
    this.bytes = bytes;
    this.unreadable = unreadable;
  }

  /** How many bytes have been read. */
  final long position() {
    return position;
  }

  /** How many bytes are left. */
  final long left() {
    return bytes.byteSize() - position;
  }

  /** Whether there are bytes left. */
  final boolean hasNext() {
    return left() > 0;
  }

  /** One byte. */
  final int unsignedByte() {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, take(1)));
  }

  /** Two bytes. */
  final int unsignedShort() {
    return Short.toUnsignedInt(bytes.get(SHORT, take(2)));
  }

  /** Seven bits a byte, lowest first; a set top bit says that more follow. */
  final long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = unsignedByte();
      if (shift == 63 && (next & 0xFE) != 0) {
        break;
      }
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw fail("an integer longer than 64 bits");
  }

  /** Four bytes. */
  final int fixed32() {
    return bytes.get(INT, take(4));
  }

  /** Eight bytes. */
  final long fixed64() {
    return bytes.get(LONG, take(8));
  }

  /** A run of bytes, which are not copied. */
  final MemorySegment bytes(long length) {
    return bytes.asSlice(take(length), length);
  }

  private long take(long length) {
    if (length < 0 || length > left()) {
      throw fail(
          "needs %s bytes, but %d are left".formatted(Long.toUnsignedString(length), left()));
    }
    long at = position;
    position += length;
    return at;
  }

  /** That the bytes break the format. */
  final FileException fail(String problem) {
    return new FileException(unreadable + ": " + problem);
  }
}

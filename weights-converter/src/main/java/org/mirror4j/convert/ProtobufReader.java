package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.mirror4j.file.FileException;

/**
 * Steps through the fields of one protobuf message. A message within is bytes to a reader of its
 * own, so that nothing is nested deeper than the caller goes.
 */
final class ProtobufReader {
  /** Kinds of values on the wire. */
  private static final int VARINT = 0;

  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /** Most fields of a file, those of messages within included; a large model has 60,000. */
  static final int MAX_FIELDS = 1 << 20;

  /** Longest text, in bytes. */
  static final int MAX_STRING = 1 << 16;

  private final MemorySegment message;
  private final String file;
  private final AtomicInteger fields;
  private long position;
  private int field;
  private int wireType;
  private long number;
  private MemorySegment bytes;

  /**
   * A reader before the first field.
   *
   * @param file names the file in messages
   */
  ProtobufReader(MemorySegment message, String file) {
    this(message, file, new AtomicInteger());
  }

  private ProtobufReader(MemorySegment message, String file, AtomicInteger fields) {
    this.message = message;
    this.file = file;
    this.fields = fields;
  }

  /**
   * Reads the next field.
   *
   * @return false at the end of the message
   */
  boolean next() {
    if (position == message.byteSize()) {
      return false;
    }
    // Each can become an object some fifty times as long as its two bytes.
    if (fields.incrementAndGet() > MAX_FIELDS) {
      throw fail("more than " + MAX_FIELDS + " fields");
    }
    long key = varint();
    field = (int) Math.min(key >>> 3, Integer.MAX_VALUE);
    wireType = (int) (key & 7);
    if (field == 0 || key >>> 3 > 0x1FFFFFFF) {
      throw fail("field number " + Long.toUnsignedString(key >>> 3) + ", expected 1 to 2^29-1");
    }
    switch (wireType) {
      case VARINT -> number = varint();
      case FIXED64 ->
          number =
              message.get(
                  ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), take(8));
      case FIXED32 ->
          number =
              message.get(
                  ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), take(4));
      case BYTES -> {
        long length = varint();
        bytes = message.asSlice(take(length), length);
      }
      default -> throw fail("wire type " + wireType + ", expected 0, 1, 2 or 5");
    }
    return true;
  }

  /** Number of the field. */
  int field() {
    return field;
  }

  /** Whether the field holds bytes: a string, a message or packed numbers. */
  boolean isBytes() {
    return wireType == BYTES;
  }

  /** Value of an integer field. */
  long number() {
    expect(VARINT, "an integer");
    return number;
  }

  /** Value of a float field. */
  float floatNumber() {
    expect(FIXED32, "a float");
    return Float.intBitsToFloat((int) number);
  }

  /** Value of a field of bytes. */
  MemorySegment bytes() {
    expect(BYTES, "bytes");
    return bytes;
  }

  /** Value of a field of text. */
  String string() {
    if (bytes().byteSize() > MAX_STRING) {
      throw fail("a text of " + bytes.byteSize() + " bytes, expected at most " + MAX_STRING);
    }
    return new String(bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** A reader of a field that is a message. */
  ProtobufReader message() {
    return new ProtobufReader(bytes(), file, fields);
  }

  /** Integers of a field that may be packed or single, handed over in order. */
  void integers(LongConsumer consumer) {
    if (!isBytes()) {
      consumer.accept(number());
      return;
    }
    ProtobufReader packed = message();
    while (packed.position < packed.message.byteSize()) {
      consumer.accept(packed.varint());
    }
  }

  private void expect(int expected, String kind) {
    if (wireType != expected) {
      throw fail("field " + field + " has wire type " + wireType + ", expected " + kind);
    }
  }

  /** Seven bits a byte, lowest first; a set top bit says that more follow. */
  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = message.get(ValueLayout.JAVA_BYTE, take(1));
      if (shift == 63 && (next & 0xFE) != 0) {
        break;
      }
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw fail("an integer longer than 64 bits");
  }

  private long take(long length) {
    long left = message.byteSize() - position;
    if (length < 0 || length > left) {
      throw fail("needs %s bytes, but %d are left".formatted(Long.toUnsignedString(length), left));
    }
    long at = position;
    position += length;
    return at;
  }

  private FileException fail(String problem) {
    return new FileException(file + ": not a readable ONNX file: " + problem);
  }
}

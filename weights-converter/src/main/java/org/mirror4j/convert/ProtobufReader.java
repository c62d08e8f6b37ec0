package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

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

  private final ByteCursor message;
  private final String unreadable;
  private final AtomicInteger fields;
  private int field;
  private int wireType;
  private long number;
  private MemorySegment bytes;

  /**
   * A reader before the first field.
   *
   * @param unreadable what messages begin with: {@code FILE: not a readable ONNX file}
   */
  ProtobufReader(MemorySegment message, String unreadable) {
    this(message, unreadable, new AtomicInteger());
  }

  private ProtobufReader(MemorySegment message, String unreadable, AtomicInteger fields) {
    this.message = new ByteCursor(message, unreadable);
    this.unreadable = unreadable;
    this.fields = fields;
  }

  /**
   * Reads the next field.
   *
   * @return false at the end of the message
   */
  boolean next() {
    if (!message.hasNext()) {
      return false;
    }
    // Each can become an object some fifty times as long as its two bytes.
    if (fields.incrementAndGet() > MAX_FIELDS) {
      throw message.fail("more than " + MAX_FIELDS + " fields");
    }
    long key = message.varint();
    field = (int) Math.min(key >>> 3, Integer.MAX_VALUE);
    wireType = (int) (key & 7);
    if (field == 0 || key >>> 3 > 0x1FFFFFFF) {
      throw message.fail(
          "field number " + Long.toUnsignedString(key >>> 3) + ", expected 1 to 2^29-1");
    }
    switch (wireType) {
      case VARINT -> number = message.varint();
      case FIXED64 -> number = message.fixed64();
      case FIXED32 -> number = message.fixed32();
      case BYTES -> bytes = message.bytes(message.varint());
      default -> throw message.fail("wire type " + wireType + ", expected 0, 1, 2 or 5");
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

  /** Value of a field of four bytes: their bits. */
  int fixed32() {
    expect(FIXED32, "four bytes");
    return (int) number;
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
      throw message.fail(
          "a text of " + bytes.byteSize() + " bytes, expected at most " + MAX_STRING);
    }
    return new String(bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** A reader of a field that is a message. */
  ProtobufReader message() {
    return new ProtobufReader(bytes(), unreadable, fields);
  }

  /** Integers of a field that may be packed or single, handed over in order. */
  void integers(LongConsumer consumer) {
    if (!isBytes()) {
      consumer.accept(number());
      return;
    }
    ByteCursor packed = new ByteCursor(bytes(), unreadable);
    while (packed.hasNext()) {
      consumer.accept(packed.varint());
    }
  }

  private void expect(int expected, String kind) {
    if (wireType != expected) {
      throw message.fail("field " + field + " has wire type " + wireType + ", expected " + kind);
    }
  }
}

package org.mirror4j.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The fields of one protobuf message, in memory, in the order in which they are given. What is too
 * large for that is written by {@link ModelFile} behind a {@link #lengthOf}.
 */
final class ProtobufWriter {
  /** Kinds of values on the wire. */
  private static final int VARINT = 0, BYTES = 2, FIXED32 = 5;

  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  /** An integer field. */
  ProtobufWriter number(int field, long value) {
    key(field, VARINT);
    varint(value);
    return this;
  }

  /** A float field. */
  ProtobufWriter real(int field, float value) {
    key(field, FIXED32);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      message.write(bits >>> shift);
    }
    return this;
  }

  /** A field of text. */
  ProtobufWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A field that is a message. */
  ProtobufWriter message(int field, ProtobufWriter value) {
    return bytes(field, value.toByteArray());
  }

  /** A field of bytes. */
  ProtobufWriter bytes(int field, byte[] value) {
    lengthOf(field, value.length);
    message.writeBytes(value);
    return this;
  }

  /** What stands before the bytes of a field: its key and their number. The bytes are to follow. */
  ProtobufWriter lengthOf(int field, long bytes) {
    key(field, BYTES);
    varint(bytes);
    return this;
  }

  /** The fields so far. */
  byte[] toByteArray() {
    return message.toByteArray();
  }

  private void key(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  /** Seven bits a byte, the lowest first; all but the last have the highest bit set. */
  private void varint(long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      message.write((int) (left & 0x7F | 0x80));
      left >>>= 7;
    }
    message.write((int) left);
  }
}

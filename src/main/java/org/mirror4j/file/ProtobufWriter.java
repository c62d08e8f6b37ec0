package org.mirror4j.file;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The fields of one protobuf message, in memory, in the order in which they are given. What is too
 * large for that is written by others behind a {@link #lengthOf}.
 */
public final class ProtobufWriter {
  /** Kinds of values on the wire. */
  private static final int VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  /** An integer field. */
  public ProtobufWriter number(int field, long value) {
    key(field, VARINT);
    varint(value);
    return this;
  }

  /** A float field. */
  public ProtobufWriter real(int field, float value) {
    key(field, FIXED32);
    fixed(Float.floatToRawIntBits(value), Float.SIZE);
    return this;
  }

  /** A field of a double. */
  public ProtobufWriter real64(int field, double value) {
    key(field, FIXED64);
    fixed(Double.doubleToRawLongBits(value), Double.SIZE);
    return this;
  }

  /** A field of text. */
  public ProtobufWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A field that is a message. */
  public ProtobufWriter message(int field, ProtobufWriter value) {
    return bytes(field, value.toByteArray());
  }

  /** A field of bytes. */
  public ProtobufWriter bytes(int field, byte[] value) {
    lengthOf(field, value.length);
    message.writeBytes(value);
    return this;
  }

  /** What stands before the bytes of a field: its key and their number. The bytes are to follow. */
  public ProtobufWriter lengthOf(int field, long bytes) {
    key(field, BYTES);
    varint(bytes);
    return this;
  }

  /** The fields so far. */
  public byte[] toByteArray() {
    return message.toByteArray();
  }

  private void key(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  /** The lowest byte first. */
  private void fixed(long bits, int size) {
    for (int shift = 0; shift < size; shift += Byte.SIZE) {
      message.write((int) (bits >>> shift));
    }
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

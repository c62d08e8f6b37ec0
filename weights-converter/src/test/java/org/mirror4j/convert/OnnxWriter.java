package org.mirror4j.convert;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes one protobuf message field by field. */
final class OnnxWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  OnnxWriter varint(long value) {
    for (long rest = value; ; rest >>>= 7) {
      if (rest >>> 7 == 0) {
        bytes.write((int) rest);
        return this;
      }
      bytes.write((int) (rest & 0x7F | 0x80));
    }
  }

  OnnxWriter raw(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  OnnxWriter number(int field, long value) {
    return varint((long) field << 3).varint(value);
  }

  OnnxWriter fixed32(int field, float value) {
    varint((long) field << 3 | 5);
    bytes.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  OnnxWriter bytes(int field, byte[] value) {
    varint((long) field << 3 | 2).varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  OnnxWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  OnnxWriter message(int field, OnnxWriter value) {
    return bytes(field, value.toByteArray());
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  /** A TensorProto with raw values. */
  static OnnxWriter tensor(String name, int type, byte[] raw, long... dimensions) {
    OnnxWriter tensor = new OnnxWriter();
    for (long dimension : dimensions) {
      tensor.number(1, dimension);
    }
    return tensor.number(2, type).text(8, name).bytes(9, raw);
  }

  /** A NodeProto. */
  static OnnxWriter node(String operation, List<String> inputs, List<String> outputs) {
    OnnxWriter node = new OnnxWriter();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    return node.text(4, operation);
  }

  /** A node that gives out a constant. */
  static OnnxWriter constant(String output, int type, byte[] raw, long... dimensions) {
    OnnxWriter attribute = new OnnxWriter().text(1, "value");
    attribute.message(5, tensor("", type, raw, dimensions)).number(20, 4);
    return node("Constant", List.of(), List.of(output)).message(5, attribute);
  }

  /** A file with that graph. */
  static byte[] model(OnnxWriter graph) {
    return new OnnxWriter().number(1, 7).text(2, "pytorch").message(7, graph).toByteArray();
  }
}

package org.mirror4j.onnx;

import org.mirror4j.file.ProtobufWriter;

/**
 * What an operation is told beside its inputs: an {@code AttributeProto}.
 *
 * @param message its fields
 */
record Attribute(ProtobufWriter message) {
  private static final int NAME = 1, REAL = 2, INTEGER = 3, INTEGERS = 8, KIND = 20;

  /** Numbers of {@code AttributeProto.AttributeType}. */
  private static final int REAL_KIND = 1, INTEGER_KIND = 2, INTEGERS_KIND = 7;

  /** A number. */
  static Attribute of(String name, float value) {
    return new Attribute(named(name).real(REAL, value).number(KIND, REAL_KIND));
  }

  /** An integer. */
  static Attribute of(String name, long value) {
    return new Attribute(named(name).number(INTEGER, value).number(KIND, INTEGER_KIND));
  }

  /** Integers in a row. */
  static Attribute list(String name, long... values) {
    ProtobufWriter message = named(name);
    for (long value : values) {
      message.number(INTEGERS, value);
    }
    return new Attribute(message.number(KIND, INTEGERS_KIND));
  }

  private static ProtobufWriter named(String name) {
    return new ProtobufWriter().text(NAME, name);
  }
}

package org.mirror4j.onnx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A constant tensor of a graph.
 *
 * @param shape its sizes; empty for a scalar
 * @param content writes its elements, little-endian in rows
 */
record Initializer(String name, ElementType type, List<Long> shape, Content content) {
  /** What the elements are written to. */
  @FunctionalInterface
  interface Sink {
    /** Takes the next bytes. */
    void write(MemorySegment bytes) throws IOException;
  }

  /** Writes the elements of a tensor, which are made when they are wanted. */
  @FunctionalInterface
  interface Content {
    /** Writes all of them. */
    void write(Sink sink) throws IOException;
  }

  /** Copies the shape. */
  Initializer {
    shape = List.copyOf(shape);
  }

  /** Integers in a row. */
  static Initializer of(String name, long... values) {
    return integers(name, List.of((long) values.length), values);
  }

  /** One integer, of no dimension. */
  static Initializer scalar(String name, long value) {
    return integers(name, List.of(), value);
  }

  private static Initializer integers(String name, List<Long> shape, long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return new Initializer(
        name, ElementType.I64, shape, sink -> sink.write(MemorySegment.ofBuffer(bytes)));
  }

  /** One number, of no dimension. */
  static Initializer scalar(String name, float value) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(value).flip();
    return new Initializer(
        name, ElementType.F32, List.of(), sink -> sink.write(MemorySegment.ofBuffer(bytes)));
  }

  /** Bytes of all elements. */
  long bytes() {
    return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
  }
}

package org.mirror4j.onnx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.device.Versions;
import org.mirror4j.file.ProtobufWriter;

/**
 * Writes a {@code ModelProto}, with no more of it in memory than its operations and one constant.
 * No protobuf is larger than 2 GiB: of a model that is, the values lie in a file of their own
 * beside it, as ONNX has it for that.
 */
final class ModelFile {
  /** The file of the graph. */
  static final String NAME = "model.onnx";

  /** The file of values that do not fit in there. */
  static final String DATA = "model.onnx_data";

  /** Version of the format, which ONNX Runtime reads from 1.12 on. */
  static final int FORMAT = 8;

  /** Version of the operations, the first with a LayerNormalization. */
  static final int OPSET = 17;

  /** Fields of {@code ModelProto}. */
  private static final int VERSION = 1, PRODUCER = 2, PRODUCER_VERSION = 3, GRAPH = 7, OPSETS = 8;

  /** Fields of {@code GraphProto}. */
  private static final int NODE = 1, NAMED = 2, INITIALIZER = 5, INPUT = 11, OUTPUT = 12;

  /** Fields of {@code TensorProto}. */
  private static final int SIZE = 1, TYPE = 2, TENSOR_NAME = 8, VALUES = 9, OTHER_FILE = 13;

  private static final int PLACE = 14, ELSEWHERE = 1;

  /** Values of so few bytes stay in the graph: sizes among them, which are looked at on loading. */
  private static final int SMALL = 1024;

  private final Graph graph;
  private final String name;
  private final long most;

  /**
   * A file to be written.
   *
   * @param name of the graph
   */
  ModelFile(Graph graph, String name) {
    this(graph, name, Integer.MAX_VALUE);
  }

  /** The same with the most bytes of a file that holds its values. */
  ModelFile(Graph graph, String name, long most) {
    this.graph = graph;
    this.name = name;
    this.most = most;
  }

  /** Writes {@link #NAME}, and {@link #DATA} where it is needed, into a directory without them. */
  void write(Path directory) throws IOException {
    if (size(false) <= most) {
      try (FileChannel file = create(directory.resolve(NAME))) {
        write(file, false);
      }
      return;
    }
    try (FileChannel file = create(directory.resolve(NAME));
        FileChannel data = create(directory.resolve(DATA))) {
      write(file, true);
      for (Initializer initializer : graph.initializers()) {
        if (initializer.bytes() > SMALL) {
          writeValues(data, initializer);
        }
      }
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private void write(FileChannel file, boolean outside) throws IOException {
    write(file, beforeGraph(outside));
    write(file, nodes());
    long offset = 0;
    for (Initializer initializer : graph.initializers()) {
      boolean other = outside && initializer.bytes() > SMALL;
      byte[] head = head(initializer, other, offset);
      write(
          file,
          new ProtobufWriter()
              .lengthOf(INITIALIZER, head.length + (other ? 0 : initializer.bytes())));
      write(file, head);
      if (other) {
        offset += initializer.bytes();
      } else {
        writeValues(file, initializer);
      }
    }
    write(file, ends());
    ProtobufWriter opset = new ProtobufWriter().text(1, "").number(2, OPSET);
    write(file, new ProtobufWriter().message(OPSETS, opset));
  }

  private ProtobufWriter beforeGraph(boolean outside) {
    return new ProtobufWriter()
        .number(VERSION, FORMAT)
        .text(PRODUCER, "mirror4j")
        .text(PRODUCER_VERSION, Versions.mirror4j())
        .lengthOf(GRAPH, size(outside));
  }

  /** Bytes of the graph. */
  private long size(boolean outside) {
    long size = nodes().toByteArray().length + ends().toByteArray().length;
    long offset = 0;
    for (Initializer initializer : graph.initializers()) {
      boolean other = outside && initializer.bytes() > SMALL;
      long tensor = head(initializer, other, offset).length;
      if (other) {
        offset += initializer.bytes();
      } else {
        tensor += initializer.bytes();
      }
      size += new ProtobufWriter().lengthOf(INITIALIZER, tensor).toByteArray().length + tensor;
    }
    return size;
  }

  private ProtobufWriter nodes() {
    ProtobufWriter fields = new ProtobufWriter();
    graph.nodes().forEach(node -> fields.message(NODE, node));
    return fields.text(NAMED, name);
  }

  private ProtobufWriter ends() {
    ProtobufWriter fields = new ProtobufWriter();
    graph.inputs().forEach(input -> fields.message(INPUT, input));
    graph.outputs().forEach(output -> fields.message(OUTPUT, output));
    return fields;
  }

  /**
   * The fields of a tensor without its values, which follow unless they are in the other file.
   *
   * @param offset of its values there
   */
  private static byte[] head(Initializer initializer, boolean other, long offset) {
    ProtobufWriter fields = new ProtobufWriter();
    initializer.shape().forEach(size -> fields.number(SIZE, size));
    fields.number(TYPE, initializer.type().number()).text(TENSOR_NAME, initializer.name());
    if (!other) {
      return fields.lengthOf(VALUES, initializer.bytes()).toByteArray();
    }
    Map<String, String> place = new TreeMap<>();
    place.put("location", DATA);
    place.put("offset", Long.toString(offset));
    place.put("length", Long.toString(initializer.bytes()));
    place.forEach(
        (key, value) ->
            fields.message(OTHER_FILE, new ProtobufWriter().text(1, key).text(2, value)));
    return fields.number(PLACE, ELSEWHERE).toByteArray();
  }

  private static void writeValues(FileChannel file, Initializer initializer) throws IOException {
    long start = file.position();
    initializer.content().write(bytes -> write(file, bytes));
    long written = file.position() - start;
    if (written != initializer.bytes()) {
      throw new IllegalStateException(
          "%s has %d bytes, expected %d"
              .formatted(initializer.name(), written, initializer.bytes()));
    }
  }

  private static void write(FileChannel file, ProtobufWriter fields) throws IOException {
    write(file, fields.toByteArray());
  }

  private static void write(FileChannel file, byte[] bytes) throws IOException {
    write(file, MemorySegment.ofArray(bytes));
  }

  /** A buffer counts its bytes by an int, a segment by a long. */
  private static void write(FileChannel file, MemorySegment bytes) throws IOException {
    long atOnce = 1 << 20;
    for (long from = 0; from < bytes.byteSize(); from += atOnce) {
      long size = Math.min(atOnce, bytes.byteSize() - from);
      ByteBuffer buffer = bytes.asSlice(from, size).asByteBuffer();
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
    }
  }
}

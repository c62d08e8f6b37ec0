package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * The parts of an ONNX file that weights can be found with: the initialisers and the nodes of the
 * graph (ModelProto.graph, GraphProto.node and .initializer of onnx.proto). The file is mapped into
 * memory; values are copied only when they are asked for.
 */
public final class OnnxModel implements AutoCloseable {
  private static final int MAX_RANK = 16;

  /**
   * A constant tensor.
   *
   * @param dtype the type of its elements, null for one that this project does not know
   * @param type the number in the file, TensorProto.DataType
   * @param data little-endian elements; of no bytes where the type is not known
   */
  public record Constant(String name, Shape shape, DType dtype, int type, MemorySegment data) {}

  /**
   * An operation.
   *
   * @param operation its type, as in {@code MatMul}
   * @param integers attributes that are one integer, by name
   * @param floats attributes that are one float, by name
   * @param texts attributes that are one text, by name
   * @param value the attribute {@code value} of a {@code Constant}, otherwise null
   */
  public record Node(
      String operation,
      String name,
      List<String> inputs,
      List<String> outputs,
      Map<String, Long> integers,
      Map<String, Float> floats,
      Map<String, String> texts,
      Constant value) {}

  private final Arena arena;
  private final String file;
  private final Map<String, Constant> initializers = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private OnnxModel(Arena arena, String file) {
    this.arena = arena;
    this.file = file;
  }

  /**
   * Opens a file.
   *
   * @throws FileException if it cannot be read or is no ONNX model
   */
  public static OnnxModel open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new FileException(path + ": no such file, expected an ONNX file");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      OnnxModel model = new OnnxModel(arena, path.toString());
      model.readModel(new ProtobufReader(bytes, path + ": not a readable ONNX file"));
      return model;
    } catch (IOException e) {
      arena.close();
      throw FileException.of(path + ": cannot be read", e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private void readModel(ProtobufReader model) {
    boolean found = false;
    while (model.next()) {
      if (model.field() == 7) {
        if (found) {
          throw new FileException(file + ": two graphs, expected one");
        }
        found = true;
        readGraph(model.message());
      }
    }
    if (!found) {
      throw new FileException(file + ": no graph, expected an ONNX file");
    }
  }

  private void readGraph(ProtobufReader graph) {
    while (graph.next()) {
      switch (graph.field()) {
        case 1 -> nodes.add(readNode(graph.message()));
        case 5 -> {
          Constant constant = readConstant(graph.message());
          if (initializers.put(constant.name(), constant) != null) {
            throw new FileException(
                file + ": two initialisers " + quote(constant.name()) + ", expected one");
          }
        }
        default -> {} // inputs, outputs, documentation
      }
    }
  }

  private Node readNode(ProtobufReader node) {
    String name = "";
    String operation = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Long> integers = new LinkedHashMap<>();
    Map<String, Float> floats = new LinkedHashMap<>();
    Map<String, String> texts = new LinkedHashMap<>();
    Constant value = null;
    while (node.next()) {
      switch (node.field()) {
        case 1 -> inputs.add(node.string());
        case 2 -> outputs.add(node.string());
        case 3 -> name = node.string();
        case 4 -> operation = node.string();
        case 5 -> {
          Constant tensor = readAttribute(node.message(), integers, floats, texts);
          value = tensor == null ? value : tensor;
        }
        default -> {} // domain, documentation
      }
    }
    return new Node(operation, name, inputs, outputs, integers, floats, texts, value);
  }

  /** Sorts one attribute in; graphs within attributes are not descended into. */
  private Constant readAttribute(
      ProtobufReader attribute,
      Map<String, Long> integers,
      Map<String, Float> floats,
      Map<String, String> texts) {
    String name = "";
    Long integer = null;
    Float real = null;
    String text = null;
    Constant tensor = null;
    while (attribute.next()) {
      switch (attribute.field()) {
        case 1 -> name = attribute.string();
        case 2 -> real = attribute.floatNumber();
        case 3 -> integer = attribute.number();
        case 4 -> text = attribute.string();
        case 5 -> tensor = readConstant(attribute.message());
        default -> {} // lists, documentation
      }
    }
    if (integer != null) {
      integers.put(name, integer);
    }
    if (real != null) {
      floats.put(name, real);
    }
    if (text != null) {
      texts.put(name, text);
    }
    return name.equals("value") ? tensor : null;
  }

  private Constant readConstant(ProtobufReader tensor) {
    List<Long> dimensions = new ArrayList<>();
    String name = "";
    int type = 0;
    MemorySegment data = null;
    boolean external = false;
    while (tensor.next()) {
      switch (tensor.field()) {
        case 1 ->
            tensor.integers(
                size -> {
                  if (dimensions.size() == MAX_RANK) {
                    throw new FileException(
                        file + ": a tensor of more than " + MAX_RANK + " dimensions");
                  }
                  dimensions.add(size);
                });
        case 2 -> type = (int) tensor.number();
        case 4, 9, 10 -> { // float_data, raw_data, double_data: the same bytes
          if (data != null) {
            throw new FileException(file + ": a tensor whose values come in two pieces");
          }
          data = tensor.bytes();
        }
        case 8 -> name = tensor.string();
        case 13 -> external = true;
        case 14 -> external |= tensor.number() != 0;
        default -> {} // other lists of values: such tensors are of no bytes and fail when read
      }
    }
    if (external) {
      throw new FileException(
          "%s: values of %s lie in another file, expected them in this one"
              .formatted(file, quote(name)));
    }
    return constant(name, dimensions, type, data == null ? MemorySegment.NULL : data);
  }

  private Constant constant(String name, List<Long> dimensions, int type, MemorySegment data) {
    for (long size : dimensions) {
      if (size < 0 || size > Integer.MAX_VALUE) {
        throw new FileException(
            "%s: %s has a dimension of %d, expected 0 to %d"
                .formatted(file, quote(name), size, Integer.MAX_VALUE));
      }
    }
    Shape shape = Shape.of(dimensions.stream().mapToInt(Long::intValue).toArray());
    DType dtype =
        switch (type) {
          case 1 -> DType.F32;
          case 6 -> DType.I32;
          case 7 -> DType.I64;
          case 10 -> DType.F16;
          case 11 -> DType.F64;
          case 16 -> DType.BF16;
          default -> null;
        };
    if (dtype != null && data.byteSize() > 0) {
      checkSize(name, shape, dtype, data);
    }
    return new Constant(name, shape, dtype, type, data);
  }

  private void checkSize(String name, Shape shape, DType dtype, MemorySegment data) {
    long expected;
    try {
      expected = Math.multiplyExact(shape.size(), (long) dtype.bytes());
    } catch (ArithmeticException e) {
      throw new FileException(
          "%s: %s is %s, more elements than fit in 64 bits".formatted(file, quote(name), shape), e);
    }
    if (data.byteSize() != expected) {
      throw new FileException(
          "%s: %s is %s%s in %d bytes of raw values, expected %d"
              .formatted(file, quote(name), dtype, shape, data.byteSize(), expected));
    }
  }

  /** The constants of the graph that have a name, in the order of the file. */
  public Map<String, Constant> initializers() {
    return Collections.unmodifiableMap(initializers);
  }

  /** The operations, in the order of the file. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /**
   * Copies a constant as f32.
   *
   * @param to overwritten, {@code 4 * constant.shape().size()} bytes
   * @return whether all elements are finite
   * @throws FileException if its elements are no floats or it has not the bytes of its shape
   */
  boolean readFloats(Constant constant, MemorySegment to) {
    DType dtype = dtype(constant);
    if (!FloatConversion.isFloat(dtype)) {
      throw otherType(constant);
    }
    return FloatConversion.widen(constant.data(), dtype, to, constant.shape().size());
  }

  /**
   * The type of a constant's elements, where it is one of {@link DType}.
   *
   * @throws FileException if it is none, or of floats there are not the bytes that the shape says
   */
  DType dtype(Constant constant) {
    DType dtype = constant.dtype();
    if (dtype == null) {
      throw otherType(constant);
    }
    if (FloatConversion.isFloat(dtype)) {
      checkSize(constant.name(), constant.shape(), dtype, constant.data());
    }
    return dtype;
  }

  private FileException otherType(Constant constant) {
    return new FileException(
        "%s: %s has elements of type %d, expected 1 (float), 10 (float16), 11 (double) or 16"
                .formatted(file, quote(constant.name()), constant.type())
            + " (bfloat16)");
  }

  /** Names the file in messages. */
  String file() {
    return file;
  }

  @Override
  public void close() {
    arena.close();
  }
}

package org.mirror4j.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.file.ProtobufWriter;

/**
 * A {@code GraphProto} that grows: inputs, constants and operations under names, each defined
 * before it is used and once. An operation has the name of its first output.
 */
final class Graph {
  /** Before the name of each constant that is no parameter of a model as its files have it. */
  static final String ANONYMOUS = "onnx::";

  /** Fields of {@code NodeProto}. */
  private static final int INPUT = 1, OUTPUT = 2, NAME = 3, OPERATION = 4, ATTRIBUTE = 5;

  private final List<ProtobufWriter> nodes = new ArrayList<>();
  private final Map<String, Initializer> initializers = new LinkedHashMap<>();
  private final List<ProtobufWriter> inputs = new ArrayList<>();
  private final List<ProtobufWriter> outputs = new ArrayList<>();
  private final Set<String> defined = new HashSet<>();

  /**
   * Adds an input.
   *
   * @param shape names of sizes that are open, or sizes
   */
  String input(String name, ElementType type, Object... shape) {
    define(name);
    inputs.add(value(name, type, shape));
    return name;
  }

  /** Makes a value that is there an output, after those that are outputs already. */
  void output(String name, ElementType type, Object... shape) {
    require(name);
    outputs.add(value(name, type, shape));
  }

  /** A {@code ValueInfoProto}. */
  private static ProtobufWriter value(String name, ElementType type, Object... shape) {
    ProtobufWriter sizes = new ProtobufWriter();
    for (Object size : shape) {
      ProtobufWriter dimension = new ProtobufWriter();
      sizes.message(
          1,
          size instanceof Integer fixed
              ? dimension.number(1, fixed)
              : dimension.text(2, (String) size));
    }
    ProtobufWriter tensor = new ProtobufWriter().number(1, type.number()).message(2, sizes);
    return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
  }

  /** Adds a constant. */
  String constant(Initializer initializer) {
    define(initializer.name());
    initializers.put(initializer.name(), initializer);
    return initializer.name();
  }

  /** A constant of integers in a row, which is there once however often it is asked for. */
  String integers(long... values) {
    StringBuilder name = new StringBuilder(ANONYMOUS + "integers");
    for (long value : values) {
      name.append('_').append(value);
    }
    return shared(Initializer.of(name.toString(), values));
  }

  /** A constant of one integer, of no dimension, as {@link #integers}. */
  String integer(long value) {
    return shared(Initializer.scalar(ANONYMOUS + "integer_" + value, value));
  }

  /** A constant of one number, of no dimension, as {@link #integers}. */
  String number(float value) {
    return shared(Initializer.scalar(ANONYMOUS + "number_" + value, value));
  }

  private String shared(Initializer initializer) {
    return initializers.containsKey(initializer.name())
        ? initializer.name()
        : constant(initializer);
  }

  /**
   * Adds an operation of one output.
   *
   * @param name of its output
   * @param operation as ONNX calls it
   * @return the name
   */
  String add(String name, String operation, List<String> inputs, Attribute... attributes) {
    add(List.of(name), operation, inputs, attributes);
    return name;
  }

  /** Adds an operation of several outputs. */
  void add(List<String> names, String operation, List<String> inputs, Attribute... attributes) {
    inputs.forEach(this::require);
    names.forEach(this::define);
    ProtobufWriter node = new ProtobufWriter();
    inputs.forEach(input -> node.text(INPUT, input));
    names.forEach(output -> node.text(OUTPUT, output));
    node.text(NAME, names.getFirst()).text(OPERATION, operation);
    for (Attribute attribute : attributes) {
      node.message(ATTRIBUTE, attribute.message());
    }
    nodes.add(node);
  }

  private void define(String name) {
    if (!defined.add(name)) {
      throw new IllegalArgumentException("graph: " + name + " is defined twice");
    }
  }

  private void require(String name) {
    if (!defined.contains(name)) {
      throw new IllegalArgumentException("graph: " + name + " is used and not defined");
    }
  }

  /** The operations, in order. */
  List<ProtobufWriter> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** The constants, in order. */
  Collection<Initializer> initializers() {
    return Collections.unmodifiableCollection(initializers.values());
  }

  /** The inputs, in order. */
  List<ProtobufWriter> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** The outputs, in order. */
  List<ProtobufWriter> outputs() {
    return Collections.unmodifiableList(outputs);
  }
}

package org.mirror4j.onnx;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.tensor.DType;

/** The operations of a graph that read matrices, in the form that a precision has for them. */
final class Products {
  private final Graph graph;
  private final Precision precision;

  private final Map<String, Rounded> roundedInputs = new HashMap<>();
  private final Map<String, String> rests = new HashMap<>();

  /**
   * An input of products as integers.
   *
   * @param integers u8, of the input's shape
   * @param scale f32, what 1 stands for
   * @param zero u8, what stands for 0
   */
  private record Rounded(String integers, String scale, String zero) {
    List<String> all() {
      return List.of(integers, scale, zero);
    }
  }

  /** Operations that go into a graph. */
  Products(Graph graph, Precision precision) {
    this.graph = graph;
    this.precision = precision;
  }

  /**
   * {@code x W^T}.
   *
   * @param name of the result
   */
  String product(String name, String x, Matrix weight) {
    return switch (precision) {
      case F32 -> exact(name, x, weight);
      case F16 -> {
        String half = graph.constant(half(weight, Graph.ANONYMOUS + weight.name(), true));
        yield graph.add(
            name, "MatMul", List.of(x, widened(Graph.ANONYMOUS + weight.name() + ".f32", half)));
      }
      case INT8 -> integers(name, x, weight);
    };
  }

  /** The same in f32 whatever the precision: for matrices that are small and of any range. */
  String exact(String name, String x, Matrix weight) {
    Initializer constant =
        new Initializer(
            Graph.ANONYMOUS + weight.name(),
            ElementType.F32,
            List.of((long) weight.columns(), (long) weight.rows()),
            sink -> {
              try (Arena arena = Arena.ofConfined()) {
                sink.write(weight.stored(weight.transposed(arena), DType.F32, arena));
              }
            });
    return graph.add(name, "MatMul", List.of(x, graph.constant(constant)));
  }

  /** Rows of a table by their numbers. */
  String rows(String name, String numbers, Matrix table) {
    return switch (precision) {
      case F32 -> graph.add(name, "Gather", List.of(graph.constant(table(table)), numbers));
      case F16 -> {
        String half = graph.constant(half(table, table.name(), false));
        yield widened(name, graph.add(name + "/f16", "Gather", List.of(half, numbers)));
      }
      case INT8 -> {
        RowScales scales = new RowScales(table);
        String integers =
            graph.constant(
                new Initializer(
                    Graph.ANONYMOUS + table.name() + ".i8",
                    ElementType.I8,
                    List.of((long) table.rows(), (long) table.columns()),
                    scales::writeRows));
        String scale =
            graph.constant(
                new Initializer(
                    Graph.ANONYMOUS + table.name() + ".scale",
                    ElementType.F32,
                    List.of((long) table.rows(), 1L),
                    scales::writeScales));
        String real =
            widened(
                name + "/integers/f32",
                graph.add(name + "/integers", "Gather", List.of(integers, numbers)));
        String factors = graph.add(name + "/scale", "Gather", List.of(scale, numbers));
        yield graph.add(name, "Mul", List.of(real, factors));
      }
    };
  }

  /** A table as it is, under the name of the parameter. */
  static Initializer table(Matrix table) {
    return new Initializer(
        table.name(),
        ElementType.F32,
        List.of((long) table.rows(), (long) table.columns()),
        sink -> {
          try (Arena arena = Arena.ofConfined()) {
            sink.write(table.stored(table.values(arena), DType.F32, arena));
          }
        });
  }

  private static Initializer half(Matrix matrix, String name, boolean transposed) {
    long rows = transposed ? matrix.columns() : matrix.rows();
    return new Initializer(
        name,
        ElementType.F16,
        List.of(rows, matrix.size() / rows),
        sink -> {
          try (Arena arena = Arena.ofConfined()) {
            sink.write(
                matrix.stored(
                    transposed ? matrix.transposed(arena) : matrix.values(arena),
                    DType.F16,
                    arena));
          }
        });
  }

  private String widened(String name, String x) {
    return graph.add(name, "Cast", List.of(x), Attribute.of("to", ElementType.F32.number()));
  }

  /**
   * {@code x W^T} in integers of 8 bits. A few elements of x may be far larger than all others: of
   * these others integers over the range of x would leave little. So what x is more than its
   * integers is rounded a second time, over its own range, and multiplied with the same matrix.
   */
  private String integers(String name, String x, Matrix weight) {
    Scaled scaled = scaled(weight);
    String first = integers(name + "/first", rounded(x), scaled);
    String second = integers(name + "/second", rounded(rest(x)), scaled);
    return graph.add(name, "Add", List.of(first, second));
  }

  /**
   * A matrix in a graph, the other way round.
   *
   * @param integers i8[in, out]
   * @param scale f32[out]
   */
  private record Scaled(String integers, String scale) {}

  private Scaled scaled(Matrix weight) {
    RowScales scales = new RowScales(weight);
    String integers =
        graph.constant(
            new Initializer(
                Graph.ANONYMOUS + weight.name() + ".i8",
                ElementType.I8,
                List.of((long) weight.columns(), (long) weight.rows()),
                scales::writeTransposed));
    String scale =
        graph.constant(
            new Initializer(
                Graph.ANONYMOUS + weight.name() + ".scale",
                ElementType.F32,
                List.of((long) weight.rows()),
                scales::writeScales));
    return new Scaled(integers, scale);
  }

  /**
   * {@code x ~ (qx - zero) a} with one a of all of x, {@code W ~ qw scale}: the sums of {@code (qx
   * - zero) qw} are exact integers of 32 bits, and {@code x W^T} is these times {@code a scale}.
   */
  private String integers(String name, Rounded x, Scaled weight) {
    String sums =
        graph.add(
            name + "/integers", "MatMulInteger", List.of(x.integers, weight.integers, x.zero));
    String factors = graph.add(name + "/scale", "Mul", List.of(x.scale, weight.scale));
    return graph.add(name, "Mul", List.of(widened(name + "/integers/f32", sums), factors));
  }

  private Rounded rounded(String x) {
    return roundedInputs.computeIfAbsent(
        x,
        input -> {
          Rounded names = new Rounded(x + "/u8", x + "/u8/scale", x + "/u8/zero");
          graph.add(names.all(), "DynamicQuantizeLinear", List.of(x));
          return names;
        });
  }

  /** What an input is more than its integers. */
  private String rest(String x) {
    return rests.computeIfAbsent(
        x,
        input -> {
          String restored = graph.add(x + "/restored", "DequantizeLinear", rounded(x).all());
          return graph.add(x + "/rest", "Sub", List.of(x, restored));
        });
  }
}

package org.mirror4j.onnx;

import java.util.List;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.DenseModule;

/**
 * What a graph does with hidden states: one vector for each text, mapped, normalised and cut as the
 * model's files say.
 */
final class PoolingGraph {
  /** As in PyTorch and here. */
  private static final float LEAST_LENGTH = 1e-12f;

  private static final String SCOPE = "/pooling";

  private final Graph graph;
  private final TokenRows rows;

  /** Operations that go into a graph. */
  PoolingGraph(Graph graph, TokenRows rows) {
    this.graph = graph;
    this.rows = rows;
  }

  /**
   * The pooled vectors, f32[batch, hidden].
   *
   * @param outputs of the layers
   * @param maskId the mask token
   */
  String pooled(Pooling pooling, List<String> outputs, int maskId) {
    String last = outputs.getLast();
    return switch (pooling) {
      case CLS -> graph.add(SCOPE, "Gather", List.of(last, graph.integer(0)), axis(1));
      case MEAN -> mean(SCOPE, last);
      case MEAN_PADDED ->
          graph.add(
              SCOPE,
              "ReduceMean",
              List.of(last),
              Attribute.list("axes", 1),
              Attribute.of("keepdims", 0));
      case FIRST_LAST_AVG, LAST_2_AVG -> meanOfLayers(pooling, outputs);
      case MASK -> masked(SCOPE, last, maskId);
      case MASK_MEAN ->
          average(SCOPE, masked(SCOPE + "/mask", last, maskId), mean(SCOPE + "/mean", last));
    };
  }

  /** The mean of two layers, where the model has two; then their means need not be taken apart. */
  private String meanOfLayers(Pooling pooling, List<String> outputs) {
    int[] layers = pooling.layers(outputs.size());
    String first = outputs.get(layers[0]);
    return layers.length == 1
        ? mean(SCOPE, first)
        : mean(SCOPE, average(SCOPE + "/layers", first, outputs.get(layers[1])));
  }

  private String average(String name, String a, String b) {
    String sum = graph.add(name + "/sum", "Add", List.of(a, b));
    return graph.add(name, "Mul", List.of(sum, graph.number(0.5f)));
  }

  /** The mean over tokens that are no padding; 0 where there is none. */
  private String mean(String name, String hidden) {
    String column =
        graph.add(name + "/column", "Unsqueeze", List.of(rows.mask(), graph.integers(2)));
    String real =
        graph.add(
            name + "/real", "Cast", List.of(column), Attribute.of("to", ElementType.F32.number()));
    String kept = graph.add(name + "/kept", "Mul", List.of(hidden, real));
    String sum = sum(name + "/total", kept);
    String count =
        graph.add(name + "/count", "Max", List.of(sum(name + "/tokens", real), graph.number(1)));
    return graph.add(name, "Div", List.of(sum, count));
  }

  private String sum(String name, String x) {
    return graph.add(name, "ReduceSum", List.of(x, graph.integers(1)), Attribute.of("keepdims", 0));
  }

  /** The row of the last mask token; NaN where a text has none, which has no vector. */
  private String masked(String name, String hidden, int maskId) {
    String equal = graph.add(name + "/equal", "Equal", List.of(rows.ids(), graph.integer(maskId)));
    String is =
        graph.add(
            name + "/is", "Cast", List.of(equal), Attribute.of("to", ElementType.F32.number()));
    String real =
        graph.add(
            name + "/real",
            "Cast",
            List.of(rows.mask()),
            Attribute.of("to", ElementType.F32.number()));
    String positions =
        graph.add(
            name + "/positions",
            "Cast",
            List.of(rows.positions()),
            Attribute.of("to", ElementType.F32.number()));
    // The first token is none: a position of 0 is as good as no mask.
    String marked =
        graph.add(
            name + "/marked",
            "Mul",
            List.of(graph.add(name + "/candidates", "Mul", List.of(is, real)), positions));
    String row =
        graph.add(name + "/row", "ArgMax", List.of(marked), axis(1), Attribute.of("keepdims", 1));
    String vector =
        graph.add(
            name + "/vector", "GatherND", List.of(hidden, row), Attribute.of("batch_dims", 1));
    String found =
        graph.add(
            name + "/found",
            "Cast",
            List.of(
                graph.add(
                    name + "/position",
                    "ReduceMax",
                    List.of(marked),
                    Attribute.list("axes", 1),
                    Attribute.of("keepdims", 1))),
            Attribute.of("to", ElementType.BOOL.number()));
    return graph.add(name, "Where", List.of(found, vector, graph.number(Float.NaN)));
  }

  /** Vectors mapped by Dense modules, in f32 whatever the precision: a whitening has any range. */
  String mapped(Products products, List<DenseModule> modules, String vectors) {
    String mapped = vectors;
    for (int i = 0; i < modules.size(); i++) {
      DenseModule module = modules.get(i);
      String name = "/dense." + i;
      String parameter = "dense." + i;
      Matrix weight =
          new Matrix(
              parameter + ".weight",
              module.outFeatures(),
              module.inFeatures(),
              to -> to.copyFrom(module.weight()));
      mapped = products.exact(name + "/product", mapped, weight);
      if (module.bias().isPresent()) {
        Matrix bias =
            new Matrix(
                Graph.ANONYMOUS + parameter + ".bias",
                1,
                module.outFeatures(),
                to -> to.copyFrom(module.bias().get()));
        String row = graph.constant(Products.table(bias));
        mapped = graph.add(name + "/biased", "Add", List.of(mapped, row));
      }
      mapped =
          switch (module.activation()) {
            case IDENTITY -> mapped;
            case TANH -> graph.add(name, "Tanh", List.of(mapped));
          };
    }
    return mapped;
  }

  /** {@code x / max(||x||, 1e-12)}. */
  String normalised(String vectors) {
    String length =
        graph.add(
            "/normalised/length",
            "ReduceL2",
            List.of(vectors),
            Attribute.list("axes", 1),
            Attribute.of("keepdims", 1));
    String least =
        graph.add("/normalised/least", "Max", List.of(length, graph.number(LEAST_LENGTH)));
    return graph.add("/normalised", "Div", List.of(vectors, least));
  }

  /** The leading elements of vectors. */
  String cut(String vectors, int dimensions) {
    return graph.add(
        "/cut",
        "Slice",
        List.of(vectors, graph.integers(0), graph.integers(dimensions), graph.integers(1)));
  }

  private static Attribute axis(int axis) {
    return Attribute.of("axis", axis);
  }
}

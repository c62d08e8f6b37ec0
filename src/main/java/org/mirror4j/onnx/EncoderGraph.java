package org.mirror4j.onnx;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.operation.GeluForm;

/**
 * The encoder in a graph (Devlin et al. 2019): embeddings, then the layers, each with the
 * operations that exporters of PyTorch write for it, which ONNX Runtime knows how to fuse.
 */
final class EncoderGraph {
  private final Graph graph;
  private final BertConfig config;
  private final Parameters parameters;
  private final Products products;

  /** Operations that go into a graph. */
  EncoderGraph(Graph graph, BertConfig config, Parameters parameters, Products products) {
    this.graph = graph;
    this.config = config;
    this.parameters = parameters;
    this.products = products;
  }

  /**
   * Adds all of it.
   *
   * @return outputs of the layers, f32[batch, rows, hidden]
   */
  List<String> layers(TokenRows rows) {
    String hidden = embeddings(rows);
    String bias = attentionBias(rows);
    List<String> outputs = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      hidden = layer("encoder.layer." + layer, hidden, bias);
      outputs.add(hidden);
    }
    return outputs;
  }

  private String embeddings(TokenRows rows) {
    String scope = "embeddings.";
    String words =
        products.rows(
            "/embeddings/words", rows.ids(), parameters.matrix(scope + "word_embeddings.weight"));
    String types =
        table(
            "/embeddings/types",
            rows.types().orElseGet(() -> graph.integer(0)),
            scope + "token_type_embeddings.weight");
    String positions =
        table("/embeddings/positions", rows.positions(), scope + "position_embeddings.weight");
    String typed = graph.add("/embeddings/typed", "Add", List.of(words, types));
    String sum = graph.add("/embeddings/sum", "Add", List.of(typed, positions));
    return norm("/embeddings/normalised", sum, scope + "LayerNorm");
  }

  private String table(String name, String numbers, String parameter) {
    String table = graph.constant(Products.table(parameters.matrix(parameter)));
    return graph.add(name, "Gather", List.of(table, numbers));
  }

  /** 0 for a key that is a token and the lowest number for padding, f32[batch, 1, 1, rows]. */
  private String attentionBias(TokenRows rows) {
    String keys = graph.add("/mask/keys", "Unsqueeze", List.of(rows.mask(), graph.integers(1, 2)));
    String real =
        graph.add(
            "/mask/real", "Cast", List.of(keys), Attribute.of("to", ElementType.F32.number()));
    String padding = graph.add("/mask/padding", "Sub", List.of(graph.number(1), real));
    return graph.add("/mask", "Mul", List.of(padding, graph.number(-Float.MAX_VALUE)));
  }

  private String layer(String layer, String x, String bias) {
    String name = "/" + layer;
    String context = attention(layer, x, bias);
    String projected =
        linear(name + "/attention/projected", context, layer + ".attention.output.dense");
    String attended =
        norm(
            name + "/attention/normalised",
            graph.add(name + "/attention/residual", "Add", List.of(projected, x)),
            layer + ".attention.output.LayerNorm");
    String intermediate = linear(name + "/intermediate", attended, layer + ".intermediate.dense");
    String activated = gelu(name + "/gelu", intermediate);
    String output = linear(name + "/projected", activated, layer + ".output.dense");
    return norm(
        name + "/normalised",
        graph.add(name + "/residual", "Add", List.of(output, attended)),
        layer + ".output.LayerNorm");
  }

  private String attention(String layer, String x, String bias) {
    String scope = layer + ".attention.self.";
    String name = "/" + layer + "/attention";
    String query = heads(name + "/query", linear(name + "/query", x, scope + "query"), 0, 2, 1, 3);
    String key = heads(name + "/key", linear(name + "/key", x, scope + "key"), 0, 2, 3, 1);
    String value = heads(name + "/value", linear(name + "/value", x, scope + "value"), 0, 2, 1, 3);
    String products = graph.add(name + "/products", "MatMul", List.of(query, key));
    String scale = graph.number((float) Math.sqrt(config.headSize()));
    String scaled = graph.add(name + "/scaled", "Div", List.of(products, scale));
    String scores = graph.add(name + "/scores", "Add", List.of(scaled, bias));
    String shares =
        graph.add(name + "/shares", "Softmax", List.of(scores), Attribute.of("axis", -1));
    String context = graph.add(name + "/context", "MatMul", List.of(shares, value));
    String rows =
        graph.add(
            name + "/context/rows",
            "Transpose",
            List.of(context),
            Attribute.list("perm", 0, 2, 1, 3));
    return graph.add(
        name + "/context/joined",
        "Reshape",
        List.of(rows, graph.integers(0, 0, config.hiddenSize())));
  }

  /** Rows by heads, their axes in another order. */
  private String heads(String name, String rows, long... order) {
    String split =
        graph.add(
            name + "/heads",
            "Reshape",
            List.of(rows, graph.integers(0, 0, config.numAttentionHeads(), config.headSize())));
    return graph.add(name + "/turned", "Transpose", List.of(split), Attribute.list("perm", order));
  }

  /** {@code x W^T + b}. */
  private String linear(String name, String x, String parameter) {
    Matrix weight = parameters.matrix(parameter + ".weight");
    String product = products.product(name + "/product", x, weight);
    String bias = graph.constant(parameters.vector(parameter + ".bias"));
    return graph.add(name, "Add", List.of(bias, product));
  }

  private String norm(String name, String x, String parameter) {
    return graph.add(
        name,
        "LayerNormalization",
        List.of(
            x,
            graph.constant(parameters.vector(parameter + ".weight")),
            graph.constant(parameters.vector(parameter + ".bias"))),
        Attribute.of("axis", -1),
        Attribute.of("epsilon", config.layerNormEps()));
  }

  private String gelu(String name, String x) {
    return config.geluForm() == GeluForm.ERF ? geluByErf(name, x) : geluByTanh(name, x);
  }

  private String geluByErf(String name, String x) {
    String scaled =
        graph.add(name + "/scaled", "Div", List.of(x, graph.number((float) Math.sqrt(2))));
    String erf = graph.add(name + "/erf", "Erf", List.of(scaled));
    String raised = graph.add(name + "/raised", "Add", List.of(erf, graph.number(1)));
    String product = graph.add(name + "/product", "Mul", List.of(x, raised));
    return graph.add(name, "Mul", List.of(product, graph.number(0.5f)));
  }

  private String geluByTanh(String name, String x) {
    String cube = graph.add(name + "/cube", "Pow", List.of(x, graph.number(3)));
    String part = graph.add(name + "/part", "Mul", List.of(cube, graph.number(0.044715f)));
    String sum = graph.add(name + "/sum", "Add", List.of(x, part));
    String factor = graph.number((float) Math.sqrt(2 / Math.PI));
    String scaled = graph.add(name + "/scaled", "Mul", List.of(sum, factor));
    String tanh = graph.add(name + "/tanh", "Tanh", List.of(scaled));
    String raised = graph.add(name + "/raised", "Add", List.of(tanh, graph.number(1)));
    String half = graph.add(name + "/half", "Mul", List.of(x, graph.number(0.5f)));
    return graph.add(name, "Mul", List.of(half, raised));
  }
}

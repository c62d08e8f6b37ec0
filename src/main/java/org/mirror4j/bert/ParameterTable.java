package org.mirror4j.bert;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Where each parameter of a model lies in the flat buffers of parameters, gradients and moments.
 * Matrices come first and vectors (biases, LayerNorm) after them, so that weight decay can end at
 * one offset; query, key and value stand side by side, so that one product computes all three.
 */
public final class ParameterTable {
  /**
   * One parameter.
   *
   * @param name as transformers saves it, without the family's prefix
   * @param offset elements from the start of the flat buffer
   * @param shape weights are [outFeatures, inFeatures]
   */
  public record Entry(String name, long offset, Shape shape) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final long matrixSize;
  private final long size;

  private ParameterTable(Map<String, Shape> shapes) {
    long offset = 0;
    for (int rank = 2; rank >= 1; rank--) {
      for (Map.Entry<String, Shape> parameter : shapes.entrySet()) {
        Shape shape = parameter.getValue();
        if (shape.rank() == rank) {
          entries.put(parameter.getKey(), new Entry(parameter.getKey(), offset, shape));
          offset += shape.size();
        }
      }
      if (rank == 2) {
        // Vectors start on a full vector register whatever the sizes of the matrices.
        offset = (offset + 15) / 16 * 16;
      }
    }
    matrixSize =
        entries.values().stream()
            .filter(e -> e.shape().rank() == 1)
            .findFirst()
            .orElseThrow()
            .offset();
    if (offset > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "config: %d parameters, expected at most %d".formatted(offset, Integer.MAX_VALUE));
    }
    size = offset;
  }

  /** The parameters of an encoder. */
  public static ParameterTable encoder(BertConfig config) {
    return new ParameterTable(encoderShapes(config));
  }

  /** The parameters of an encoder with the head of a masked language model on it. */
  public static ParameterTable maskedLanguageModel(BertConfig config) {
    Map<String, Shape> shapes = encoderShapes(config);
    HeadNames head = HeadNames.of(config.family());
    shapes.put(head.denseWeight(), Shape.of(config.hiddenSize(), config.hiddenSize()));
    shapes.put(head.denseBias(), Shape.of(config.hiddenSize()));
    shapes.put(head.gamma(), Shape.of(config.hiddenSize()));
    shapes.put(head.beta(), Shape.of(config.hiddenSize()));
    shapes.put(head.vocabularyBias(), Shape.of(config.vocabSize()));
    return new ParameterTable(shapes);
  }

  private static Map<String, Shape> encoderShapes(BertConfig config) {
    int hidden = config.hiddenSize();
    int intermediate = config.intermediateSize();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("embeddings.word_embeddings.weight", Shape.of(config.vocabSize(), hidden));
    shapes.put(
        "embeddings.position_embeddings.weight", Shape.of(config.maxPositionEmbeddings(), hidden));
    shapes.put("embeddings.token_type_embeddings.weight", Shape.of(config.typeVocabSize(), hidden));
    layerNorm(shapes, "embeddings.LayerNorm", hidden);
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      String prefix = layerPrefix(layer);
      for (String kind : List.of("weight", "bias")) {
        for (String part : List.of("query", "key", "value")) {
          shapes.put(
              prefix + "attention.self." + part + "." + kind,
              kind.equals("weight") ? Shape.of(hidden, hidden) : Shape.of(hidden));
        }
      }
      linear(shapes, prefix + "attention.output.dense", hidden, hidden);
      layerNorm(shapes, prefix + "attention.output.LayerNorm", hidden);
      linear(shapes, prefix + "intermediate.dense", intermediate, hidden);
      linear(shapes, prefix + "output.dense", hidden, intermediate);
      layerNorm(shapes, prefix + "output.LayerNorm", hidden);
    }
    return shapes;
  }

  private static void linear(Map<String, Shape> shapes, String name, int out, int in) {
    shapes.put(name + ".weight", Shape.of(out, in));
    shapes.put(name + ".bias", Shape.of(out));
  }

  private static void layerNorm(Map<String, Shape> shapes, String name, int hidden) {
    shapes.put(name + ".weight", Shape.of(hidden));
    shapes.put(name + ".bias", Shape.of(hidden));
  }

  static String layerPrefix(int layer) {
    return "encoder.layer." + layer + ".";
  }

  /** All parameters in the order of the flat buffer. */
  public List<Entry> entries() {
    return Collections.unmodifiableList(new ArrayList<>(entries.values()));
  }

  /** Whether there is a parameter of that name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /** Elements of the flat buffer. */
  public int size() {
    return Math.toIntExact(size);
  }

  /** Elements before the first vector: what weight decay covers when vectors are left out. */
  public int matrixSize() {
    return Math.toIntExact(matrixSize);
  }

  /** A parameter within a flat buffer. */
  public Tensor view(Tensor flat, String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return flat.view(name, entry.offset(), entry.shape());
  }

  /** Vectors that stand side by side, from one to another, as one. */
  Tensor vectors(Tensor flat, String first, String last) {
    Entry from = entries.get(first);
    Entry to = entries.get(last);
    long size = to.offset() + to.shape().size() - from.offset();
    return flat.view(first + " to " + last, from.offset(), Shape.of(Math.toIntExact(size)));
  }

  /** Three parameters that stand side by side, as one: rows of query, then key, then value. */
  Tensor queryKeyValue(Tensor flat, int layer, String kind) {
    String prefix = layerPrefix(layer) + "attention.self.";
    Entry query = entries.get(prefix + "query." + kind);
    Shape shape =
        query.shape().rank() == 2
            ? Shape.of(3 * query.shape().dimension(0), query.shape().dimension(1))
            : Shape.of(3 * query.shape().dimension(0));
    return flat.view(prefix + "query_key_value." + kind, query.offset(), shape);
  }

  /** Names of the parameters of a masked language model's head, as transformers saves them. */
  record HeadNames(
      String denseWeight, String denseBias, String gamma, String beta, String vocabularyBias) {
    static HeadNames of(BertConfig.Family family) {
      return switch (family) {
        case BERT -> {
          String transform = "cls.predictions.transform.";
          yield new HeadNames(
              transform + "dense.weight",
              transform + "dense.bias",
              transform + "LayerNorm.weight",
              transform + "LayerNorm.bias",
              "cls.predictions.bias");
        }
        case ROBERTA ->
            new HeadNames(
                "lm_head.dense.weight",
                "lm_head.dense.bias",
                "lm_head.layer_norm.weight",
                "lm_head.layer_norm.bias",
                "lm_head.bias");
      };
    }
  }
}

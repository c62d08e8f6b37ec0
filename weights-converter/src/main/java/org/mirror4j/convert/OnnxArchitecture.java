package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.convert.OnnxModel.Constant;
import org.mirror4j.convert.OnnxModel.Node;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;

/**
 * The configuration of a BERT that came as an ONNX graph alone. Sizes follow from the shapes of the
 * weights; the number of heads from the constants with which the graph splits a row into heads; the
 * epsilon of LayerNorm from the constant added before its square root; the activation from the
 * operations that occur. What does not follow is an error: guessing would give wrong embeddings.
 */
final class OnnxArchitecture {
  private final OnnxModel model;
  private final Map<String, Constant> constants;

  private OnnxArchitecture(OnnxModel model) {
    this.model = model;
    constants = new HashMap<>(model.initializers());
    for (Node node : model.nodes()) {
      if (node.operation().equals("Constant") && node.value() != null) {
        node.outputs().forEach(output -> constants.put(output, node.value()));
      }
    }
  }

  /**
   * Derives the configuration.
   *
   * @param heads what the user says, which wins over the graph
   * @throws FileException naming what cannot be derived
   */
  static BertConfig of(OnnxModel model, TensorSource weights, OptionalInt heads) {
    OnnxArchitecture found = new OnnxArchitecture(model);
    EncoderSizes sizes = EncoderSizes.of(weights);
    if (sizes.typeVocabSize() < 2) {
      // RoBERTa's only trace in its weights; its positions and padding differ from BERT's.
      throw found.underivable("the family of a model with one token type");
    }
    int headCount = heads.isPresent() ? heads.getAsInt() : found.heads(sizes.hiddenSize());
    // Before what the graph may lack: the number may be the user's own.
    sizes.requireHeads(model.file(), headCount);
    return sizes.bert(model.file(), headCount, found.layerNormEps(), found.activation());
  }

  /** A row is reshaped to [.., heads, headSize]: the last two of a shape, with that product. */
  private int heads(int hiddenSize) {
    Set<Long> found = new TreeSet<>();
    for (Node node : model.nodes()) {
      List<String> inputs = node.inputs();
      if (node.operation().equals("Concat") && inputs.size() > 2) {
        long[] heads = integers(inputs.get(inputs.size() - 2));
        long[] size = integers(inputs.getLast());
        if (heads.length == 1 && size.length == 1 && heads[0] * size[0] == hiddenSize) {
          found.add(heads[0]);
        }
      } else if (node.operation().equals("Reshape") && inputs.size() == 2) {
        long[] shape = integers(inputs.get(1));
        int rank = shape.length;
        if (rank == 4 && shape[rank - 2] * shape[rank - 1] == hiddenSize) {
          found.add(shape[rank - 2]);
        }
      }
    }
    if (found.size() != 1) {
      throw underivable("the number of attention heads (found " + found + ")");
    }
    return Math.toIntExact(found.iterator().next());
  }

  private float layerNormEps() {
    Map<String, Node> additions = new HashMap<>();
    Set<Float> found = new TreeSet<>();
    for (Node node : model.nodes()) {
      switch (node.operation()) {
        case "Add" -> node.outputs().forEach(output -> additions.put(output, node));
        case "Sqrt" -> {
          Node add = additions.get(node.inputs().isEmpty() ? "" : node.inputs().getFirst());
          if (add != null) {
            add.inputs().forEach(input -> scalar(input, found));
          }
        }
        case "LayerNormalization" -> found.add(node.floats().getOrDefault("epsilon", 1e-5f));
        default -> {} // no LayerNorm
      }
    }
    if (found.size() != 1) {
      throw underivable("the epsilon of LayerNorm (found " + found + ")");
    }
    return found.iterator().next();
  }

  private GeluForm activation() {
    Set<GeluForm> found = EnumSet.noneOf(GeluForm.class);
    for (Node node : model.nodes()) {
      switch (node.operation()) {
        case "Erf" -> found.add(GeluForm.ERF);
        case "Gelu" -> found.add(form(node));
        default -> {} // the pooler has a Tanh too, so that one alone proves nothing
      }
    }
    if (found.size() != 1) {
      throw underivable("the activation (found " + found + ")");
    }
    return found.iterator().next();
  }

  /** Since opset 20 an operation of its own, with an attribute that says how it is computed. */
  private GeluForm form(Node gelu) {
    String approximate = gelu.texts().getOrDefault("approximate", "none");
    return switch (approximate) {
      case "none" -> GeluForm.ERF;
      case "tanh" -> GeluForm.TANH;
      default ->
          throw new FileException(
              "%s: Gelu %s has the approximation %s, expected 'none' or 'tanh'"
                  .formatted(
                      model.file(),
                      FileException.quote(gelu.name()),
                      FileException.quote(approximate)));
    };
  }

  private long[] integers(String name) {
    Constant constant = constants.get(name);
    if (constant == null || constant.dtype() != DType.I64 || constant.data().byteSize() > 64) {
      return new long[0];
    }
    MemorySegment data = constant.data();
    long[] integers = new long[(int) (data.byteSize() / 8)];
    for (int i = 0; i < integers.length; i++) {
      integers[i] =
          data.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8L * i);
    }
    return integers;
  }

  private void scalar(String name, Set<Float> into) {
    Constant constant = constants.get(name);
    if (constant != null && constant.dtype() == DType.F32 && constant.data().byteSize() == 4) {
      into.add(
          constant
              .data()
              .get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0));
    }
  }

  private FileException underivable(String what) {
    return new FileException(
        "%s: %s cannot be told from the graph, expected a config.json beside it"
            .formatted(model.file(), what));
  }
}

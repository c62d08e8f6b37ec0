package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.checkpoint.Transposition;
import org.mirror4j.convert.OnnxModel.Constant;
import org.mirror4j.convert.OnnxModel.Node;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * The weights of an ONNX graph under the names of the model it was exported from. Embeddings,
 * biases and LayerNorm keep their names. The matrix of a linear layer loses it: the exporter folds
 * the transposition of {@code x W^T} into the matrix and calls the result {@code onnx::MatMul_885}.
 * The addition that follows still names its bias {@code X.bias}, so the matrix is {@code X.weight},
 * and is transposed back here.
 */
final class OnnxWeights implements TensorSource {
  private static final String BIAS = ".bias";
  private static final String ANONYMOUS = "onnx::";

  /** A constant, and whether it is the transposed of the weight. */
  private record Weight(Constant constant, boolean transposed) {
    Shape shape() {
      Shape stored = constant.shape();
      return transposed ? Shape.of(stored.dimension(1), stored.dimension(0)) : stored;
    }
  }

  private final OnnxModel model;
  private final Map<String, Constant> constants;
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  /**
   * Finds the weights.
   *
   * @param model closed with this
   */
  OnnxWeights(OnnxModel model) {
    this.model = model;
    constants = new HashMap<>(model.initializers());
    model
        .initializers()
        .forEach(
            (name, constant) -> {
              if (!name.startsWith(ANONYMOUS)) {
                weights.put(name, new Weight(constant, false));
              }
            });
    Map<String, Node> matrixProducts = new HashMap<>();
    for (Node node : model.nodes()) {
      switch (node.operation()) {
        case "Identity" -> nameShared(node);
        case "MatMul" -> node.outputs().forEach(output -> matrixProducts.put(output, node));
        case "Add" -> nameMatrix(node, matrixProducts);
        case "Gemm" -> nameGemm(node);
        default -> {} // holds no weights
      }
    }
  }

  /** The exporter stores equal constants once and gives the others out by this operation. */
  private void nameShared(Node node) {
    Constant constant = node.inputs().size() == 1 ? constants.get(node.inputs().getFirst()) : null;
    if (constant != null && node.outputs().size() == 1) {
      String name = node.outputs().getFirst();
      constants.putIfAbsent(name, constant);
      weights.putIfAbsent(name, new Weight(constant, false));
    }
  }

  /** {@code Add(X.bias, MatMul(x, constant))}, with the inputs of the addition in any order. */
  private void nameMatrix(Node add, Map<String, Node> matrixProducts) {
    if (add.inputs().size() != 2) {
      return;
    }
    for (int i = 0; i < 2; i++) {
      String bias = add.inputs().get(i);
      Node product = matrixProducts.get(add.inputs().get(1 - i));
      if (product != null && product.inputs().size() == 2 && isBias(bias)) {
        name(bias, product.inputs().get(1), true);
      }
    }
  }

  /** {@code Gemm(x, constant, X.bias)}; the constant is transposed unless transB is set. */
  private void nameGemm(Node gemm) {
    if (gemm.inputs().size() == 3 && isBias(gemm.inputs().get(2))) {
      requireLinear(gemm);
      boolean transposed = gemm.integers().getOrDefault("transB", 0L) == 0;
      name(gemm.inputs().get(2), gemm.inputs().get(1), transposed);
    }
  }

  /** {@code alpha A B + beta C} with another factor would be a layer of other weights. */
  private void requireLinear(Node gemm) {
    float alpha = gemm.floats().getOrDefault("alpha", 1f);
    float beta = gemm.floats().getOrDefault("beta", 1f);
    long transA = gemm.integers().getOrDefault("transA", 0L);
    if (alpha != 1 || beta != 1 || transA != 0) {
      throw new FileException(
          "%s: Gemm %s has alpha %s, beta %s and transA %d, expected 1, 1 and 0"
              .formatted(model.file(), quote(gemm.name()), alpha, beta, transA));
    }
  }

  private boolean isBias(String name) {
    return name.endsWith(BIAS) && constants.containsKey(name);
  }

  private void name(String bias, String matrix, boolean transposed) {
    Constant constant = constants.get(matrix);
    if (constant != null && constant.shape().rank() == 2) {
      String stem = bias.substring(0, bias.length() - BIAS.length());
      weights.put(stem + ".weight", new Weight(constant, transposed));
    }
  }

  @Override
  public String file() {
    return model.file();
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(weights.keySet());
  }

  @Override
  public Shape shape(String name) {
    return weight(name).shape();
  }

  @Override
  public DType dtype(String name) {
    return model.dtype(weight(name).constant());
  }

  @Override
  public boolean readFloats(String name, MemorySegment to) {
    Weight weight = weight(name);
    TensorSource.requireRoom(name, weight.shape(), to);
    if (!weight.transposed()) {
      return model.readFloats(weight.constant(), to);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(to.byteSize());
      boolean finite = model.readFloats(weight.constant(), stored);
      Transposition.transpose(stored, to, weight.shape());
      return finite;
    }
  }

  private Weight weight(String name) {
    Weight weight = weights.get(name);
    if (weight == null) {
      throw new FileException(model.file() + ": no tensor " + quote(name));
    }
    return weight;
  }

  @Override
  public void close() {
    model.close();
  }
}

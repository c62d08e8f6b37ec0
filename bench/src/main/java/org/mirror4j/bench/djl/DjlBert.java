package org.mirror4j.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.mirror4j.bert.BertConfig;

/**
 * The encoder of BERT in DJL's operations: linear layers, LayerNorm, GELU and dropout are one call
 * of PyTorch each, attention is products and a softmax. Arrays that the backward pass does not need
 * are given back layer by layer.
 *
 * <p>No operation takes a Java number where gradients pass: DJL puts the number into a buffer of
 * Java's and closes it at once, while PyTorch keeps its address for the backward pass. Once the
 * buffer is collected, gradients are divided by what lies there then, and are NaN sooner or later.
 */
public final class DjlBert {
  private final BertConfig config;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private final NDArray rootOfHeadSize;

  /**
   * An encoder with given weights.
   *
   * @param manager owner of the parameters
   * @param weights values by the names of transformers, in the layout of a checkpoint
   * @param training whether gradients are wanted
   */
  public DjlBert(NDManager manager, BertConfig config, Weights weights, boolean training) {
    this.config = config;
    rootOfHeadSize = manager.create((float) Math.sqrt(config.headSize()));
    weights.forEach(
        (name, values, shape) -> {
          NDArray parameter = manager.create(values, new Shape(dimensions(shape)));
          parameter.setRequiresGradient(training);
          parameters.put(name, parameter);
        });
  }

  private static long[] dimensions(org.mirror4j.tensor.Shape shape) {
    return IntStream.range(0, shape.rank()).mapToLong(shape::dimension).toArray();
  }

  /** Parameters by the names of transformers. */
  public Map<String, NDArray> parameters() {
    return parameters;
  }

  /**
   * Hidden states of the last layer, [views, length, hidden].
   *
   * @param dropout rate of all four places; 0 for none
   */
  public NDArray forward(PaddedBatch batch, float dropout) {
    NDArray x = embed(batch, dropout);
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      x = layer("encoder.layer." + layer + ".", x, batch, dropout);
    }
    return x;
  }

  private NDArray embed(PaddedBatch batch, float dropout) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray y =
          DjlOperations.embed(
              batch.tokenIds(),
              new DjlOperations.Embeddings(
                  parameters.get("embeddings.word_embeddings.weight"),
                  parameters.get("embeddings.position_embeddings.weight"),
                  parameters.get("embeddings.token_type_embeddings.weight"),
                  parameters.get("embeddings.LayerNorm.weight"),
                  parameters.get("embeddings.LayerNorm.bias")),
              config.layerNormEps(),
              dropout);
      NDScope.unregister(y);
      return y;
    }
  }

  private NDArray layer(String prefix, NDArray x, PaddedBatch batch, float dropout) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray context = attention(prefix + "attention.self.", x, batch, dropout);
      NDArray attended =
          DjlOperations.drop(linear(context, prefix + "attention.output.dense"), dropout);
      NDArray y = norm(attended.add(x), prefix + "attention.output.LayerNorm");
      NDArray activated = Activation.gelu(linear(y, prefix + "intermediate.dense"));
      NDArray output = DjlOperations.drop(linear(activated, prefix + "output.dense"), dropout);
      NDArray z = norm(output.add(y), prefix + "output.LayerNorm");
      NDScope.unregister(z);
      return z;
    }
  }

  private NDArray attention(String prefix, NDArray x, PaddedBatch batch, float dropout) {
    return DjlOperations.attention(
        new DjlOperations.Projections(
            linear(x, prefix + "query"), linear(x, prefix + "key"), linear(x, prefix + "value")),
        config.numAttentionHeads(),
        rootOfHeadSize,
        batch.scoreMask(),
        dropout);
  }

  private NDArray linear(NDArray x, String name) {
    return Linear.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"))
        .singletonOrThrow();
  }

  private NDArray norm(NDArray x, String name) {
    return DjlOperations.norm(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), config.layerNormEps());
  }
}

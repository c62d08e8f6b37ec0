package org.mirror4j.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import java.util.LinkedHashMap;
import java.util.Map;
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
          NDArray parameter = manager.create(values, new Shape(shape));
          parameter.setRequiresGradient(training);
          parameters.put(name, parameter);
        });
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
      NDArray words =
          Embedding.embedding(
                  batch.tokenIds(),
                  parameters.get("embeddings.word_embeddings.weight"),
                  SparseFormat.DENSE)
              .singletonOrThrow();
      NDArray positions =
          parameters
              .get("embeddings.position_embeddings.weight")
              .get(new NDIndex("0:{}", batch.length()));
      NDArray type =
          parameters.get("embeddings.token_type_embeddings.weight").get(new NDIndex("0:1"));
      NDArray y = drop(norm(words.add(positions).add(type), "embeddings.LayerNorm"), dropout);
      NDScope.unregister(y);
      return y;
    }
  }

  private NDArray layer(String prefix, NDArray x, PaddedBatch batch, float dropout) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray context = attention(prefix + "attention.self.", x, batch, dropout);
      NDArray attended = drop(linear(context, prefix + "attention.output.dense"), dropout);
      NDArray y = norm(attended.add(x), prefix + "attention.output.LayerNorm");
      NDArray activated = Activation.gelu(linear(y, prefix + "intermediate.dense"));
      NDArray output = drop(linear(activated, prefix + "output.dense"), dropout);
      NDArray z = norm(output.add(y), prefix + "output.LayerNorm");
      NDScope.unregister(z);
      return z;
    }
  }

  private NDArray attention(String prefix, NDArray x, PaddedBatch batch, float dropout) {
    NDArray query = heads(linear(x, prefix + "query"), batch);
    NDArray key = heads(linear(x, prefix + "key"), batch);
    NDArray value = heads(linear(x, prefix + "value"), batch);
    NDArray scores = query.matMul(key.swapAxes(2, 3)).div(rootOfHeadSize).add(batch.scoreMask());
    NDArray probabilities = drop(scores.softmax(-1), dropout);
    return probabilities
        .matMul(value)
        .swapAxes(1, 2)
        .reshape(batch.views(), batch.length(), config.hiddenSize());
  }

  /** [views, length, hidden] as [views, heads, length, headSize]. */
  private NDArray heads(NDArray x, PaddedBatch batch) {
    return x.reshape(batch.views(), batch.length(), config.numAttentionHeads(), config.headSize())
        .swapAxes(1, 2);
  }

  private NDArray linear(NDArray x, String name) {
    return Linear.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"))
        .singletonOrThrow();
  }

  private NDArray norm(NDArray x, String name) {
    return LayerNorm.layerNorm(
            x,
            new Shape(config.hiddenSize()),
            parameters.get(name + ".weight"),
            parameters.get(name + ".bias"),
            config.layerNormEps())
        .singletonOrThrow();
  }

  private static NDArray drop(NDArray x, float rate) {
    return rate == 0 ? x : Dropout.dropout(x, rate, true).singletonOrThrow();
  }
}

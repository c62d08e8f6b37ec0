package org.mirror4j.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;

/** What the encoder is made of, as sequences of DJL's operations. */
public final class DjlOperations {
  private DjlOperations() {}

  /** {@code x keep / (1 - rate)}; {@code x} itself where the rate is 0. */
  public static NDArray drop(NDArray x, float rate) {
    return rate == 0 ? x : Dropout.dropout(x, rate, true).singletonOrThrow();
  }

  /** LayerNorm of the last dimension of {@code x}; gamma and beta are [hidden]. */
  public static NDArray norm(NDArray x, NDArray gamma, NDArray beta, float epsilon) {
    return LayerNorm.layerNorm(x, new Shape(gamma.size()), gamma, beta, epsilon).singletonOrThrow();
  }

  /**
   * What the embedding of tokens reads.
   *
   * @param word [vocabulary, hidden]
   * @param position [positions, hidden]
   * @param type [types, hidden]; all tokens are of the first
   * @param gamma [hidden] of the LayerNorm
   * @param beta [hidden]
   */
  public record Embeddings(
      NDArray word, NDArray position, NDArray type, NDArray gamma, NDArray beta) {}

  /**
   * Dropout of the LayerNorm of the sum of all three, [views, length, hidden].
   *
   * @param tokenIds i64[views, length]
   */
  public static NDArray embed(
      NDArray tokenIds, Embeddings embeddings, float epsilon, float dropout) {
    NDArray sum =
        Embedding.embedding(tokenIds, embeddings.word(), SparseFormat.DENSE)
            .singletonOrThrow()
            .add(embeddings.position().get(new NDIndex("0:{}", tokenIds.getShape().get(1))))
            .add(embeddings.type().get(new NDIndex("0:1")));
    return drop(norm(sum, embeddings.gamma(), embeddings.beta(), epsilon), dropout);
  }

  /**
   * Queries, keys and values of all heads side by side, each [views, length, hidden].
   *
   * @param query of each token
   */
  public record Projections(NDArray query, NDArray key, NDArray value) {}

  /**
   * Self-attention inside each view, [views, length, hidden].
   *
   * @param rootOfHeadSize what scores are divided by: an array, as {@link DjlBert} says
   * @param scoreMask [views, 1, 1, length], added to the scores
   */
  public static NDArray attention(
      Projections projections,
      int heads,
      NDArray rootOfHeadSize,
      NDArray scoreMask,
      float dropout) {
    NDArray query = split(projections.query(), heads);
    NDArray key = split(projections.key(), heads);
    NDArray value = split(projections.value(), heads);
    NDArray scores = query.matMul(key.swapAxes(2, 3)).div(rootOfHeadSize).add(scoreMask);
    return drop(scores.softmax(-1), dropout)
        .matMul(value)
        .swapAxes(1, 2)
        .reshape(projections.query().getShape());
  }

  /** [views, length, hidden] as [views, heads, length, headSize]. */
  private static NDArray split(NDArray x, int heads) {
    Shape shape = x.getShape();
    return x.reshape(shape.get(0), shape.get(1), heads, shape.get(2) / heads).swapAxes(1, 2);
  }
}

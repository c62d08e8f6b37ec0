package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Embeddings of tokens, and their gradient. See {@link Kernels}. */
public abstract class Embedding {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Embedding(OperandCheck check) {
    this.check = check;
  }

  /**
   * Embeddings of BERT (Devlin et al. 2019; config {@code layer_norm_eps, hidden_dropout_prob}).
   *
   * <pre>
   *   z[t] = word[tokenIds[t]] + position[positionIds[t]] + tokenType[0]
   *   y[t] = dropout(LayerNorm(z[t]; gamma, beta, epsilon))      site EMBEDDING, layer 0
   * </pre>
   *
   * @param y [tokens, hidden]
   * @param z [tokens, hidden], saved for the backward pass
   * @param mean [tokens], row means of z, saved
   * @param rstd [tokens], 1 / sqrt(biased row variance + epsilon), saved
   * @param tokenIds i32[tokens], in [0, vocabSize)
   * @param positionIds i32[tokens], in [0, maxPositionEmbeddings)
   * @param word [vocabSize, hidden]
   * @param position [maxPositionEmbeddings, hidden]
   * @param tokenType [typeVocabSize, hidden]
   * @param gamma [hidden]
   * @param beta [hidden]
   */
  public final void embed(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor tokenIds,
      Tensor positionIds,
      Tensor word,
      Tensor position,
      Tensor tokenType,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout) {
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("embed")
        .storedMatrix("z", z, "[tokens, hidden]")
        .matrix("word", word, "[vocabSize, hidden]")
        .matrix("position", position, "[maxPositionEmbeddings, hidden]")
        .matrix("tokenType", tokenType, "[typeVocabSize, hidden]")
        .storedOutput("y", y, tokens, hidden, "[tokens, hidden]")
        .storedOutput("z", z, tokens, hidden, "[tokens, hidden]")
        .output("mean", mean, tokens, "[tokens]")
        .output("rstd", rstd, tokens, "[tokens]")
        .indices("tokenIds", tokenIds, tokens, "[tokens]")
        .indices("positionIds", positionIds, tokens, "[tokens]")
        .input("word", word, word.rows(), hidden, "[vocabSize, hidden]")
        .input("position", position, position.rows(), hidden, "[maxPositionEmbeddings, hidden]")
        .input("tokenType", tokenType, tokenType.rows(), hidden, "[typeVocabSize, hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]")
        .require(tokenType.rows() >= 1, "typeVocabSize", tokenType.rows(), "at least 1")
        .present("dropout", dropout);
    epsilon(epsilon);
    computeEmbed(
        y,
        z,
        mean,
        rstd,
        tokenIds,
        positionIds,
        word,
        position,
        tokenType,
        gamma,
        beta,
        epsilon,
        dropout);
  }

  /** What the device does for {@link #embed}; the operands fit. */
  protected abstract void computeEmbed(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor tokenIds,
      Tensor positionIds,
      Tensor word,
      Tensor position,
      Tensor tokenType,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout);

  /**
   * Gradient of {@link #embed}. All table and LayerNorm gradients are added to.
   *
   * @param dWord [vocabSize, hidden], added to; rows that the batch does not use are not touched
   * @param dPosition [maxPositionEmbeddings, hidden], added to
   * @param dTokenType [typeVocabSize, hidden], row 0 added to
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   * @param dY [tokens, hidden], destroyed: holds the gradient of z afterwards
   * @param words rows by token id
   * @param positions rows by position id
   */
  public final void embedBackward(
      Tensor dWord,
      Tensor dPosition,
      Tensor dTokenType,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      RowSegments words,
      RowSegments positions,
      Dropout dropout) {
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("embedBackward")
        .storedMatrix("z", z, "[tokens, hidden]")
        .matrix("dWord", dWord, "[vocabSize, hidden]")
        .matrix("dPosition", dPosition, "[maxPositionEmbeddings, hidden]")
        .matrix("dTokenType", dTokenType, "[typeVocabSize, hidden]")
        .output("dWord", dWord, dWord.rows(), hidden, "[vocabSize, hidden]")
        .output("dPosition", dPosition, dPosition.rows(), hidden, "[maxPositionEmbeddings, hidden]")
        .output("dTokenType", dTokenType, dTokenType.rows(), hidden, "[typeVocabSize, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .storedOutput("dY", dY, tokens, hidden, "[tokens, hidden]")
        .storedInput("z", z, tokens, hidden, "[tokens, hidden]")
        .input("mean", mean, tokens, "[tokens]")
        .input("rstd", rstd, tokens, "[tokens]")
        .input("gamma", gamma, hidden, "[hidden]")
        .require(dTokenType.rows() >= 1, "typeVocabSize", dTokenType.rows(), "at least 1")
        .present("words", words)
        .present("positions", positions)
        .present("dropout", dropout);
    segments(words, tokens);
    segments(positions, tokens);
    computeEmbedBackward(
        dWord,
        dPosition,
        dTokenType,
        dGamma,
        dBeta,
        dY,
        z,
        mean,
        rstd,
        gamma,
        words,
        positions,
        dropout);
  }

  /** What the device does for {@link #embedBackward}; the operands fit. */
  protected abstract void computeEmbedBackward(
      Tensor dWord,
      Tensor dPosition,
      Tensor dTokenType,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      RowSegments words,
      RowSegments positions,
      Dropout dropout);

  private void segments(RowSegments segments, int tokens) {
    int groups = segments.keys().rows();
    check
        .indices("order", segments.order(), tokens, "[tokens]")
        .indices("keys", segments.keys(), groups, "[groups]")
        .indices("starts", segments.starts(), groups + 1, "[groups + 1]");
  }

  private void epsilon(float epsilon) {
    check.require(epsilon >= 0 && Float.isFinite(epsilon), "epsilon", epsilon, "0 or more, finite");
  }
}

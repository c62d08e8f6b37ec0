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
   * With z for the norm's x, which is written too:
   *
   * <pre>
   *   z[t] = word[tokenIds[t]] + position[positionIds[t]] + tokenType[tokenTypeIds[t]]
   *   y[t] = dropout(LayerNorm(z[t]))                           site EMBEDDING, layer 0
   * </pre>
   *
   * @param norm of [tokens, hidden]
   * @param tokenIds i32[tokens], in [0, vocabSize)
   * @param positionIds i32[tokens], in [0, maxPositionEmbeddings)
   * @param tokenTypeIds i32[tokens], in [0, typeVocabSize)
   * @param word [vocabSize, hidden]
   * @param position [maxPositionEmbeddings, hidden]
   * @param tokenType [typeVocabSize, hidden]
   */
  public record Forward(
      Norm.LayerNorm norm,
      Tensor tokenIds,
      Tensor positionIds,
      Tensor tokenTypeIds,
      Tensor word,
      Tensor position,
      Tensor tokenType) {}

  /**
   * Operands of {@link #embedBackward}.
   *
   * <p>Rows of token type 0, which are all where texts are no pairs, are summed where their
   * gradients are made; those of others are in {@code tokenTypes}.
   *
   * @param forward those of the forward pass, of which y, beta, the tables, and word and position
   *     ids are not read
   * @param dY [tokens, hidden], destroyed: holds the gradient of z afterwards
   * @param dWord [vocabSize, hidden], added to; rows that the batch does not use are not touched
   * @param dPosition [maxPositionEmbeddings, hidden], added to
   * @param dTokenType [typeVocabSize, hidden], added to
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   * @param words rows by token id
   * @param positions rows by position id
   * @param tokenTypes rows by token type id, without those of type 0
   */
  public record Backward(
      Forward forward,
      Tensor dY,
      Tensor dWord,
      Tensor dPosition,
      Tensor dTokenType,
      Tensor dGamma,
      Tensor dBeta,
      RowSegments words,
      RowSegments positions,
      RowSegments tokenTypes) {}

  /** {@link Forward}. */
  public final void embed(Forward operands, Dropout dropout) {
    Tensor z = operands.norm.x();
    Tensor word = operands.word;
    Tensor position = operands.position;
    Tensor tokenType = operands.tokenType;
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("embed")
        .storedMatrix("z", z, "[tokens, hidden]")
        .matrix("word", word, "[vocabSize, hidden]")
        .matrix("position", position, "[maxPositionEmbeddings, hidden]")
        .matrix("tokenType", tokenType, "[typeVocabSize, hidden]")
        .storedOutput("z", z, tokens, hidden, "[tokens, hidden]")
        .indices("tokenIds", operands.tokenIds, tokens, "[tokens]")
        .indices("positionIds", operands.positionIds, tokens, "[tokens]")
        .indices("tokenTypeIds", operands.tokenTypeIds, tokens, "[tokens]")
        .input("word", word, word.rows(), hidden, "[vocabSize, hidden]")
        .input("position", position, position.rows(), hidden, "[maxPositionEmbeddings, hidden]")
        .input("tokenType", tokenType, tokenType.rows(), hidden, "[typeVocabSize, hidden]")
        .require(tokenType.rows() >= 1, "typeVocabSize", tokenType.rows(), "at least 1")
        .present("dropout", dropout);
    Norm.normalized(check, operands.norm);
    computeEmbed(operands, dropout);
  }

  /** What the device does for {@link #embed}; the operands fit. */
  protected abstract void computeEmbed(Forward operands, Dropout dropout);

  /** Gradient of {@link #embed}. All table and LayerNorm gradients are added to. */
  public final void embedBackward(Backward operands, Dropout dropout) {
    Tensor z = operands.forward.norm.x();
    Tensor dWord = operands.dWord;
    Tensor dPosition = operands.dPosition;
    Tensor dTokenType = operands.dTokenType;
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
        .output("dGamma", operands.dGamma, hidden, "[hidden]")
        .output("dBeta", operands.dBeta, hidden, "[hidden]")
        .storedOutput("dY", operands.dY, tokens, hidden, "[tokens, hidden]")
        .storedInput("z", z, tokens, hidden, "[tokens, hidden]")
        .indices("tokenTypeIds", operands.forward.tokenTypeIds, tokens, "[tokens]")
        .require(dTokenType.rows() >= 1, "typeVocabSize", dTokenType.rows(), "at least 1")
        .segments("words", operands.words, tokens)
        .segments("positions", operands.positions, tokens)
        .segments("tokenTypes", operands.tokenTypes, tokens)
        .present("dropout", dropout);
    Norm.saved(check, operands.forward.norm);
    computeEmbedBackward(operands, dropout);
  }

  /** What the device does for {@link #embedBackward}; the operands fit. */
  protected abstract void computeEmbedBackward(Backward operands, Dropout dropout);
}

package org.mirror4j.device;

import java.util.Set;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/** The part of {@link CheckedKernels} that makes up the layers of an encoder. */
abstract class CheckedEncoderKernels implements Kernels {
  /** Checks of the running operation. */
  final OperandCheck check;

  /** What computes. */
  final Kernels kernels;

  CheckedEncoderKernels(Kernels kernels, Ownership ownership, Set<DType> storages) {
    this.kernels = kernels;
    check = new OperandCheck(ownership, storages);
  }

  @Override
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
    kernels.embed(
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

  @Override
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
    kernels.embedBackward(
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

  @Override
  public final void attention(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    attention("attention", context, maxSeqlen, heads, dropout, layer);
    int tokens = context.rows();
    int hidden = context.columns();
    check
        .storedOutput("context", context, tokens, hidden, "[tokens, hidden]")
        .output("logSumExp", logSumExp, tokens, heads, "[tokens, heads]")
        .storedOutput("qkv", qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .input("bias", bias, 3 * hidden, "[3 hidden]")
        .indices("cuSeqlens", cuSeqlens, keyLengths.rows() + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, keyLengths.rows(), "[sequences]");
    kernels.attention(
        context, logSumExp, qkv, bias, cuSeqlens, keyLengths, maxSeqlen, heads, dropout, layer);
  }

  @Override
  public final void attentionBackward(
      Tensor dQkv,
      Tensor dBias,
      Tensor dContext,
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    attention("attentionBackward", context, maxSeqlen, heads, dropout, layer);
    int tokens = context.rows();
    int hidden = context.columns();
    check
        .storedOutput("dQkv", dQkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .output("dBias", dBias, 3 * hidden, "[3 hidden]")
        .storedInput("dContext", dContext, tokens, hidden, "[tokens, hidden]")
        .storedInput("context", context, tokens, hidden, "[tokens, hidden]")
        .input("logSumExp", logSumExp, tokens, heads, "[tokens, heads]")
        .storedInput("qkv", qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .indices("cuSeqlens", cuSeqlens, keyLengths.rows() + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, keyLengths.rows(), "[sequences]");
    kernels.attentionBackward(
        dQkv,
        dBias,
        dContext,
        context,
        logSumExp,
        qkv,
        cuSeqlens,
        keyLengths,
        maxSeqlen,
        heads,
        dropout,
        layer);
  }

  @Override
  public final void residualLayerNorm(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor residual,
      Tensor bias,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout,
      int site) {
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("residualLayerNorm")
        .storedMatrix("z", z, "[tokens, hidden]")
        .storedOutput("y", y, tokens, hidden, "[tokens, hidden]")
        .storedOutput("z", z, tokens, hidden, "[tokens, hidden]")
        .output("mean", mean, tokens, "[tokens]")
        .output("rstd", rstd, tokens, "[tokens]")
        .storedInput("residual", residual, tokens, hidden, "[tokens, hidden]")
        .input("bias", bias, hidden, "[hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]")
        .present("dropout", dropout);
    epsilon(epsilon);
    kernels.residualLayerNorm(
        y, z, mean, rstd, residual, bias, gamma, beta, epsilon, dropout, site);
  }

  @Override
  public final void residualLayerNormBackward(
      Tensor dResidual,
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dBias,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      Dropout dropout,
      int site) {
    int tokens = z.rows();
    int hidden = z.columns();
    check
        .of("residualLayerNormBackward")
        .storedMatrix("z", z, "[tokens, hidden]")
        .storedOutput("dResidual", dResidual, tokens, hidden, "[tokens, hidden]")
        .storedOutput("dX", dX, tokens, hidden, "[tokens, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .output("dBias", dBias, hidden, "[hidden]")
        .storedInput("dY", dY, tokens, hidden, "[tokens, hidden]")
        .storedInput("z", z, tokens, hidden, "[tokens, hidden]")
        .input("mean", mean, tokens, "[tokens]")
        .input("rstd", rstd, tokens, "[tokens]")
        .input("gamma", gamma, hidden, "[hidden]")
        .present("dropout", dropout);
    kernels.residualLayerNormBackward(
        dResidual, dX, dGamma, dBeta, dBias, dY, z, mean, rstd, gamma, dropout, site);
  }

  private void attention(
      String operation, Tensor context, int maxSeqlen, int heads, Dropout dropout, int layer) {
    check
        .of(operation)
        .storedMatrix("context", context, "[tokens, hidden]")
        .require(
            heads >= 1 && context.columns() % heads == 0,
            "heads",
            heads,
            "a divisor of hidden, the columns of context")
        .require(maxSeqlen >= 1 || context.rows() == 0, "maxSeqlen", maxSeqlen, "at least 1")
        .require(layer >= 0, "layer", layer, "at least 0")
        .present("dropout", dropout);
  }

  private void segments(RowSegments segments, int tokens) {
    int groups = segments.keys().rows();
    check
        .indices("order", segments.order(), tokens, "[tokens]")
        .indices("keys", segments.keys(), groups, "[groups]")
        .indices("starts", segments.starts(), groups + 1, "[groups + 1]");
  }

  /** Checks what is added before a root or a quotient. */
  final void epsilon(float epsilon) {
    check.require(epsilon >= 0 && Float.isFinite(epsilon), "epsilon", epsilon, "0 or more, finite");
  }
}

package org.mirror4j.device;

import org.mirror4j.tensor.Tensor;

/**
 * Checks the arguments of each operation, as {@link Kernels} states them, and hands on to a
 * device's kernels, which need not. Values of indices are the device's own to check.
 */
public final class CheckedKernels implements Kernels {
  private final OperandCheck check = new OperandCheck();
  private final Kernels kernels;

  /** Checks in front of {@code kernels}. */
  public CheckedKernels(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void fill(Tensor x, float value) {
    check.of("fill").f32("x", x);
    kernels.fill(x, value);
  }

  @Override
  public void copy(Tensor y, Tensor x) {
    check.of("copy");
    if (y.dtype() != x.dtype() || y.size() != x.size()) {
      throw new ShapeException("copy: y is %s, expected type and size of %s".formatted(y, x));
    }
    check.operand("y", y, true).operand("x", x, false);
    kernels.copy(y, x);
  }

  @Override
  public void embed(
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
        .matrix("z", z, "[tokens, hidden]")
        .matrix("word", word, "[vocabSize, hidden]")
        .matrix("position", position, "[maxPositionEmbeddings, hidden]")
        .matrix("tokenType", tokenType, "[typeVocabSize, hidden]")
        .output("y", y, tokens, hidden, "[tokens, hidden]")
        .output("z", z, tokens, hidden, "[tokens, hidden]")
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
  public void embedBackward(
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
        .matrix("z", z, "[tokens, hidden]")
        .matrix("dWord", dWord, "[vocabSize, hidden]")
        .matrix("dPosition", dPosition, "[maxPositionEmbeddings, hidden]")
        .matrix("dTokenType", dTokenType, "[typeVocabSize, hidden]")
        .output("dWord", dWord, dWord.rows(), hidden, "[vocabSize, hidden]")
        .output("dPosition", dPosition, dPosition.rows(), hidden, "[maxPositionEmbeddings, hidden]")
        .output("dTokenType", dTokenType, dTokenType.rows(), hidden, "[typeVocabSize, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .output("dY", dY, tokens, hidden, "[tokens, hidden]")
        .input("z", z, tokens, hidden, "[tokens, hidden]")
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
  public void gemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
    product("gemm", spec, 1, c, a, b);
    kernels.gemm(spec, c, a, b);
  }

  @Override
  public void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    product("gemmStridedBatched", spec, batch, c, a, b);
    kernels.gemmStridedBatched(spec, batch, c, a, b);
  }

  @Override
  public void attention(
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
        .output("context", context, tokens, hidden, "[tokens, hidden]")
        .output("logSumExp", logSumExp, tokens, heads, "[tokens, heads]")
        .output("qkv", qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .input("bias", bias, 3 * hidden, "[3 hidden]")
        .indices("cuSeqlens", cuSeqlens, keyLengths.rows() + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, keyLengths.rows(), "[sequences]");
    kernels.attention(
        context, logSumExp, qkv, bias, cuSeqlens, keyLengths, maxSeqlen, heads, dropout, layer);
  }

  @Override
  public void attentionBackward(
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
        .output("dQkv", dQkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .output("dBias", dBias, 3 * hidden, "[3 hidden]")
        .input("dContext", dContext, tokens, hidden, "[tokens, hidden]")
        .input("context", context, tokens, hidden, "[tokens, hidden]")
        .input("logSumExp", logSumExp, tokens, heads, "[tokens, heads]")
        .input("qkv", qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
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
  public void residualLayerNorm(
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
        .matrix("z", z, "[tokens, hidden]")
        .output("y", y, tokens, hidden, "[tokens, hidden]")
        .output("z", z, tokens, hidden, "[tokens, hidden]")
        .output("mean", mean, tokens, "[tokens]")
        .output("rstd", rstd, tokens, "[tokens]")
        .input("residual", residual, tokens, hidden, "[tokens, hidden]")
        .input("bias", bias, hidden, "[hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]")
        .present("dropout", dropout);
    epsilon(epsilon);
    kernels.residualLayerNorm(
        y, z, mean, rstd, residual, bias, gamma, beta, epsilon, dropout, site);
  }

  @Override
  public void residualLayerNormBackward(
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
        .matrix("z", z, "[tokens, hidden]")
        .output("dResidual", dResidual, tokens, hidden, "[tokens, hidden]")
        .output("dX", dX, tokens, hidden, "[tokens, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .output("dBias", dBias, hidden, "[hidden]")
        .input("dY", dY, tokens, hidden, "[tokens, hidden]")
        .input("z", z, tokens, hidden, "[tokens, hidden]")
        .input("mean", mean, tokens, "[tokens]")
        .input("rstd", rstd, tokens, "[tokens]")
        .input("gamma", gamma, hidden, "[hidden]")
        .present("dropout", dropout);
    kernels.residualLayerNormBackward(
        dResidual, dX, dGamma, dBeta, dBias, dY, z, mean, rstd, gamma, dropout, site);
  }

  @Override
  public void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNorm")
        .matrix("x", x, "[rows, hidden]")
        .output("y", y, rows, hidden, "[rows, hidden]")
        .output("mean", mean, rows, "[rows]")
        .output("rstd", rstd, rows, "[rows]")
        .input("x", x, rows, hidden, "[rows, hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]");
    epsilon(epsilon);
    kernels.layerNorm(y, mean, rstd, x, gamma, beta, epsilon);
  }

  @Override
  public void layerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNormBackward")
        .matrix("x", x, "[rows, hidden]")
        .output("dX", dX, rows, hidden, "[rows, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .input("dY", dY, rows, hidden, "[rows, hidden]")
        .input("x", x, rows, hidden, "[rows, hidden]")
        .input("mean", mean, rows, "[rows]")
        .input("rstd", rstd, rows, "[rows]")
        .input("gamma", gamma, hidden, "[hidden]");
    kernels.layerNormBackward(dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
  }

  @Override
  public void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasGelu")
        .matrix("x", x, "[rows, columns]")
        .output("y", y, rows, columns, "[rows, columns]")
        .input("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .present("form", form);
    kernels.biasGelu(y, x, bias, form);
  }

  @Override
  public void biasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasGeluBackward")
        .matrix("x", x, "[rows, columns]")
        .output("dX", dX, rows, columns, "[rows, columns]")
        .output("dBias", dBias, columns, "[columns]")
        .input("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .present("form", form);
    boolean inPlace = dX.address() == dY.address();
    check
        .of("biasGeluBackward")
        .output("dBias", dBias, columns, "[columns]")
        .input("dY", dY, rows, columns, "[rows, columns]");
    if (!inPlace) {
      check.operand("dX", dX, true);
    }
    kernels.biasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  @Override
  public void biasGradient(Tensor dBias, Tensor dY) {
    check
        .of("biasGradient")
        .matrix("dY", dY, "[rows, columns]")
        .output("dBias", dBias, dY.columns(), "[columns]")
        .operand("dY", dY, false);
    kernels.biasGradient(dBias, dY);
  }

  @Override
  public void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    sequences("pool", x, cuSeqlens, keyLengths, pooling);
    check
        .output("pooled", pooled, keyLengths.rows(), x.columns(), "[sequences, hidden]")
        .operand("x", x, false);
    kernels.pool(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    sequences("poolBackward", dPooled, cuSeqlens, keyLengths, pooling);
    check
        .matrix("dX", dX, "[tokens, hidden]")
        .output("dX", dX, dX.rows(), dPooled.columns(), "[tokens, hidden]")
        .input("dPooled", dPooled, keyLengths.rows(), dPooled.columns(), "[sequences, hidden]");
    kernels.poolBackward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Tensor rows) {
    check
        .of("gatherRows")
        .matrix("x", x, "[n, columns]")
        .output("y", y, rows.rows(), x.columns(), "[selected, columns]")
        .operand("x", x, false)
        .indices("rows", rows, rows.rows(), "[selected]");
    kernels.gatherRows(y, x, rows);
  }

  @Override
  public void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    check
        .of("scatterRows")
        .matrix("dX", dX, "[n, columns]")
        .operand("dX", dX, true)
        .input("dY", dY, rows.rows(), dX.columns(), "[selected, columns]")
        .indices("rows", rows, rows.rows(), "[selected]");
    kernels.scatterRows(dX, dY, rows);
  }

  @Override
  public void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    check
        .of("normalizeRows")
        .matrix("h", h, "[rows, columns]")
        .output("u", u, h.rows(), h.columns(), "[rows, columns]")
        .output("norm", norm, h.rows(), "[rows]")
        .operand("h", h, false);
    kernels.normalizeRows(u, norm, h);
  }

  @Override
  public void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    check
        .of("normalizeRowsBackward")
        .matrix("u", u, "[rows, columns]")
        .output("dH", dH, u.rows(), u.columns(), "[rows, columns]")
        .input("dU", dU, u.rows(), u.columns(), "[rows, columns]")
        .operand("u", u, false)
        .input("norm", norm, u.rows(), "[rows]");
    kernels.normalizeRowsBackward(dH, dU, u, norm);
  }

  @Override
  public void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    int views = similarities.rows();
    check
        .of("contrastiveLoss")
        .matrix("similarities", similarities, "[2N, 2N]")
        .require(views % 2 == 0, "rows of similarities", views, "an even number")
        .require(
            temperature > 0 && Float.isFinite(temperature),
            "temperature",
            temperature,
            "positive and finite")
        .output("loss", loss, views, "[2N]")
        .output("similarities", similarities, views, views, "[2N, 2N]")
        .indices("groups", groups, views, "[2N]");
    kernels.contrastiveLoss(loss, similarities, groups, temperature);
  }

  @Override
  public void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    int rows = logits.rows();
    int vocab = logits.columns();
    check
        .of("softmaxCrossEntropy")
        .matrix("logits", logits, "[rows, vocab]")
        .output("loss", loss, rows, "[rows]")
        .output("logits", logits, rows, vocab, "[rows, vocab]")
        .input("bias", bias, vocab, "[vocab]")
        .indices("labels", labels, rows, "[rows]")
        .require(Float.isFinite(gradientScale), "gradientScale", gradientScale, "a finite number");
    kernels.softmaxCrossEntropy(loss, logits, bias, labels, gradientScale);
  }

  @Override
  public void adamW(
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int step,
      float gradientScale) {
    int size = parameters.rows();
    check
        .of("adamW")
        .output("parameters", parameters, size, "[parameters]")
        .output("firstMoment", firstMoment, size, "[parameters]")
        .output("secondMoment", secondMoment, size, "[parameters]")
        .input("gradients", gradients, size, "[parameters]")
        .require(
            learningRate >= 0 && Float.isFinite(learningRate),
            "learningRate",
            learningRate,
            "0 or more, finite")
        .require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "0 <= beta1 < 1")
        .require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "0 <= beta2 < 1")
        .require(
            weightDecay >= 0 && Float.isFinite(weightDecay),
            "weightDecay",
            weightDecay,
            "0 or more, finite")
        .require(step >= 1, "step", step, "at least 1")
        .require(Float.isFinite(gradientScale), "gradientScale", gradientScale, "a finite number");
    epsilon(epsilon);
    kernels.adamW(
        parameters,
        gradients,
        firstMoment,
        secondMoment,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        step,
        gradientScale);
  }

  @Override
  public void sumOfSquares(Tensor result, Tensor x) {
    check.of("sumOfSquares").f32("x", x).output("result", result, 1, "[1]").operand("x", x, false);
    kernels.sumOfSquares(result, x);
  }

  @Override
  public void anyNonFinite(Tensor result, Tensor x) {
    check
        .of("anyNonFinite")
        .f32("x", x)
        .outputIndices("result", result, 1, "[1]")
        .operand("x", x, false);
    kernels.anyNonFinite(result, x);
  }

  @Override
  public void scale(Tensor x, float factor) {
    check.of("scale").f32("x", x);
    kernels.scale(x, factor);
  }

  private void product(String operation, GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    check
        .of(operation)
        .present("spec", spec)
        .require(batch >= 1, "batch", batch, "at least 1")
        .matrix("c", c, "[batch m, n]")
        .matrix("a", a, "as its orientation says")
        .matrix("b", b, "as its orientation says")
        .require(c.rows() % batch == 0, "rows of c", c.rows(), "a multiple of batch")
        .require(a.rows() % batch == 0, "rows of a", a.rows(), "a multiple of batch");
    int m = c.rows();
    int n = c.columns();
    int k = spec.transposeA() ? a.rows() / batch : a.columns();
    check.output("c", c, m, n, "[m, n]");
    if (spec.transposeA()) {
      check.input("a", a, a.rows(), m / batch, "[k, m]");
    } else {
      check.input("a", a, m, k, "[m, k]");
    }
    if (spec.transposeB()) {
      check.input("b", b, batch * n, k, "[n, k]");
    } else {
      check.input("b", b, batch * k, n, "[k, n]");
    }
  }

  private void attention(
      String operation, Tensor context, int maxSeqlen, int heads, Dropout dropout, int layer) {
    check
        .of(operation)
        .matrix("context", context, "[tokens, hidden]")
        .require(
            heads >= 1 && context.columns() % heads == 0,
            "heads",
            heads,
            "a divisor of hidden, the columns of context")
        .require(maxSeqlen >= 1 || context.rows() == 0, "maxSeqlen", maxSeqlen, "at least 1")
        .require(layer >= 0, "layer", layer, "at least 0")
        .present("dropout", dropout);
  }

  private void sequences(
      String operation, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    int sequences = keyLengths.rows();
    check
        .of(operation)
        .matrix("x", x, "[rows, hidden]")
        .indices("cuSeqlens", cuSeqlens, sequences + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, sequences, "[sequences]")
        .present("pooling", pooling);
  }

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

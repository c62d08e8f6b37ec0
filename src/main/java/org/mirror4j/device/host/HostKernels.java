package org.mirror4j.device.host;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.RowSegments;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/** The operations of the CPU: each method hands on to the class that computes it. */
final class HostKernels implements Kernels {
  private final HostGemm gemm;
  private final HostAttention attention;
  private final HostAttentionBackward attentionBackward;
  private final HostElementwise elementwise;
  private final HostEmbedding embedding;
  private final HostResidualLayerNorm residualLayerNorm;
  private final HostLayerNorm layerNorm;
  private final HostBiasGelu biasGelu;
  private final HostBiasGradient biasGradient;
  private final HostPooling pooling;
  private final HostRowSelection rowSelection;
  private final HostNormalizeRows normalizeRows;
  private final HostContrastiveLoss contrastiveLoss;
  private final HostCrossEntropy crossEntropy;
  private final HostAdamW adamW;

  HostKernels(HostThreads threads, MatrixLibrary library, HostMemory memory, ScalarStart start) {
    Multiplier[] multipliers = new Multiplier[threads.size()];
    HostScratch[] scratch = HostScratch.ofWorkers(threads, memory);
    for (int i = 0; i < multipliers.length; i++) {
      multipliers[i] = library.multiplier(new HostScratch(memory));
    }
    gemm = new HostGemm(threads, multipliers, scratch, memory, start);
    attention = new HostAttention(threads, multipliers, scratch);
    attentionBackward = new HostAttentionBackward(threads, multipliers, scratch, memory);
    elementwise = new HostElementwise(threads, scratch, memory);
    embedding = new HostEmbedding(threads, scratch, memory);
    residualLayerNorm = new HostResidualLayerNorm(threads, scratch, memory);
    layerNorm = new HostLayerNorm(threads, scratch, memory);
    biasGelu = new HostBiasGelu(threads, scratch, memory, start);
    biasGradient = new HostBiasGradient(threads, scratch, memory);
    pooling = new HostPooling(threads, scratch);
    rowSelection = new HostRowSelection(threads, scratch);
    normalizeRows = new HostNormalizeRows(threads, scratch);
    contrastiveLoss = new HostContrastiveLoss(threads, scratch);
    crossEntropy = new HostCrossEntropy(threads, scratch);
    adamW = new HostAdamW(threads);
  }

  @Override
  public void fill(Tensor x, float value) {
    elementwise.fill(x, value);
  }

  @Override
  public void copy(Tensor y, Tensor x) {
    elementwise.copy(y, x);
  }

  @Override
  public void convert(Tensor y, Tensor x) {
    elementwise.convert(y, x);
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
    HostIndices.requireBelow("embed", tokenIds, word.rows());
    HostIndices.requireBelow("embed", positionIds, position.rows());
    embedding.forward(
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
    HostIndices.requireSegments("embedBackward", words, dWord.rows());
    HostIndices.requireSegments("embedBackward", positions, dPosition.rows());
    embedding.backward(
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
    gemm.gemm(spec, 1, c, a, b);
  }

  @Override
  public void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    gemm.gemm(spec, batch, c, a, b);
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
    HostIndices.requireSequences("attention", cuSeqlens, keyLengths, context.rows(), maxSeqlen);
    attention.attention(
        context, logSumExp, qkv, bias, cuSeqlens, keyLengths, heads, dropout, layer);
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
    HostIndices.requireSequences(
        "attentionBackward", cuSeqlens, keyLengths, context.rows(), maxSeqlen);
    attentionBackward.attentionBackward(
        dQkv,
        dBias,
        dContext,
        context,
        logSumExp,
        qkv,
        cuSeqlens,
        keyLengths,
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
    residualLayerNorm.forward(
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
    residualLayerNorm.backward(
        dResidual, dX, dGamma, dBeta, dBias, dY, z, mean, rstd, gamma, dropout, site);
  }

  @Override
  public void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    layerNorm.forward(y, mean, rstd, x, gamma, beta, epsilon);
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
    layerNorm.backward(dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
  }

  @Override
  public void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    biasGelu.forward(y, x, bias, form);
  }

  @Override
  public void biasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    biasGelu.backward(dX, dBias, dY, x, bias, form);
  }

  @Override
  public void biasGradient(Tensor dBias, Tensor dY) {
    biasGradient.run(dBias, dY);
  }

  @Override
  public void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    HostIndices.requireLeadingSequences("pool", cuSeqlens, keyLengths, x.rows());
    this.pooling.forward(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    HostIndices.requireLeadingSequences("poolBackward", cuSeqlens, keyLengths, dX.rows());
    this.pooling.backward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Tensor rows) {
    HostIndices.requireBelow("gatherRows", rows, x.rows());
    rowSelection.gather(y, x, rows);
  }

  @Override
  public void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    HostIndices.requireBelow("scatterRows", rows, dX.rows());
    rowSelection.scatter(dX, dY, rows);
  }

  @Override
  public void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    normalizeRows.forward(u, norm, h);
  }

  @Override
  public void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    normalizeRows.backward(dH, dU, u, norm);
  }

  @Override
  public void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    contrastiveLoss.contrastiveLoss(loss, similarities, groups, temperature);
  }

  @Override
  public void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    HostIndices.requireBelow("softmaxCrossEntropy", labels, logits.columns());
    crossEntropy.softmaxCrossEntropy(loss, logits, bias, labels, gradientScale);
  }

  @Override
  public void adamW(
      Tensor parameters,
      Tensor stored,
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
    adamW.run(
        parameters,
        stored,
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
    elementwise.sumOfSquares(result, x);
  }

  @Override
  public void anyNonFinite(Tensor result, Tensor x) {
    elementwise.anyNonFinite(result, x);
  }

  @Override
  public void scale(Tensor x, float factor) {
    elementwise.scale(x, factor);
  }
}

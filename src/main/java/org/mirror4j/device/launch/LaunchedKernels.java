package org.mirror4j.device.launch;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.RowSegments;
import org.mirror4j.tensor.Tensor;

/** The instruction set by launches of the kernels and a library of matrix products. */
final class LaunchedKernels implements Kernels {
  private final MatrixProducts products;
  private final LaunchedEmbedding embedding;
  private final LaunchedLayerNorm layerNorm;
  private final LaunchedColumnSums columnSums;
  private final LaunchedAttention attention;
  private final LaunchedActivation activation;
  private final LaunchedPooling pooling;
  private final LaunchedRowNorm rowNorm;
  private final LaunchedLosses losses;
  private final LaunchedOptimizer optimizer;
  private final LaunchedElementwise elementwise;

  LaunchedKernels(KernelLauncher launcher, LaunchScratch scratch, DropoutStep dropoutStep) {
    products = launcher.driver().matrixProducts();
    embedding = new LaunchedEmbedding(launcher, scratch, dropoutStep);
    layerNorm = new LaunchedLayerNorm(launcher, scratch, dropoutStep);
    columnSums = new LaunchedColumnSums(launcher, scratch);
    attention = new LaunchedAttention(launcher, scratch, dropoutStep);
    activation = new LaunchedActivation(launcher, scratch);
    elementwise = new LaunchedElementwise(launcher, scratch);
    pooling = new LaunchedPooling(launcher, elementwise);
    rowNorm = new LaunchedRowNorm(launcher);
    losses = new LaunchedLosses(launcher);
    optimizer = new LaunchedOptimizer(launcher);
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
    embedding.embed(
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
    embedding.embedBackward(
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
    if (c.size() > 0) {
      products.multiply(spec, 1, c, a, b);
    }
  }

  @Override
  public void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    if (c.size() > 0) {
      products.multiply(spec, batch, c, a, b);
    }
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
    attention.attention(
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
    attention.attentionBackward(
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
    layerNorm.residualLayerNorm(
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
    layerNorm.residualLayerNormBackward(
        dResidual, dX, dGamma, dBeta, dBias, dY, z, mean, rstd, gamma, dropout, site);
  }

  @Override
  public void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    layerNorm.layerNorm(y, mean, rstd, x, gamma, beta, epsilon);
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
    layerNorm.layerNormBackward(dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
  }

  @Override
  public void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    activation.biasGelu(y, x, bias, form);
  }

  @Override
  public void biasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    activation.biasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  @Override
  public void biasGradient(Tensor dBias, Tensor dY) {
    columnSums.biasGradient(dBias, dY);
  }

  @Override
  public void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    this.pooling.pool(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    this.pooling.poolBackward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Tensor rows) {
    pooling.gatherRows(y, x, rows);
  }

  @Override
  public void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    pooling.scatterRows(dX, dY, rows);
  }

  @Override
  public void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    rowNorm.normalizeRows(u, norm, h);
  }

  @Override
  public void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    rowNorm.normalizeRowsBackward(dH, dU, u, norm);
  }

  @Override
  public void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    losses.contrastiveLoss(loss, similarities, groups, temperature);
  }

  @Override
  public void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    losses.softmaxCrossEntropy(loss, logits, bias, labels, gradientScale);
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
    optimizer.adamW(
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
  public void convert(Tensor y, Tensor x) {
    elementwise.convert(y, x);
  }

  @Override
  public void scale(Tensor x, float factor) {
    elementwise.scale(x, factor);
  }
}

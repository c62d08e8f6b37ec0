package org.mirror4j.support;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.RowSegments;
import org.mirror4j.tensor.Tensor;

/** Kernels that do nothing, so that what is left of a step is what calls them. */
public final class IdleKernels implements Kernels {
  @Override
  public void fill(Tensor x, float value) {}

  @Override
  public void copy(Tensor y, Tensor x) {}

  @Override
  public void convert(Tensor y, Tensor x) {}

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
      Dropout dropout) {}

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
      Dropout dropout) {}

  @Override
  public void gemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {}

  @Override
  public void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {}

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
      int layer) {}

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
      int layer) {}

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
      int site) {}

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
      int site) {}

  @Override
  public void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {}

  @Override
  public void layerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {}

  @Override
  public void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {}

  @Override
  public void biasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {}

  @Override
  public void biasGradient(Tensor dBias, Tensor dY) {}

  @Override
  public void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {}

  @Override
  public void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {}

  @Override
  public void gatherRows(Tensor y, Tensor x, Tensor rows) {}

  @Override
  public void scatterRows(Tensor dX, Tensor dY, Tensor rows) {}

  @Override
  public void normalizeRows(Tensor u, Tensor norm, Tensor h) {}

  @Override
  public void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {}

  @Override
  public void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {}

  @Override
  public void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {}

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
      float gradientScale) {}

  @Override
  public void sumOfSquares(Tensor result, Tensor x) {}

  @Override
  public void anyNonFinite(Tensor result, Tensor x) {}

  @Override
  public void scale(Tensor x, float factor) {}
}

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

  HostKernels(HostThreads threads, MatrixLibrary library, HostMemory memory) {
    Multiplier[] multipliers = new Multiplier[threads.size()];
    HostScratch[] scratch = new HostScratch[threads.size()];
    for (int i = 0; i < multipliers.length; i++) {
      multipliers[i] = library.multiplier();
      scratch[i] = new HostScratch(memory);
    }
    gemm = new HostGemm(threads, multipliers, scratch);
    attention = new HostAttention(threads, multipliers, scratch);
    attentionBackward =
        new HostAttentionBackward(threads, multipliers, scratch, new HostScratch(memory));
  }

  @Override
  public void fill(Tensor x, float value) {
    throw new UnsupportedOperationException("fill");
  }

  @Override
  public void copy(Tensor y, Tensor x) {
    throw new UnsupportedOperationException("copy");
  }

  @Override
  public void embed(Tensor y, Tensor z, Tensor mean, Tensor rstd, Tensor tokenIds, Tensor positionIds, Tensor word, Tensor position, Tensor tokenType, Tensor gamma, Tensor beta, float epsilon, Dropout dropout) {
    throw new UnsupportedOperationException("embed");
  }

  @Override
  public void embedBackward(Tensor dWord, Tensor dPosition, Tensor dTokenType, Tensor dGamma, Tensor dBeta, Tensor dY, Tensor z, Tensor mean, Tensor rstd, Tensor gamma, RowSegments words, RowSegments positions, Dropout dropout) {
    throw new UnsupportedOperationException("embedBackward");
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
  public void attention(Tensor context, Tensor logSumExp, Tensor qkv, Tensor bias, Tensor cuSeqlens, Tensor keyLengths, int maxSeqlen, int heads, Dropout dropout, int layer) {
    attention.attention(context, logSumExp, qkv, bias, cuSeqlens, keyLengths, maxSeqlen, heads, dropout, layer);
  }

  @Override
  public void attentionBackward(Tensor dQkv, Tensor dBias, Tensor dContext, Tensor context, Tensor logSumExp, Tensor qkv, Tensor cuSeqlens, Tensor keyLengths, int maxSeqlen, int heads, Dropout dropout, int layer) {
    attentionBackward.attentionBackward(dQkv, dBias, dContext, context, logSumExp, qkv, cuSeqlens, keyLengths, maxSeqlen, heads, dropout, layer);
  }

  @Override
  public void residualLayerNorm(Tensor y, Tensor z, Tensor mean, Tensor rstd, Tensor residual, Tensor bias, Tensor gamma, Tensor beta, float epsilon, Dropout dropout, int site) {
    throw new UnsupportedOperationException("residualLayerNorm");
  }

  @Override
  public void residualLayerNormBackward(Tensor dResidual, Tensor dX, Tensor dGamma, Tensor dBeta, Tensor dBias, Tensor dY, Tensor z, Tensor mean, Tensor rstd, Tensor gamma, Dropout dropout, int site) {
    throw new UnsupportedOperationException("residualLayerNormBackward");
  }

  @Override
  public void layerNorm(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    throw new UnsupportedOperationException("layerNorm");
  }

  @Override
  public void layerNormBackward(Tensor dX, Tensor dGamma, Tensor dBeta, Tensor dY, Tensor x, Tensor mean, Tensor rstd, Tensor gamma) {
    throw new UnsupportedOperationException("layerNormBackward");
  }

  @Override
  public void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    throw new UnsupportedOperationException("biasGelu");
  }

  @Override
  public void biasGeluBackward(Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    throw new UnsupportedOperationException("biasGeluBackward");
  }

  @Override
  public void biasGradient(Tensor dBias, Tensor dY) {
    throw new UnsupportedOperationException("biasGradient");
  }

  @Override
  public void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    throw new UnsupportedOperationException("pool");
  }

  @Override
  public void poolBackward(Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    throw new UnsupportedOperationException("poolBackward");
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Tensor rows) {
    throw new UnsupportedOperationException("gatherRows");
  }

  @Override
  public void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    throw new UnsupportedOperationException("scatterRows");
  }

  @Override
  public void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    throw new UnsupportedOperationException("normalizeRows");
  }

  @Override
  public void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    throw new UnsupportedOperationException("normalizeRowsBackward");
  }

  @Override
  public void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    throw new UnsupportedOperationException("contrastiveLoss");
  }

  @Override
  public void softmaxCrossEntropy(Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    throw new UnsupportedOperationException("softmaxCrossEntropy");
  }

  @Override
  public void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, float learningRate, float beta1, float beta2, float epsilon, float weightDecay, int step, float gradientScale) {
    throw new UnsupportedOperationException("adamW");
  }

  @Override
  public void sumOfSquares(Tensor result, Tensor x) {
    throw new UnsupportedOperationException("sumOfSquares");
  }

  @Override
  public void anyNonFinite(Tensor result, Tensor x) {
    throw new UnsupportedOperationException("anyNonFinite");
  }

  @Override
  public void scale(Tensor x, float factor) {
    throw new UnsupportedOperationException("scale");
  }
}

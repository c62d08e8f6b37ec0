package org.mirror4j.support;

import org.mirror4j.device.operation.Activation;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Loss;
import org.mirror4j.device.operation.Memory;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.device.operation.Pooling;
import org.mirror4j.device.operation.Product;
import org.mirror4j.device.operation.Row;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * Kernels that check their operands and then only tell of the call; or, where nobody is to be told,
 * do nothing and take no memory, so that what is left of a step is what calls them.
 */
public final class ToldKernels {
  /** Is told of calls. */
  @FunctionalInterface
  public interface Listener {
    /** Of an operation whose operands fit. */
    void call(String operation, Object... arguments);
  }

  private ToldKernels() {}

  /**
   * The kernels.
   *
   * @param listener null for nobody
   */
  public static Kernels of(OperandCheck check, Listener listener) {
    return new Kernels(
        new ToldMemory(check, listener),
        new ToldEmbedding(check, listener),
        new ToldProduct(check, listener),
        new ToldAttention(check, listener),
        new ToldNorm(check, listener),
        new ToldActivation(check, listener),
        new ToldRow(check, listener),
        new ToldLoss(check, listener),
        new ToldOptimizer(check, listener));
  }

  private static final class ToldMemory extends Memory {
    private final Listener listener;

    ToldMemory(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeFill(Tensor x, float value) {
      if (listener != null) {
        listener.call("fill", x, value);
      }
    }

    @Override
    protected void computeCopy(Tensor y, Tensor x) {
      if (listener != null) {
        listener.call("copy", y, x);
      }
    }

    @Override
    protected void computeConvert(Tensor y, Tensor x) {
      if (listener != null) {
        listener.call("convert", y, x);
      }
    }
  }

  private static final class ToldEmbedding extends Embedding {
    private final Listener listener;

    ToldEmbedding(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeEmbed(
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
      if (listener != null) {
        listener.call(
            "embed",
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
    }

    @Override
    protected void computeEmbedBackward(
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
      if (listener != null) {
        listener.call(
            "embedBackward",
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
    }
  }

  private static final class ToldProduct extends Product {
    private final Listener listener;

    ToldProduct(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeGemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
      if (listener != null) {
        listener.call("gemm", spec, c, a, b);
      }
    }

    @Override
    protected void computeGemmStridedBatched(
        GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
      if (listener != null) {
        listener.call("gemmStridedBatched", spec, batch, c, a, b);
      }
    }
  }

  private static final class ToldAttention extends Attention {
    private final Listener listener;

    ToldAttention(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeAttention(
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
      if (listener != null) {
        listener.call(
            "attention",
            context,
            logSumExp,
            qkv,
            bias,
            cuSeqlens,
            keyLengths,
            maxSeqlen,
            heads,
            dropout,
            layer);
      }
    }

    @Override
    protected void computeAttentionBackward(
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
      if (listener != null) {
        listener.call(
            "attentionBackward",
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
    }
  }

  private static final class ToldNorm extends Norm {
    private final Listener listener;

    ToldNorm(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeResidualLayerNorm(
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
      if (listener != null) {
        listener.call(
            "residualLayerNorm",
            y,
            z,
            mean,
            rstd,
            residual,
            bias,
            gamma,
            beta,
            epsilon,
            dropout,
            site);
      }
    }

    @Override
    protected void computeResidualLayerNormBackward(
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
      if (listener != null) {
        listener.call(
            "residualLayerNormBackward",
            dResidual,
            dX,
            dGamma,
            dBeta,
            dBias,
            dY,
            z,
            mean,
            rstd,
            gamma,
            dropout,
            site);
      }
    }

    @Override
    protected void computeLayerNorm(
        Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
      if (listener != null) {
        listener.call("layerNorm", y, mean, rstd, x, gamma, beta, epsilon);
      }
    }

    @Override
    protected void computeLayerNormBackward(
        Tensor dX,
        Tensor dGamma,
        Tensor dBeta,
        Tensor dY,
        Tensor x,
        Tensor mean,
        Tensor rstd,
        Tensor gamma) {
      if (listener != null) {
        listener.call("layerNormBackward", dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
      }
    }
  }

  private static final class ToldActivation extends Activation {
    private final Listener listener;

    ToldActivation(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeBiasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
      if (listener != null) {
        listener.call("biasGelu", y, x, bias, form);
      }
    }

    @Override
    protected void computeBiasGeluBackward(
        Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
      if (listener != null) {
        listener.call("biasGeluBackward", dX, dBias, dY, x, bias, form);
      }
    }

    @Override
    protected void computeBiasGradient(Tensor dBias, Tensor dY) {
      if (listener != null) {
        listener.call("biasGradient", dBias, dY);
      }
    }
  }

  private static final class ToldRow extends Row {
    private final Listener listener;

    ToldRow(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computePool(
        Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
      if (listener != null) {
        listener.call("pool", pooled, x, cuSeqlens, keyLengths, pooling);
      }
    }

    @Override
    protected void computePoolBackward(
        Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
      if (listener != null) {
        listener.call("poolBackward", dX, dPooled, cuSeqlens, keyLengths, pooling);
      }
    }

    @Override
    protected void computeGatherRows(Tensor y, Tensor x, Tensor rows) {
      if (listener != null) {
        listener.call("gatherRows", y, x, rows);
      }
    }

    @Override
    protected void computeScatterRows(Tensor dX, Tensor dY, Tensor rows) {
      if (listener != null) {
        listener.call("scatterRows", dX, dY, rows);
      }
    }

    @Override
    protected void computeNormalizeRows(Tensor u, Tensor norm, Tensor h) {
      if (listener != null) {
        listener.call("normalizeRows", u, norm, h);
      }
    }

    @Override
    protected void computeNormalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
      if (listener != null) {
        listener.call("normalizeRowsBackward", dH, dU, u, norm);
      }
    }
  }

  private static final class ToldLoss extends Loss {
    private final Listener listener;

    ToldLoss(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeContrastiveLoss(
        Tensor loss, Tensor similarities, Tensor groups, float temperature) {
      if (listener != null) {
        listener.call("contrastiveLoss", loss, similarities, groups, temperature);
      }
    }

    @Override
    protected void computeSoftmaxCrossEntropy(
        Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
      if (listener != null) {
        listener.call("softmaxCrossEntropy", loss, logits, bias, labels, gradientScale);
      }
    }
  }

  private static final class ToldOptimizer extends Optimizer {
    private final Listener listener;

    ToldOptimizer(OperandCheck check, Listener listener) {
      super(check);
      this.listener = listener;
    }

    @Override
    protected void computeAdamW(
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
      if (listener != null) {
        listener.call(
            "adamW",
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
    }

    @Override
    protected void computeSumOfSquares(Tensor result, Tensor x) {
      if (listener != null) {
        listener.call("sumOfSquares", result, x);
      }
    }

    @Override
    protected void computeAnyNonFinite(Tensor result, Tensor x) {
      if (listener != null) {
        listener.call("anyNonFinite", result, x);
      }
    }

    @Override
    protected void computeScale(Tensor x, float factor) {
      if (listener != null) {
        listener.call("scale", x, factor);
      }
    }
  }
}

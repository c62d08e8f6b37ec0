package org.mirror4j.device.operation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.mirror4j.tensor.Tensor;

/**
 * Kernels that check their operands and then leave the operation to whoever listens: to compare it,
 * to do it another way, to count it. Where nobody listens they do nothing and take no memory, so
 * that what is left of a step is what calls them.
 */
public final class InterceptedKernels {
  /** Does operations, or not. */
  @FunctionalInterface
  public interface Listener {
    /**
     * An operation is asked for, and its operands fit.
     *
     * @param operation name of the family's method
     * @param arguments its arguments in their order
     */
    void call(String operation, Object... arguments);
  }

  private record Operation(Method family, Method method) {}

  private static final Map<String, Operation> OPERATIONS = new HashMap<>();

  static {
    for (RecordComponent family : Kernels.class.getRecordComponents()) {
      for (Method method : family.getType().getMethods()) {
        if (method.getDeclaringClass() == family.getType()) {
          OPERATIONS.put(method.getName(), new Operation(family.getAccessor(), method));
        }
      }
    }
  }

  /** Null for nobody: a call has its arguments in an array, which would be memory. */
  private final Listener listener;

  private InterceptedKernels(Listener listener) {
    this.listener = listener;
  }

  /** Does an operation that was intercepted, on the kernels of some device. */
  public static void run(Kernels kernels, String operation, Object... arguments) {
    Operation asked = OPERATIONS.get(operation);
    try {
      asked.method.invoke(asked.family.invoke(kernels), arguments);
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException refused -> throw refused;
        case Error failed -> throw failed;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("operations are public", e);
    }
  }

  /** An argument of an operation with other tensors, those inside of records too. */
  public static Object withTensors(Object argument, UnaryOperator<Tensor> other) {
    return switch (argument) {
      case Tensor tensor -> other.apply(tensor);
      case Record operands -> withTensors(operands, other);
      case null -> null;
      default -> argument;
    };
  }

  private static Object withTensors(Record operands, UnaryOperator<Tensor> other) {
    try {
      RecordComponent[] components = operands.getClass().getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        values[i] = withTensors(components[i].getAccessor().invoke(operands), other);
      }
      return operands.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("operands are public records", e);
    }
  }

  /**
   * The kernels.
   *
   * @param listener null for nobody
   */
  public static Kernels of(OperandCheck check, Listener listener) {
    InterceptedKernels kernels = new InterceptedKernels(listener);
    return new Kernels(
        kernels.new InterceptedMemory(check),
        kernels.new InterceptedEmbedding(check),
        kernels.new InterceptedProduct(check),
        kernels.new InterceptedAttention(check),
        kernels.new InterceptedNorm(check),
        kernels.new InterceptedActivation(check),
        kernels.new InterceptedRow(check),
        kernels.new InterceptedLoss(check),
        kernels.new InterceptedOptimizer(check),
        kernels.new InterceptedFlow(check));
  }

  private final class InterceptedMemory extends Memory {
    InterceptedMemory(OperandCheck check) {
      super(check);
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

    @Override
    protected void computeAdd(Tensor y, Tensor x) {
      if (listener != null) {
        listener.call("add", y, x);
      }
    }
  }

  private final class InterceptedEmbedding extends Embedding {
    InterceptedEmbedding(OperandCheck check) {
      super(check);
    }

    @Override
    protected void computeEmbed(Forward operands, Dropout dropout) {
      if (listener != null) {
        listener.call("embed", operands, dropout);
      }
    }

    @Override
    protected void computeEmbedBackward(Backward operands, Dropout dropout) {
      if (listener != null) {
        listener.call("embedBackward", operands, dropout);
      }
    }
  }

  private final class InterceptedProduct extends Product {
    InterceptedProduct(OperandCheck check) {
      super(check);
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

  private final class InterceptedAttention extends Attention {
    InterceptedAttention(OperandCheck check) {
      super(check);
    }

    @Override
    protected void computeAttention(Forward operands, int maxSeqlen, Dropout dropout) {
      if (listener != null) {
        listener.call("attention", operands, maxSeqlen, dropout);
      }
    }

    @Override
    protected void computeAttentionBackward(Backward operands, int maxSeqlen, Dropout dropout) {
      if (listener != null) {
        listener.call("attentionBackward", operands, maxSeqlen, dropout);
      }
    }
  }

  private final class InterceptedNorm extends Norm {
    InterceptedNorm(OperandCheck check) {
      super(check);
    }

    @Override
    protected void computeResidualLayerNorm(ResidualLayerNorm operands, Dropout dropout) {
      if (listener != null) {
        listener.call("residualLayerNorm", operands, dropout);
      }
    }

    @Override
    protected void computeResidualLayerNormBackward(
        ResidualLayerNormBackward operands, Dropout dropout) {
      if (listener != null) {
        listener.call("residualLayerNormBackward", operands, dropout);
      }
    }

    @Override
    protected void computeLayerNorm(LayerNorm operands) {
      if (listener != null) {
        listener.call("layerNorm", operands);
      }
    }

    @Override
    protected void computeLayerNormBackward(LayerNormBackward operands) {
      if (listener != null) {
        listener.call("layerNormBackward", operands);
      }
    }
  }

  private final class InterceptedActivation extends Activation {
    InterceptedActivation(OperandCheck check) {
      super(check);
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
    protected void computeBiasRelu(Tensor y, Tensor x, Tensor bias) {
      if (listener != null) {
        listener.call("biasRelu", y, x, bias);
      }
    }

    @Override
    protected void computeBiasReluBackward(
        Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
      if (listener != null) {
        listener.call("biasReluBackward", dX, dBias, dY, x, bias);
      }
    }

    @Override
    protected void computeTanh(Tensor y, Tensor x) {
      if (listener != null) {
        listener.call("tanh", y, x);
      }
    }

    @Override
    protected void computeTanhBackward(Tensor dX, Tensor dY, Tensor y) {
      if (listener != null) {
        listener.call("tanhBackward", dX, dY, y);
      }
    }

    @Override
    protected void computeDropout(Tensor y, Tensor x, Dropout dropout, int site) {
      if (listener != null) {
        listener.call("dropout", y, x, dropout, site);
      }
    }

    @Override
    protected void computeGate(Gate operands) {
      if (listener != null) {
        listener.call("gate", operands);
      }
    }

    @Override
    protected void computeGateBackward(GateBackward operands) {
      if (listener != null) {
        listener.call("gateBackward", operands);
      }
    }

    @Override
    protected void computeBiasGradient(Tensor dBias, Tensor dY) {
      if (listener != null) {
        listener.call("biasGradient", dBias, dY);
      }
    }
  }

  private final class InterceptedRow extends Row {
    InterceptedRow(OperandCheck check) {
      super(check);
    }

    @Override
    protected void computePool(
        Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
      if (listener != null) {
        listener.call("pool", pooled, x, cuSeqlens, keyLengths, pooling);
      }
    }

    @Override
    protected void computePoolBackward(
        Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
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
    protected void computeAddRows(Tensor table, Tensor x, RowSegments segments) {
      if (listener != null) {
        listener.call("addRows", table, x, segments);
      }
    }

    @Override
    protected void computeMultiplyRows(Tensor y, Tensor x, Tensor first, Tensor second) {
      if (listener != null) {
        listener.call("multiplyRows", y, x, first, second);
      }
    }

    @Override
    protected void computeAddRowProducts(
        Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments) {
      if (listener != null) {
        listener.call("addRowProducts", table, x, factors, partners, segments);
      }
    }

    @Override
    protected void computeWeightedSpanSum(WeightedSpans operands) {
      if (listener != null) {
        listener.call("weightedSpanSum", operands);
      }
    }

    @Override
    protected void computeWeightedSpanSumBackward(WeightedSpansBackward operands) {
      if (listener != null) {
        listener.call("weightedSpanSumBackward", operands);
      }
    }

    @Override
    protected void computeCopyColumns(Tensor y, int to, Tensor x, int from, int columns) {
      if (listener != null) {
        listener.call("copyColumns", y, to, x, from, columns);
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

  private final class InterceptedLoss extends Loss {
    InterceptedLoss(OperandCheck check) {
      super(check);
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
        Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale) {
      if (listener != null) {
        listener.call("softmaxCrossEntropy", loss, logits, bias, labels, gradientScale);
      }
    }

    @Override
    protected void computeSegmentCrossEntropy(
        Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale) {
      if (listener != null) {
        listener.call("segmentCrossEntropy", loss, logits, cuSeqlens, labels, gradientScale);
      }
    }

    @Override
    protected void computeMarginalCrossEntropy(
        Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale) {
      if (listener != null) {
        listener.call("marginalCrossEntropy", loss, logits, cuSeqlens, marks, gradientScale);
      }
    }

    @Override
    protected void computeSquaredError(
        Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale) {
      if (listener != null) {
        listener.call("squaredError", loss, x, bias, targets, weights, gradientScale);
      }
    }
  }

  private final class InterceptedOptimizer extends Optimizer {
    InterceptedOptimizer(OperandCheck check) {
      super(check);
    }

    @Override
    protected void computeAdamW(
        AdamW operands, float gradientScale, float decay, float stepSize, float inverseRoot) {
      if (listener != null) {
        listener.call("adamW", operands, gradientScale, decay, stepSize, inverseRoot);
      }
    }

    @Override
    protected void computeAdamWRows(
        AdamW operands,
        Tensor rows,
        float gradientScale,
        float decay,
        float stepSize,
        float inverseRoot) {
      if (listener != null) {
        listener.call("adamWRows", operands, rows, gradientScale, decay, stepSize, inverseRoot);
      }
    }

    @Override
    protected void computeScaleRows(
        Tensor x, Tensor stored, Tensor rows, int from, Tensor factors) {
      if (listener != null) {
        listener.call("scaleRows", x, stored, rows, from, factors);
      }
    }

    @Override
    protected void computeSumOfSquares(Tensor result, Tensor x) {
      if (listener != null) {
        listener.call("sumOfSquares", result, x);
      }
    }

    @Override
    protected void computeScale(Tensor x, float factor) {
      if (listener != null) {
        listener.call("scale", x, factor);
      }
    }
  }

  private final class InterceptedFlow extends Flow {
    InterceptedFlow(OperandCheck check) {
      super(check);
    }

    @Override
    protected void computeActNorm(Columns y, Columns x, Tensor order, ActNorm parameters) {
      if (listener != null) {
        listener.call("actNorm", y, x, order, parameters);
      }
    }

    @Override
    protected void computeActNormInverse(Columns x, Columns y, Tensor order, ActNorm parameters) {
      if (listener != null) {
        listener.call("actNormInverse", x, y, order, parameters);
      }
    }

    @Override
    protected void computeActNormBackward(
        Columns dX,
        ActNorm gradient,
        Columns dY,
        Columns y,
        Tensor order,
        ActNorm parameters,
        float dLogDeterminant) {
      if (listener != null) {
        listener.call("actNormBackward", dX, gradient, dY, y, order, parameters, dLogDeterminant);
      }
    }

    @Override
    protected void computeActNormRelu(Tensor y, Tensor x, ActNorm parameters) {
      if (listener != null) {
        listener.call("actNormRelu", y, x, parameters);
      }
    }

    @Override
    protected void computeActNormReluBackward(
        Tensor dX, ActNorm gradient, Tensor dY, Tensor y, ActNorm parameters) {
      if (listener != null) {
        listener.call("actNormReluBackward", dX, gradient, dY, y, parameters);
      }
    }

    @Override
    protected void computeAdditiveCoupling(
        Tensor y, Tensor x, Tensor shift, ActNorm parameters, int sign) {
      if (listener != null) {
        listener.call(
            sign > 0 ? "additiveCoupling" : "additiveCouplingInverse", y, x, shift, parameters);
      }
    }

    @Override
    protected void computeAdditiveCouplingBackward(
        Tensor dShift, ActNorm gradient, Tensor dY, Tensor shift, ActNorm parameters) {
      if (listener != null) {
        listener.call("additiveCouplingBackward", dShift, gradient, dY, shift, parameters);
      }
    }

    @Override
    protected void computeAffineCoupling(
        Tensor y, Tensor logDeterminant, Tensor x, Tensor net, ActNorm parameters) {
      if (listener != null) {
        listener.call("affineCoupling", y, logDeterminant, x, net, parameters);
      }
    }

    @Override
    protected void computeAffineCouplingInverse(
        Tensor x, Tensor y, Tensor net, ActNorm parameters) {
      if (listener != null) {
        listener.call("affineCouplingInverse", x, y, net, parameters);
      }
    }

    @Override
    protected void computeAffineCouplingBackward(
        Tensor dX,
        Tensor dNet,
        ActNorm gradient,
        Tensor dY,
        Tensor x,
        Tensor net,
        ActNorm parameters,
        float dLogDeterminant) {
      if (listener != null) {
        listener.call(
            "affineCouplingBackward", dX, dNet, gradient, dY, x, net, parameters, dLogDeterminant);
      }
    }

    @Override
    protected void computeTriangularFactors(
        Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign) {
      if (listener != null) {
        listener.call("triangularFactors", lower, upper, factors, logScale, sign);
      }
    }

    @Override
    protected void computeTriangularFactorsBackward(
        Tensor dFactors,
        Tensor dLogScale,
        Tensor dLower,
        Tensor dUpper,
        Tensor upper,
        float dLogDeterminant) {
      if (listener != null) {
        listener.call(
            "triangularFactorsBackward",
            dFactors,
            dLogScale,
            dLower,
            dUpper,
            upper,
            dLogDeterminant);
      }
    }
  }
}

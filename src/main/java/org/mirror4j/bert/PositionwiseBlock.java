package org.mirror4j.bert;

import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.gain;
import static org.mirror4j.tensor.Parameter.weight;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNormBackward;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The second part of an encoder layer, forward and backward: what takes each row by itself, so that
 * it can be had for some of the rows. With x the layer's input and context that of its attention:
 *
 * <pre>
 *   y = LayerNorm(x + dropout(context Wo^T + bo))
 *   output = LayerNorm(y + dropout(gelu(y W1^T + b1) W2^T + b2))
 * </pre>
 */
final class PositionwiseBlock {
  private final Kernels kernels;
  private final BertConfig config;
  private final Parameters parameters;
  private final Parameters stored;
  private final LayerProducts products;
  private final Parameters gradients;
  private final Activations activations;
  private final ResidualLayerNorm attention;
  private final ResidualLayerNorm output;
  private final Gradients d;
  private final ResidualLayerNormBackward attentionGradient;
  private final ResidualLayerNormBackward outputGradient;

  /**
   * Weights are [outFeatures, inFeatures].
   *
   * @param attentionWeight [hidden, hidden], output projection of the attention
   * @param intermediateWeight [intermediate, hidden]
   * @param outputWeight [hidden, intermediate]
   */
  record Parameters(
      Tensor attentionWeight,
      Tensor attentionBias,
      Tensor attentionGamma,
      Tensor attentionBeta,
      Tensor intermediateWeight,
      Tensor intermediateBias,
      Tensor outputWeight,
      Tensor outputBias,
      Tensor outputGamma,
      Tensor outputBeta) {
    static Parameters of(ParameterScope scope, BertConfig config) {
      int hidden = config.hiddenSize();
      int intermediate = config.intermediateSize();
      float deviation = config.initializerRange();
      return new Parameters(
          scope.take(weight("attention.output.dense.weight", hidden, hidden, deviation)),
          scope.take(bias("attention.output.dense.bias", hidden)),
          scope.take(gain("attention.output.LayerNorm.weight", hidden)),
          scope.take(bias("attention.output.LayerNorm.bias", hidden)),
          scope.take(weight("intermediate.dense.weight", intermediate, hidden, deviation)),
          scope.take(bias("intermediate.dense.bias", intermediate)),
          scope.take(weight("output.dense.weight", hidden, intermediate, deviation)),
          scope.take(bias("output.dense.bias", hidden)),
          scope.take(gain("output.LayerNorm.weight", hidden)),
          scope.take(bias("output.LayerNorm.bias", hidden)));
    }
  }

  /**
   * What the forward pass leaves for the backward pass, in the storage type but for the statistics,
   * which are f32.
   *
   * @param attention LayerNorm after the attention
   * @param intermediate [rows, intermediate], before bias and activation
   * @param activated [rows, intermediate], after them
   * @param output LayerNorm after the feed-forward block; its y is the layer's output
   * @param recomputed whether {@code activated} and both y are computed again in the backward pass,
   *     as other layers overwrite them
   */
  record Activations(
      NormActivations attention,
      Tensor intermediate,
      Tensor activated,
      NormActivations output,
      boolean recomputed) {
    static Activations plan(
        Workspace workspace,
        BertConfig config,
        DType storage,
        String name,
        int rows,
        boolean recomputed) {
      Shape intermediate = Shape.of(rows, config.intermediateSize());
      return new Activations(
          NormActivations.plan(workspace, config, storage, name + ".attention", rows),
          workspace.tensor(name + ".intermediate", storage, intermediate),
          workspace.tensor(name + ".activated", storage, intermediate),
          NormActivations.plan(workspace, config, storage, name + ".output", rows),
          recomputed);
    }

    /** Those of a layer that shares what can be recomputed with another, of no fewer rows. */
    static Activations sharing(
        Workspace workspace, String name, Activations other, int rows, boolean recomputed) {
      Tensor activated = other.activated;
      Shape intermediate = Shape.of(rows, activated.columns());
      return new Activations(
          NormActivations.sharing(workspace, name + ".attention", other.attention, rows),
          workspace.tensor(name + ".intermediate", activated.dtype(), intermediate),
          activated.view(name + ".activated", 0, intermediate),
          NormActivations.sharing(workspace, name + ".output", other.output, rows),
          recomputed);
    }

    void rows(int rows) {
      attention.rows(rows);
      intermediate.rows(rows);
      activated.rows(rows);
      output.rows(rows);
    }
  }

  /**
   * Gradients of activations, in the storage type.
   *
   * @param dHidden [rows, hidden], of the output; after the backward pass of x as it is added to
   *     the context's projection
   * @param dContext [rows, hidden], of the context after the backward pass
   * @param dX [rows, hidden]
   * @param dIntermediate [rows, intermediate]
   */
  record Gradients(Tensor dHidden, Tensor dContext, Tensor dX, Tensor dIntermediate) {
    static Gradients plan(Workspace workspace, int hidden, Tensor dIntermediate) {
      Shape shape = Shape.of(dIntermediate.capacity(), hidden);
      DType storage = dIntermediate.dtype();
      return new Gradients(
          workspace.tensor("gradients.dHidden", storage, shape),
          workspace.tensor("gradients.dContext", storage, shape),
          workspace.tensor("gradients.dX", storage, shape),
          dIntermediate);
    }

    /** Those of a layer of fewer rows, whose result is not in memory of these. */
    Gradients selected(Workspace workspace, int rows) {
      Shape shape = Shape.of(rows, dHidden.columns());
      DType storage = dHidden.dtype();
      return new Gradients(
          workspace.tensor("selected.dHidden", storage, shape),
          workspace.tensor("selected.dContext", storage, shape),
          dX.view("selected.dX", 0, shape),
          dIntermediate.view("selected.dIntermediate", 0, Shape.of(rows, dIntermediate.columns())));
    }

    void rows(int rows) {
      dHidden.rows(rows);
      dContext.rows(rows);
      dX.rows(rows);
      dIntermediate.rows(rows);
    }
  }

  /**
   * The block of one layer.
   *
   * @param stored the parameters in the storage type, read by the backward pass
   * @param products of the layer
   * @param gradients written by the backward pass; null where there is none
   * @param activations overwritten by the forward pass
   * @param x [rows, hidden], the layer's input
   * @param d overwritten by the backward pass; null where there is none
   */
  PositionwiseBlock(
      Kernels kernels,
      BertConfig config,
      Parameters parameters,
      Parameters stored,
      LayerProducts products,
      Parameters gradients,
      int layer,
      Activations activations,
      Tensor x,
      Gradients d) {
    this.kernels = kernels;
    this.config = config;
    this.parameters = parameters;
    this.stored = stored;
    this.products = products;
    this.gradients = gradients;
    this.activations = activations;
    NormActivations first = activations.attention();
    NormActivations second = activations.output();
    Parameters p = parameters;
    float epsilon = config.layerNormEps();
    attention =
        new ResidualLayerNorm(
            first.norm(p.attentionGamma(), p.attentionBeta(), epsilon),
            x,
            p.attentionBias(),
            DropoutSite.ATTENTION_OUTPUT.in(layer));
    output =
        new ResidualLayerNorm(
            second.norm(p.outputGamma(), p.outputBeta(), epsilon),
            first.y(),
            p.outputBias(),
            DropoutSite.FEED_FORWARD_OUTPUT.in(layer));
    this.d = d;
    if (gradients == null) {
      attentionGradient = null;
      outputGradient = null;
    } else {
      Parameters g = gradients;
      // The buffer of the context's gradient holds that of the sum before it: it comes last.
      outputGradient =
          new ResidualLayerNormBackward(
              output,
              d.dContext(),
              d.dX(),
              d.dHidden(),
              g.outputGamma(),
              g.outputBeta(),
              g.outputBias());
      attentionGradient =
          new ResidualLayerNormBackward(
              attention,
              d.dHidden(),
              d.dX(),
              d.dContext(),
              g.attentionGamma(),
              g.attentionBeta(),
              g.attentionBias());
    }
  }

  /**
   * The layer's output [rows, hidden].
   *
   * @param context [rows, hidden]
   */
  Tensor forward(Tensor context, Dropout dropout) {
    Activations a = activations;
    a.rows(context.rows());
    products.attention().multiply(a.attention().z(), context);
    kernels.norm().residualLayerNorm(attention, dropout);
    products.intermediate().multiply(a.intermediate(), a.attention().y());
    kernels
        .activation()
        .biasGelu(
            a.activated(), a.intermediate(), parameters.intermediateBias(), config.geluForm());
    products.output().multiply(a.output().z(), a.activated());
    kernels.norm().residualLayerNorm(output, dropout);
    return a.output().y();
  }

  /**
   * The layer's output [rows, hidden] of the last forward pass, computed again where it is not
   * kept.
   */
  Tensor output() {
    if (activations.recomputed()) {
      kernels.norm().layerNorm(output.norm());
    }
    return output.norm().y();
  }

  /**
   * Writes the gradients of the weights, adds those of the vectors, and replaces the gradient of
   * the output by those of x and context.
   *
   * <p>The buffers of gradients have as many rows as the forward pass had.
   *
   * @param context as in the forward pass
   */
  void backward(Tensor context, Dropout dropout) {
    Activations a = activations;
    Tensor dY = d.dContext();
    kernels.norm().residualLayerNormBackward(outputGradient, dropout);
    if (a.recomputed()) {
      kernels
          .activation()
          .biasGelu(
              a.activated(), a.intermediate(), parameters.intermediateBias(), config.geluForm());
      kernels.norm().layerNorm(attention.norm());
    }
    kernels.product().gemm(GemmSpec.TN, gradients.outputWeight(), d.dX(), a.activated());
    kernels.product().gemm(GemmSpec.NN, d.dIntermediate(), d.dX(), stored.outputWeight());
    kernels
        .activation()
        .biasGeluBackward(
            d.dIntermediate(),
            gradients.intermediateBias(),
            d.dIntermediate(),
            a.intermediate(),
            parameters.intermediateBias(),
            config.geluForm());
    kernels
        .product()
        .gemm(GemmSpec.TN, gradients.intermediateWeight(), d.dIntermediate(), a.attention().y());
    kernels.product().gemm(GemmSpec.NN_ADD, dY, d.dIntermediate(), stored.intermediateWeight());

    kernels.norm().residualLayerNormBackward(attentionGradient, dropout);
    kernels.product().gemm(GemmSpec.TN, gradients.attentionWeight(), d.dX(), context);
    kernels.product().gemm(GemmSpec.NN, d.dContext(), d.dX(), stored.attentionWeight());
  }
}

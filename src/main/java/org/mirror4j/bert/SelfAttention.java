package org.mirror4j.bert;

import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.weight;

import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The first part of an encoder layer, forward and backward: what mixes the rows of a sequence.
 *
 * <pre>  context = attention(x Wqkv^T + bqkv)  </pre>
 */
final class SelfAttention {
  private final Kernels kernels;
  private final BatchTensors batch;
  private final Tensor weight;
  private final LayerProducts.Linear product;
  private final Parameters gradients;
  private final Activations activations;
  private final Attention.Forward operands;
  private final Attention.Backward gradientOperands;

  /**
   * Rows of query, then key, then value: one product computes all three.
   *
   * @param qkvWeight [3 hidden, hidden]
   * @param qkvBias [3 hidden]
   */
  record Parameters(Tensor qkvWeight, Tensor qkvBias) {
    static Parameters of(ParameterScope scope, BertConfig config) {
      int hidden = config.hiddenSize();
      float deviation = config.initializerRange();
      return new Parameters(
          scope.take(
              weight("query.weight", hidden, hidden, deviation),
              weight("key.weight", hidden, hidden, deviation),
              weight("value.weight", hidden, hidden, deviation)),
          scope.take(
              bias("query.bias", hidden), bias("key.bias", hidden), bias("value.bias", hidden)));
    }
  }

  /**
   * What the forward pass leaves for the backward pass, in the storage type but for the statistics,
   * which are f32.
   *
   * @param qkv [tokens, 3 hidden], with bias
   * @param context [tokens, hidden]
   * @param logSumExp [tokens, heads]
   */
  record Activations(Tensor qkv, Tensor context, Tensor logSumExp) {
    static Activations plan(
        Workspace workspace, BertConfig config, DType storage, String name, int tokens) {
      int hidden = config.hiddenSize();
      return new Activations(
          workspace.tensor(name + ".qkv", storage, Shape.of(tokens, 3 * hidden)),
          workspace.tensor(name + ".context", storage, Shape.of(tokens, hidden)),
          workspace.f32(name + ".logSumExp", tokens, config.numAttentionHeads()));
    }

    void rows(int tokens) {
      qkv.rows(tokens);
      context.rows(tokens);
      logSumExp.rows(tokens);
    }
  }

  /**
   * The attention of one layer.
   *
   * @param weight of the product, read by the backward pass
   * @param product of the input with it
   * @param gradients written by the backward pass; null where there is none
   * @param activations overwritten by the forward pass
   * @param dQkv [tokens, 3 hidden], overwritten by the backward pass; null where there is none
   * @param dContext [tokens, hidden], read by it
   */
  SelfAttention(
      Kernels kernels,
      BertConfig config,
      Parameters parameters,
      Tensor weight,
      LayerProducts.Linear product,
      Parameters gradients,
      int layer,
      BatchTensors batch,
      Activations activations,
      Tensor dQkv,
      Tensor dContext) {
    this.kernels = kernels;
    this.batch = batch;
    this.weight = weight;
    this.product = product;
    this.gradients = gradients;
    this.activations = activations;
    operands =
        new Attention.Forward(
            activations.context(),
            activations.logSumExp(),
            activations.qkv(),
            parameters.qkvBias(),
            batch.cuSeqlens(),
            batch.keyLengths(),
            config.numAttentionHeads(),
            layer);
    gradientOperands =
        gradients == null
            ? null
            : new Attention.Backward(operands, dQkv, gradients.qkvBias(), dContext);
  }

  /** The context [tokens, hidden] of the layer's input x. */
  Tensor forward(Tensor x, Dropout dropout) {
    activations.rows(batch.tokens());
    product.multiply(activations.qkv(), x);
    kernels.attention().attention(operands, batch.maxSeqlen(), dropout);
    return activations.context();
  }

  /** The context of the last forward pass. */
  Tensor context() {
    return activations.context();
  }

  /**
   * Writes the gradient of the weight and adds that of the bias.
   *
   * @param dX [tokens, hidden], added to: gradient of x
   */
  void backward(Tensor dX, Tensor x, Dropout dropout) {
    kernels.attention().attentionBackward(gradientOperands, batch.maxSeqlen(), dropout);
    Tensor dQkv = gradientOperands.dQkv();
    kernels.product().gemm(GemmSpec.TN, gradients.qkvWeight(), dQkv, x);
    kernels.product().gemm(GemmSpec.NN_ADD, dX, dQkv, weight);
  }
}

package org.mirror4j.bert;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.DropoutSite;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The encoder of BERT (Devlin et al. 2019) over packed sequences, forward and backward:
 *
 * <pre>
 *   x = dropout(LayerNorm(word + position + type))
 *   per layer:  y = LayerNorm(x + dropout(attention(x) Wo^T + bo))
 *               x = LayerNorm(y + dropout(gelu(y W1^T + b1) W2^T + b2))
 * </pre>
 *
 * Activations, their gradients and the weights of matrix products are of the model's storage type,
 * embeddings, biases and LayerNorm parameters f32, gradients of parameters f32.
 *
 * <p>All buffers are planned when the encoder is made. An encoder without gradients keeps the
 * activations of one layer only.
 */
public final class BertEncoder {
  private final BertConfig config;
  private final Kernels kernels;
  private final BertParameters parameters;
  private final BertParameters stored;
  private final BertParameters gradients;
  private final BatchTensors batch;
  private final LayerActivations.Norm embedding;
  private final List<LayerActivations> layers = new ArrayList<>();
  private final Backward scratch;
  private Dropout dropout = Dropout.NONE;

  /** Gradients of activations, shared by all layers. */
  private record Backward(
      Tensor dHidden, Tensor dResidual, Tensor dX, Tensor dIntermediate, Tensor dQkv) {
    static Backward plan(Workspace workspace, BertConfig config, DType storage, int tokens) {
      int hidden = config.hiddenSize();
      Shape shape = Shape.of(tokens, hidden);
      return new Backward(
          workspace.tensor("dHidden", storage, shape),
          workspace.tensor("dResidual", storage, shape),
          workspace.tensor("dX", storage, shape),
          workspace.tensor("dIntermediate", storage, Shape.of(tokens, config.intermediateSize())),
          workspace.tensor("dQkv", storage, Shape.of(tokens, 3 * hidden)));
    }

    void rows(int tokens) {
      dHidden.rows(tokens);
      dResidual.rows(tokens);
      dX.rows(tokens);
      dIntermediate.rows(tokens);
      dQkv.rows(tokens);
    }
  }

  /**
   * Plans an encoder.
   *
   * @param kernels null when {@code workspace} only counts
   * @param model read by both passes
   * @param gradients added to by the backward pass; null for an encoder that only goes forward
   * @param batch the input, filled before each forward pass
   * @param size the largest batch
   */
  public BertEncoder(
      Kernels kernels,
      Workspace workspace,
      BertModel model,
      BertParameters gradients,
      BatchTensors batch,
      BatchSize size) {
    config = model.config();
    this.kernels = kernels;
    parameters = model.parameters();
    stored = model.stored();
    this.gradients = gradients;
    this.batch = batch;
    int tokens = size.tokens();
    DType storage = model.storage();
    embedding =
        LayerActivations.Norm.plan(workspace, storage, "embeddings", tokens, config.hiddenSize());
    if (gradients == null) {
      layers.addAll(
          Collections.nCopies(
              config.numHiddenLayers(),
              LayerActivations.plan(workspace, config, storage, "layer", tokens)));
      scratch = null;
    } else {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        layers.add(LayerActivations.plan(workspace, config, storage, "layer" + layer, tokens));
      }
      scratch = Backward.plan(workspace, config, storage, tokens);
    }
  }

  /** The architecture. */
  public BertConfig config() {
    return config;
  }

  /**
   * Hidden states of the batch's tokens.
   *
   * @param dropout what to drop; {@link Dropout#NONE} for evaluation
   * @return [tokens, hidden] of the last layer, valid until the next call
   */
  public Tensor forward(Dropout dropout) {
    this.dropout = dropout;
    int tokens = batch.tokens();
    embedding.rows(tokens);
    kernels.embed(
        embedding.y(),
        embedding.z(),
        embedding.mean(),
        embedding.rstd(),
        batch.tokenIds(),
        batch.positionIds(),
        parameters.word(),
        parameters.position(),
        parameters.tokenType(),
        parameters.gamma(),
        parameters.beta(),
        config.layerNormEps(),
        dropout);
    Tensor hidden = embedding.y();
    for (int layer = 0; layer < layers.size(); layer++) {
      layers.get(layer).rows(tokens);
      hidden = forward(layer, hidden);
    }
    return hidden;
  }

  private Tensor forward(int layer, Tensor x) {
    LayerActivations a = layers.get(layer);
    BertParameters.Layer p = parameters.layers().get(layer);
    BertParameters.Layer w = stored.layers().get(layer);
    kernels.gemm(GemmSpec.NT, a.qkv(), x, w.qkvWeight());
    kernels.attention(
        a.context(),
        a.logSumExp(),
        a.qkv(),
        p.qkvBias(),
        batch.cuSeqlens(),
        batch.keyLengths(),
        batch.maxSeqlen(),
        config.numAttentionHeads(),
        dropout,
        layer);
    LayerActivations.Norm attention = a.attention();
    kernels.gemm(GemmSpec.NT, attention.z(), a.context(), w.attentionWeight());
    kernels.residualLayerNorm(
        attention.y(),
        attention.z(),
        attention.mean(),
        attention.rstd(),
        x,
        p.attentionBias(),
        p.attentionGamma(),
        p.attentionBeta(),
        config.layerNormEps(),
        dropout,
        DropoutSite.ATTENTION_OUTPUT.in(layer));
    kernels.gemm(GemmSpec.NT, a.intermediate(), attention.y(), w.intermediateWeight());
    kernels.biasGelu(a.activated(), a.intermediate(), p.intermediateBias(), config.geluForm());
    LayerActivations.Norm output = a.output();
    kernels.gemm(GemmSpec.NT, output.z(), a.activated(), w.outputWeight());
    kernels.residualLayerNorm(
        output.y(),
        output.z(),
        output.mean(),
        output.rstd(),
        attention.y(),
        p.outputBias(),
        p.outputGamma(),
        p.outputBeta(),
        config.layerNormEps(),
        dropout,
        DropoutSite.FEED_FORWARD_OUTPUT.in(layer));
    return output.y();
  }

  /**
   * The buffer that takes the gradient of {@link #forward}'s result before {@link #backward}.
   *
   * @return [tokens, hidden]
   */
  public Tensor hiddenGradient() {
    scratch.rows(batch.tokens());
    return scratch.dHidden();
  }

  /**
   * Adds the gradients of all parameters, given the gradient of the hidden states in {@link
   * #hiddenGradient}, which is destroyed. Follows a {@link #forward} of the same batch.
   */
  public void backward() {
    scratch.rows(batch.tokens());
    for (int layer = layers.size() - 1; layer >= 0; layer--) {
      backward(layer, layer == 0 ? embedding.y() : layers.get(layer - 1).output().y());
    }
    kernels.embedBackward(
        gradients.word(),
        gradients.position(),
        gradients.tokenType(),
        gradients.gamma(),
        gradients.beta(),
        scratch.dHidden(),
        embedding.z(),
        embedding.mean(),
        embedding.rstd(),
        parameters.gamma(),
        batch.words(),
        batch.positions(),
        dropout);
  }

  /** Replaces the gradient of the layer's output in dHidden by that of its input x. */
  private void backward(int layer, Tensor x) {
    LayerActivations a = layers.get(layer);
    BertParameters.Layer p = parameters.layers().get(layer);
    BertParameters.Layer w = stored.layers().get(layer);
    BertParameters.Layer g = gradients.layers().get(layer);
    LayerActivations.Norm attention = a.attention();
    LayerActivations.Norm output = a.output();

    kernels.residualLayerNormBackward(
        scratch.dResidual(),
        scratch.dX(),
        g.outputGamma(),
        g.outputBeta(),
        g.outputBias(),
        scratch.dHidden(),
        output.z(),
        output.mean(),
        output.rstd(),
        p.outputGamma(),
        dropout,
        DropoutSite.FEED_FORWARD_OUTPUT.in(layer));
    kernels.gemm(GemmSpec.TN_ADD, g.outputWeight(), scratch.dX(), a.activated());
    kernels.gemm(GemmSpec.NN, scratch.dIntermediate(), scratch.dX(), w.outputWeight());
    kernels.biasGeluBackward(
        scratch.dIntermediate(),
        g.intermediateBias(),
        scratch.dIntermediate(),
        a.intermediate(),
        p.intermediateBias(),
        config.geluForm());
    kernels.gemm(GemmSpec.TN_ADD, g.intermediateWeight(), scratch.dIntermediate(), attention.y());
    kernels.gemm(
        GemmSpec.NN_ADD, scratch.dResidual(), scratch.dIntermediate(), w.intermediateWeight());

    // dResidual is now the gradient of attention.y; the residual branch goes back into dHidden.
    kernels.residualLayerNormBackward(
        scratch.dHidden(),
        scratch.dX(),
        g.attentionGamma(),
        g.attentionBeta(),
        g.attentionBias(),
        scratch.dResidual(),
        attention.z(),
        attention.mean(),
        attention.rstd(),
        p.attentionGamma(),
        dropout,
        DropoutSite.ATTENTION_OUTPUT.in(layer));
    kernels.gemm(GemmSpec.TN_ADD, g.attentionWeight(), scratch.dX(), a.context());
    Tensor dContext = scratch.dResidual();
    kernels.gemm(GemmSpec.NN, dContext, scratch.dX(), w.attentionWeight());
    kernels.attentionBackward(
        scratch.dQkv(),
        g.qkvBias(),
        dContext,
        a.context(),
        a.logSumExp(),
        a.qkv(),
        batch.cuSeqlens(),
        batch.keyLengths(),
        batch.maxSeqlen(),
        config.numAttentionHeads(),
        dropout,
        layer);
    kernels.gemm(GemmSpec.TN_ADD, g.qkvWeight(), scratch.dQkv(), x);
    kernels.gemm(GemmSpec.NN_ADD, scratch.dHidden(), scratch.dQkv(), w.qkvWeight());
  }
}

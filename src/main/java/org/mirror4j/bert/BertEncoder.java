package org.mirror4j.bert;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.Kernels;
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
  /** The gradients of a layer that only goes forward. */
  private static final BertParameters.Layer NONE = new BertParameters.Layer(null, null);

  private final BertConfig config;
  private final Kernels kernels;
  private final BertParameters gradients;
  private final WordGradient wordGradient;
  private final BatchTensors batch;
  private final NormActivations embedding;
  private final List<Layer> layers = new ArrayList<>();
  private final Selection selection;
  private final PositionwiseBlock.Gradients scratch;
  private final PositionwiseBlock.Gradients selectedScratch;
  private final Tensor dQkv;
  private final Embedding.Forward embed;
  private final Embedding.Backward embedBackward;
  private Dropout dropout = Dropout.NONE;

  /** The rows whose hidden states are wanted. */
  public enum Rows {
    /** All of the batch. */
    ALL,
    /**
     * One of each sequence of text, {@link BatchTensors#textRows}. The other rows go no further in
     * the last layer than into the keys and values of its attention; what they would be is not
     * computed.
     */
    ONE
  }

  /** Sees the hidden states of all rows as they leave a layer that is not the last. */
  interface BetweenLayers {
    /** Nobody looks. */
    BetweenLayers NOBODY =
        new BetweenLayers() {
          @Override
          public void forward(int layer, Tensor hidden) {}

          @Override
          public void backward(int layer, Tensor dHidden, Tensor spare) {}
        };

    /**
     * The next layer has not begun.
     *
     * @param layer the first is 0
     * @param hidden [tokens, hidden], valid during the call
     */
    void forward(int layer, Tensor hidden);

    /**
     * The layers after it are done.
     *
     * @param dHidden [tokens, hidden], may be added to
     * @param spare like it, may be overwritten
     */
    void backward(int layer, Tensor dHidden, Tensor spare);
  }

  /** How the gradient of the word embeddings comes about. */
  public enum WordGradient {
    /** Of the encoder alone: {@link #backward} writes it, and activations use its memory before. */
    OVERWRITTEN,
    /** A head decodes with the word embeddings and has written its part before: it is added to. */
    ADDED_TO
  }

  private record Layer(SelfAttention attention, PositionwiseBlock block) {}

  /**
   * What the last layer's block is given where only some rows are wanted, in the storage type.
   *
   * @param context [selected, hidden]
   * @param x [selected, hidden]
   */
  private record Selection(Tensor context, Tensor x) {
    static Selection plan(Workspace workspace, BertConfig config, DType storage, int selected) {
      Shape shape = Shape.of(selected, config.hiddenSize());
      return new Selection(
          workspace.tensor("selected.context", storage, shape),
          workspace.tensor("selected.x", storage, shape));
    }

    void rows(int selected) {
      context.rows(selected);
      x.rows(selected);
    }
  }

  /**
   * Plans an encoder.
   *
   * @param workspace may only count
   * @param model read by both passes
   * @param gradients flat, written by the backward pass; null for an encoder that only goes
   *     forward, as one of packed weights does
   * @param batch the input, filled before each forward pass
   * @param size the largest batch
   * @param rows of the batch that are wanted
   * @param wordGradient of no effect without gradients
   */
  public BertEncoder(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor gradients,
      BatchTensors batch,
      BatchSize size,
      Rows rows,
      WordGradient wordGradient) {
    if (gradients != null && model.packed().isPresent()) {
      throw new IllegalArgumentException(
          "weights are packed, expected none of a model that learns");
    }
    config = model.config();
    kernels = device.kernels();
    BertParameters parameters = model.encoder(model.parameters());
    BertParameters stored = model.encoder(model.stored());
    this.gradients = gradients == null ? null : model.encoder(gradients);
    this.wordGradient = wordGradient;
    this.batch = batch;
    int tokens = size.tokens();
    DType storage = model.storage();
    boolean selects = rows == Rows.ONE;
    embedding = NormActivations.plan(workspace, config, storage, "embeddings", tokens);
    boolean recomputes = gradients != null && device.recomputes(storage);
    // What the layers keep is done with when the gradient of the word embeddings is computed.
    Workspace kept =
        gradients != null && wordGradient == WordGradient.OVERWRITTEN
            ? workspace.lending(this.gradients.word())
            : workspace;
    SelfAttention.Activations attention = null;
    PositionwiseBlock.Activations block = null;
    Tensor activated = null;
    List<SelfAttention.Activations> attentions = new ArrayList<>();
    List<PositionwiseBlock.Activations> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      boolean last = layer == config.numHiddenLayers() - 1;
      boolean selected = selects && last;
      boolean own = gradients != null || layer == 0;
      int used = selected ? size.sequences() : tokens;
      // What the last layer leaves is still there when the backward pass begins.
      boolean recomputed = recomputes && !last;
      String name = "layer" + layer;
      if (own) {
        attention = SelfAttention.Activations.plan(kept, config, storage, name, tokens);
      }
      if (recomputes && layer > 0) {
        block = PositionwiseBlock.Activations.sharing(kept, name, block, used, recomputed);
      } else if (own || selected) {
        block = PositionwiseBlock.Activations.plan(kept, config, storage, name, used, recomputed);
      }
      activated = layer == 0 ? block.activated() : activated;
      attentions.add(attention);
      blocks.add(block);
    }
    selection = selects ? Selection.plan(workspace, config, storage, size.sequences()) : null;
    if (gradients == null) {
      scratch = null;
      selectedScratch = null;
      dQkv = null;
    } else {
      int intermediate = config.intermediateSize();
      int qkv = 3 * config.hiddenSize();
      // A layer's feed-forward block is done with the one before its attention takes the other, and
      // with what it has recomputed before either.
      Tensor wide =
          recomputes && intermediate >= qkv && activated.capacity() == tokens
              ? activated
              : workspace.tensor(
                  "gradients", storage, Shape.of(tokens, Math.max(intermediate, qkv)));
      dQkv = wide.view("gradients.dQkv", 0, Shape.of(tokens, qkv));
      Tensor dIntermediate =
          wide.view("gradients.dIntermediate", 0, Shape.of(tokens, intermediate));
      scratch = PositionwiseBlock.Gradients.plan(workspace, config.hiddenSize(), dIntermediate);
      selectedScratch = selects ? scratch.selected(workspace, size.sequences()) : scratch;
    }
    embed = embed(parameters);
    embedBackward = gradients == null ? null : embedBackward(this.gradients);
    Tensor x = embedding.y();
    for (int layer = 0; layer < blocks.size(); layer++) {
      boolean selected = selects && layer == blocks.size() - 1;
      PositionwiseBlock.Gradients d = selected ? selectedScratch : scratch;
      BertParameters.Layer written = gradients == null ? NONE : this.gradients.layers().get(layer);
      LayerProducts products = model.products(device, layer);
      layers.add(
          new Layer(
              new SelfAttention(
                  kernels,
                  config,
                  parameters.layers().get(layer).attention(),
                  stored.layers().get(layer).attention().qkvWeight(),
                  products.qkv(),
                  written.attention(),
                  layer,
                  batch,
                  attentions.get(layer),
                  dQkv,
                  gradients == null ? null : scratch.dContext()),
              new PositionwiseBlock(
                  kernels,
                  config,
                  parameters.layers().get(layer).block(),
                  stored.layers().get(layer).block(),
                  products,
                  written.block(),
                  layer,
                  blocks.get(layer),
                  selected ? selection.x : x,
                  d)));
      x = blocks.get(layer).output().y();
    }
  }

  private Embedding.Forward embed(BertParameters parameters) {
    return new Embedding.Forward(
        embedding.norm(parameters.gamma(), parameters.beta(), config.layerNormEps()),
        batch.tokenIds(),
        batch.positionIds(),
        batch.tokenTypeIds(),
        parameters.word(),
        parameters.position(),
        parameters.tokenType());
  }

  private Embedding.Backward embedBackward(BertParameters gradients) {
    return new Embedding.Backward(
        embed,
        scratch.dHidden(),
        gradients.word(),
        gradients.position(),
        gradients.tokenType(),
        gradients.gamma(),
        gradients.beta(),
        batch.words(),
        batch.positions(),
        batch.tokenTypes());
  }

  /** The architecture. */
  public BertConfig config() {
    return config;
  }

  /**
   * Hidden states of the rows that are wanted.
   *
   * @param dropout what to drop; {@link Dropout#NONE} for evaluation. Among selected rows it counts
   *     these alone
   * @return [rows, hidden] of the last layer, valid until the next call
   */
  public Tensor forward(Dropout dropout) {
    return forward(dropout, BetweenLayers.NOBODY);
  }

  /** {@link #forward(Dropout)}, and somebody sees what goes from layer to layer. */
  Tensor forward(Dropout dropout, BetweenLayers between) {
    // First what refuses a thread that the memory is not for.
    embedding.rows(batch.tokens());
    this.dropout = dropout;
    kernels.embedding().embed(embed, dropout);
    Tensor x = embedding.y();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Tensor context = layer.attention.forward(x, dropout);
      if (selects(i)) {
        selection.rows(batch.textRows().rows());
        kernels.row().gatherRows(selection.context, context, batch.textRows());
        kernels.row().gatherRows(selection.x, x, batch.textRows());
        x = layer.block.forward(selection.context, dropout);
      } else {
        x = layer.block.forward(context, dropout);
      }
      if (i < layers.size() - 1) {
        between.forward(i, x);
      }
    }
    return x;
  }

  private boolean selects(int layer) {
    return selection != null && layer == layers.size() - 1;
  }

  /**
   * The buffer that takes the gradient of {@link #forward}'s result before {@link #backward}.
   *
   * @return [rows, hidden]
   */
  public Tensor hiddenGradient() {
    useRows();
    return selectedScratch.dHidden();
  }

  private void useRows() {
    scratch.rows(batch.tokens());
    dQkv.rows(batch.tokens());
    if (selection != null) {
      selectedScratch.rows(batch.textRows().rows());
    }
  }

  /**
   * Writes the gradients of all parameters, given the gradient of the hidden states in {@link
   * #hiddenGradient}, which is destroyed; that of the word embeddings as {@link WordGradient} says.
   * Follows a {@link #forward} of the same batch.
   */
  public void backward() {
    backward(BetweenLayers.NOBODY);
  }

  /** {@link #backward()}, and somebody may add to the gradients between the layers. */
  void backward(BetweenLayers between) {
    useRows();
    kernels.memory().fill(gradients.vectors(), 0);
    for (int i = layers.size() - 1; i >= 0; i--) {
      Layer layer = layers.get(i);
      if (selects(i)) {
        layer.block.backward(selection.context, dropout);
        kernels.row().scatterRows(scratch.dHidden(), selectedScratch.dHidden(), batch.textRows());
        kernels.row().scatterRows(scratch.dContext(), selectedScratch.dContext(), batch.textRows());
      } else {
        layer.block.backward(layer.attention.context(), dropout);
      }
      Tensor x = i == 0 ? embedding.y() : layers.get(i - 1).block.output();
      layer.attention.backward(scratch.dHidden(), x, dropout);
      if (i > 0) {
        between.backward(i - 1, scratch.dHidden(), scratch.dContext());
      }
    }
    if (wordGradient == WordGradient.OVERWRITTEN) {
      kernels.memory().fill(gradients.word(), 0);
    }
    kernels.memory().fill(gradients.position(), 0);
    kernels.memory().fill(gradients.tokenType(), 0);
    kernels.embedding().embedBackward(embedBackward, dropout);
  }
}

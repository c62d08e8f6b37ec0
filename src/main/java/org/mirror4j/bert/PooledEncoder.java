package org.mirror4j.bert;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * One vector for each sequence of text, forward and backward: {@link BertEncoder}, pooled. A layer
 * is pooled as it leaves, so that none is kept for it. With a pooling that takes one row of each
 * text the encoder computes no other hidden states of the last layer than those.
 */
public final class PooledEncoder {
  private final Kernels kernels;
  private final Pooling pooling;
  private final int[] layers;
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final Tensor pooled;
  private final Tensor added;
  private final Tensor dPooled;
  private final MaskRows masks;

  /** How many vectors are averaged. */
  private final int parts;

  private final BertEncoder.BetweenLayers between =
      new BertEncoder.BetweenLayers() {
        @Override
        public void forward(int layer, Tensor hidden) {
          if (isPooled(layer)) {
            pool(layer, hidden);
          }
        }

        @Override
        public void backward(int layer, Tensor dHidden, Tensor spare) {
          if (isPooled(layer)) {
            poolBackward(spare);
            kernels.memory().add(dHidden, spare);
          }
        }
      };

  /**
   * Plans an encoder and the buffers of its batches.
   *
   * @param workspace may only count
   * @param model read by both passes
   * @param gradients flat, written by the backward pass; null for an encoder that only goes forward
   * @param batch the input, filled before each forward pass; for a pooling that {@link
   *     Pooling#takesMask} it knows the mask token
   * @param size the largest batch
   * @throws IllegalArgumentException if the model has fewer layers than the pooling takes
   */
  public PooledEncoder(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor gradients,
      BatchTensors batch,
      BatchSize size,
      Pooling pooling) {
    kernels = device.kernels();
    this.pooling = pooling;
    this.batch = batch;
    layers = pooling.layers(model.config().numHiddenLayers());
    BertEncoder.Rows rows = pooling.takesOneRow() ? BertEncoder.Rows.ONE : BertEncoder.Rows.ALL;
    encoder =
        new BertEncoder(
            device,
            workspace,
            model,
            gradients,
            batch,
            size,
            rows,
            BertEncoder.WordGradient.OVERWRITTEN);
    int hidden = model.config().hiddenSize();
    pooled = workspace.f32("pooled", size.sequences(), hidden);
    parts = pooling.parts(model.config().numHiddenLayers());
    masks =
        pooling.takesMask() && !pooling.takesOneRow()
            ? new MaskRows(kernels, workspace, model, batch, size, gradients != null)
            : null;
    added = layers.length == 1 ? null : workspace.f32("added", size.sequences(), hidden);
    dPooled = gradients == null ? null : workspace.f32("dPooled", size.sequences(), hidden);
  }

  /**
   * Vectors of the batch's texts.
   *
   * @param dropout what to drop; {@link Dropout#NONE} for evaluation
   * @return f32[sequences, hidden], valid until the next call
   */
  public Tensor forward(Dropout dropout) {
    int texts = batch.textRows().rows();
    pooled.rows(texts);
    if (added != null) {
      added.rows(texts);
    }
    Tensor hidden = encoder.forward(dropout, between);
    if (pooling.takesOneRow()) {
      kernels.memory().convert(pooled, hidden);
    } else {
      pool(layers[layers.length - 1], hidden);
    }
    if (masks != null) {
      masks.addTo(pooled, hidden);
    }
    if (parts > 1) {
      kernels.optimizer().scale(pooled, 1f / parts);
    }
    return pooled;
  }

  private boolean isPooled(int layer) {
    for (int pooledLayer : layers) {
      if (pooledLayer == layer) {
        return true;
      }
    }
    return false;
  }

  /** The first layer that is pooled is written, others are added. */
  private void pool(int layer, Tensor hidden) {
    Tensor result = layer == layers[0] ? pooled : added;
    kernels
        .row()
        .pool(result, hidden, batch.textCuSeqlens(), batch.textKeyLengths(), pooling.rows());
    if (result != pooled) {
      kernels.memory().add(pooled, result);
    }
  }

  private void poolBackward(Tensor dHidden) {
    kernels
        .row()
        .poolBackward(
            dHidden, dPooled, batch.textCuSeqlens(), batch.textKeyLengths(), pooling.rows());
  }

  /**
   * The buffer that takes the gradient of {@link #forward}'s result before {@link #backward}, which
   * may change it.
   *
   * @return f32[sequences, hidden]
   */
  public Tensor gradient() {
    return dPooled.rows(batch.textRows().rows());
  }

  /**
   * Writes the gradients of all parameters, given the gradient of the vectors in {@link #gradient}.
   * Follows a {@link #forward} of the same batch.
   */
  public void backward() {
    Tensor dHidden = encoder.hiddenGradient();
    if (parts > 1) {
      kernels.optimizer().scale(dPooled, 1f / parts);
    }
    if (pooling.takesOneRow()) {
      kernels.memory().convert(dHidden, dPooled);
    } else {
      poolBackward(dHidden);
    }
    if (masks != null) {
      masks.addGradient(dHidden, dPooled);
    }
    encoder.backward(between);
  }
}

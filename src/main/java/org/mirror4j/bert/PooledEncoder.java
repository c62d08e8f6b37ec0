package org.mirror4j.bert;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Pooling;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * One vector for each sequence of text, forward and backward: {@link BertEncoder}, then pooling.
 * With {@link Pooling#CLS} the encoder computes no other hidden states than those that are taken.
 */
public final class PooledEncoder {
  private final Kernels kernels;
  private final Pooling pooling;
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final Tensor pooled;
  private final Tensor dPooled;

  /**
   * Plans an encoder and the buffers of its batches.
   *
   * @param workspace may only count
   * @param model read by both passes
   * @param gradients flat, written by the backward pass; null for an encoder that only goes forward
   * @param batch the input, filled before each forward pass
   * @param size the largest batch
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
    BertEncoder.Rows rows = pooling == Pooling.CLS ? BertEncoder.Rows.FIRST : BertEncoder.Rows.ALL;
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
    dPooled = gradients == null ? null : workspace.f32("dPooled", size.sequences(), hidden);
  }

  /**
   * Vectors of the batch's texts.
   *
   * @param dropout what to drop; {@link Dropout#NONE} for evaluation
   * @return f32[sequences, hidden], valid until the next call
   */
  public Tensor forward(Dropout dropout) {
    Tensor hidden = encoder.forward(dropout);
    pooled.rows(batch.firstRows().rows());
    if (pooling == Pooling.CLS) {
      kernels.memory().convert(pooled, hidden);
    } else {
      kernels.row().pool(pooled, hidden, batch.textCuSeqlens(), batch.textKeyLengths(), pooling);
    }
    return pooled;
  }

  /**
   * The buffer that takes the gradient of {@link #forward}'s result before {@link #backward}.
   *
   * @return f32[sequences, hidden]
   */
  public Tensor gradient() {
    return dPooled.rows(batch.firstRows().rows());
  }

  /**
   * Writes the gradients of all parameters, given the gradient of the vectors in {@link #gradient}.
   * Follows a {@link #forward} of the same batch.
   */
  public void backward() {
    Tensor dHidden = encoder.hiddenGradient();
    if (pooling == Pooling.CLS) {
      kernels.memory().convert(dHidden, dPooled);
    } else {
      kernels
          .row()
          .poolBackward(dHidden, dPooled, batch.textCuSeqlens(), batch.textKeyLengths(), pooling);
    }
    encoder.backward();
  }
}

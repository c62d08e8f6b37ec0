package org.mirror4j.bert;

import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Rows of mask tokens among all hidden states, {@link BatchTensors#textRows}, and their gradient.
 */
final class MaskRows {
  private final Kernels kernels;
  private final BatchTensors batch;
  private final Tensor stored;
  private final Tensor vectors;
  private final Tensor dHidden;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param gradients whether there is a backward pass
   */
  MaskRows(
      Kernels kernels,
      Workspace workspace,
      BertModel model,
      BatchTensors batch,
      BatchSize size,
      boolean gradients) {
    this.kernels = kernels;
    this.batch = batch;
    DType storage = model.storage();
    int hidden = model.config().hiddenSize();
    Shape shape = Shape.of(size.sequences(), hidden);
    stored = workspace.tensor("masks.stored", storage, shape);
    vectors = workspace.f32("masks", size.sequences(), hidden);
    dHidden =
        gradients
            ? workspace.tensor("masks.dHidden", storage, Shape.of(size.tokens(), hidden))
            : null;
  }

  /** {@code pooled[s] += hidden[row of s]}. */
  void addTo(Tensor pooled, Tensor hidden) {
    int texts = pooled.rows();
    kernels.row().gatherRows(stored.rows(texts), hidden, batch.textRows());
    kernels.memory().convert(vectors.rows(texts), stored);
    kernels.memory().add(pooled, vectors);
  }

  /** {@code dHidden[row of s] += dPooled[s]}. */
  void addGradient(Tensor dHidden, Tensor dPooled) {
    kernels.memory().convert(stored.rows(dPooled.rows()), dPooled);
    kernels.row().scatterRows(this.dHidden.rows(dHidden.rows()), stored, batch.textRows());
    kernels.memory().add(dHidden, this.dHidden);
  }
}

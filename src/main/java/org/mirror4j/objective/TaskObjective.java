package org.mirror4j.objective;

import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch;

/**
 * What a task of fine-tuning computes over the last hidden states of an encoder: logits, and a loss
 * with its gradients. The loss is a sum over what is predicted; by what its gradient is multiplied
 * says the caller, who knows how much that is in all parts of a batch.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface TaskObjective<T> {
  /** The rows of the encoder that it looks at. */
  BertEncoder.Rows rows();

  /**
   * Whether what is launched depends on the sizes of a batch alone, so that a step of a size that
   * came before can be replayed.
   */
  default boolean replays() {
    return true;
  }

  /**
   * Takes a batch, padding among it, of which logits are wanted. All that used what was before has
   * been waited for.
   */
  void upload(PackedBatch packed);

  /** Takes what is to be predicted of the batch. */
  void upload(T targets);

  /**
   * Takes what the gradient of the sum of the losses is multiplied by. It goes to memory of the
   * device, as the launches of a step that is replayed are the same each time. All that used what
   * was before has been waited for.
   */
  void scale(float gradientScale);

  /**
   * Computes the logits.
   *
   * @param hidden [rows, hidden], of the last layer
   * @param batch the encoder's
   * @param dropout of what the head reads; {@link Dropout#NONE} for evaluation
   */
  void forward(Tensor hidden, BatchTensors batch, Dropout dropout);

  /** Computes the losses; the logits are gone then. */
  void loss();

  /** The sum of the last losses; 0 of nothing to predict. */
  double lossSum();

  /**
   * The logits with their bias, as the task lays them out.
   *
   * @return valid until the next call
   */
  float[] logits();

  /**
   * The gradients of the sum of the losses times the scale; those of the head are overwritten.
   *
   * @param dHidden [rows, hidden], overwritten
   * @param hidden as in the forward pass
   */
  void backward(Tensor dHidden, Tensor hidden);
}

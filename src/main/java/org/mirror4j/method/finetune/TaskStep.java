package org.mirror4j.method.finetune;

import org.mirror4j.bert.BatchShape;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.task.Examples;
import org.mirror4j.task.TaskHead;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * The computation of one batch of a task: encoder and head, forward and backward. On a device that
 * asks for batches of a few sizes, a step of a size that came before is replayed.
 *
 * @param <T> what is to be predicted of a batch
 */
final class TaskStep<T> {
  private final Device device;
  private final Ownership memory;
  private final boolean repeats;
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final TaskObjective<T> objective;
  private final Runnable launches = this::launch;

  /** Of the last step that could be replayed; null before it. */
  private Key key;

  private Dropout dropout;

  /** What the launches of a step depend on. */
  private record Key(TaskStep<?> buffers, BatchShape shape) {}

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param gradients null for a step that only predicts
   * @param replay whether steps may be replayed
   * @param size of the largest batch
   */
  TaskStep(
      Device device,
      Workspace workspace,
      BertModel model,
      TaskHead<T> task,
      Tensor gradients,
      boolean replay,
      BatchSize size) {
    this.device = device;
    memory = workspace.ownership();
    batch = new BatchTensors(device, workspace, size);
    objective = task.objective(device, workspace, model, gradients, size);
    repeats = replay && device.tokenMultiple() > 1 && objective.replays();
    encoder =
        new BertEncoder(
            device,
            workspace,
            model,
            gradients,
            batch,
            size,
            objective.rows(),
            BertEncoder.WordGradient.OVERWRITTEN);
  }

  /** Takes a batch. The operations of the batch before have been waited for. */
  void upload(PackedBatch packed, T targets) {
    upload(packed);
    objective.upload(targets);
  }

  private void upload(PackedBatch packed) {
    batch.upload(packed);
    objective.upload(packed);
  }

  /**
   * Writes the gradients of the sum of the losses times a scale.
   *
   * @param scale 1 over the predictions of the step, times the loss scale
   */
  void gradient(Dropout dropout, float scale) {
    this.dropout = dropout;
    objective.scale(scale);
    if (!repeats) {
      launches.run();
      return;
    }
    if (key == null || !key.shape.fits(batch)) {
      key = new Key(this, BatchShape.of(batch));
    }
    device.repeat(memory, key, launches);
  }

  private void launch() {
    Tensor hidden = encoder.forward(dropout);
    objective.forward(hidden, batch, dropout);
    objective.loss();
    objective.backward(encoder.hiddenGradient(), hidden);
    encoder.backward();
  }

  /** The sum of the last losses, which is waited for. */
  double lossSum() {
    return objective.lossSum();
  }

  /**
   * The logits of a part of some examples, without dropout.
   *
   * @return see {@link TaskObjective#logits}
   */
  float[] predict(Examples<T> examples, TaskBatches.Part part) {
    examples.inputs(part.examples(), part.packed()).ifPresent(objective::upload);
    return predict(part.packed());
  }

  /**
   * The logits of a batch, without dropout.
   *
   * @return see {@link TaskObjective#logits}
   */
  float[] predict(PackedBatch packed) {
    upload(packed);
    objective.forward(encoder.forward(Dropout.NONE), batch, Dropout.NONE);
    return objective.logits();
  }
}

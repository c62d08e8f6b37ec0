package org.mirror4j.method.pretrain;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The computation of one batch of pretraining: encoder and objectives, forward and backward. */
public final class PretrainingStep {
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final PretrainingObjective objective;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param heads that the model has
   * @param gradients null for a step that only measures
   * @param limits the most that a batch has
   */
  public PretrainingStep(
      Device device,
      Workspace workspace,
      BertModel model,
      PretrainingHeads heads,
      Tensor gradients,
      BatchSize size,
      PretrainingObjective.Limits limits) {
    batch = new BatchTensors(device, workspace, size);
    encoder =
        new BertEncoder(
            device,
            workspace,
            model,
            gradients,
            batch,
            size,
            BertEncoder.Rows.ALL,
            BertEncoder.WordGradient.ADDED_TO);
    objective = new PretrainingObjective(device, workspace, model, heads, gradients, limits);
  }

  /**
   * Takes a batch. The operations of the batch before have been waited for.
   *
   * @param scales see {@link PretrainingObjective#upload}
   */
  public void upload(MaskedBatch masked, PerObjective scales) {
    batch.upload(masked.packed());
    objective.upload(masked.targets(), scales);
  }

  /**
   * Writes the gradients of the sums of the losses times their scales.
   *
   * @param lossScale what all of them are multiplied by on top of that
   */
  public void gradient(Dropout dropout, float lossScale) {
    objective.forward(encoder.forward(dropout), lossScale);
    objective.backward(encoder.hiddenGradient());
    encoder.backward();
  }

  /** Computes the losses alone, without dropout. */
  void measure() {
    objective.forward(encoder.forward(Dropout.NONE), 0);
  }

  /** The sums of the last losses, which are waited for. */
  public PerObjective losses() {
    return objective.losses();
  }
}

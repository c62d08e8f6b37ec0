package org.mirror4j.method.pretrain;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.MaskedLanguageModel;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The computation of one step of masked language modelling. */
public final class PretrainingStep {
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final MaskedLanguageModel objective;
  private MaskedBatch masked;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param gradients null for a step that only measures
   * @param maxPredictions the most masked tokens of a batch
   */
  public PretrainingStep(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor gradients,
      BatchSize size,
      int maxPredictions) {
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
    objective = new MaskedLanguageModel(device, workspace, model, gradients, maxPredictions);
  }

  /** Takes a batch. The operations of the batch before have been waited for, by its update. */
  public void upload(MaskedBatch masked) {
    this.masked = masked;
    batch.upload(masked.packed());
  }

  /**
   * The loss of the batch that was uploaded.
   *
   * @param lossScale what the gradients that are added are multiplied by
   */
  public double lossAndGradient(Dropout dropout, float lossScale) {
    double loss =
        objective.lossAndGradient(
            encoder.hiddenGradient(),
            encoder.forward(dropout),
            masked.rows(),
            masked.labels(),
            lossScale);
    encoder.backward();
    return loss;
  }

  /** The loss of the batch that was uploaded, without dropout. */
  double loss() {
    return objective.loss(encoder.forward(Dropout.NONE), masked.rows(), masked.labels());
  }
}

package org.mirror4j.train;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.BertParameters;
import org.mirror4j.device.Device;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.Kernels;
import org.mirror4j.objective.MaskedLanguageModel;
import org.mirror4j.tensor.Workspace;

/** The computation of one step of masked language modelling. */
final class PretrainingStep {
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final MaskedLanguageModel objective;

  /**
   * Plans the buffers.
   *
   * @param device null when {@code workspace} only counts
   * @param gradients null for a step that only measures
   * @param maxPredictions the most masked tokens of a batch
   */
  PretrainingStep(
      Device device,
      Workspace workspace,
      BertModel model,
      BertParameters gradients,
      BatchSize size,
      int maxPredictions) {
    Kernels kernels = device == null ? null : device.kernels();
    batch = new BatchTensors(device, workspace, size);
    encoder =
        new BertEncoder(kernels, workspace, model, gradients, batch, size, BertEncoder.Rows.ALL);
    objective = new MaskedLanguageModel(device, workspace, model, gradients, maxPredictions);
  }

  /**
   * The loss of a batch.
   *
   * @param lossScale what the gradients that are added are multiplied by
   */
  double lossAndGradient(MaskedBatch masked, Dropout dropout, float lossScale) {
    batch.upload(masked.packed());
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

  /** The loss of a batch without dropout. */
  double loss(MaskedBatch masked) {
    batch.upload(masked.packed());
    return objective.loss(encoder.forward(Dropout.NONE), masked.rows(), masked.labels());
  }
}

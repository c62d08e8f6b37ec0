package org.mirror4j.train;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.BertParameters;
import org.mirror4j.device.Device;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.Kernels;
import org.mirror4j.objective.ContrastiveObjective;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** The computation of one contrastive step: encoder and objective, forward and backward. */
final class MirrorStep {
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final ContrastiveObjective objective;

  /**
   * Plans the buffers.
   *
   * @param device null when {@code workspace} only counts
   * @param size the largest batch; every batch has its number of sequences
   */
  MirrorStep(
      Device device,
      Workspace workspace,
      BertModel model,
      BertParameters gradients,
      MirrorSettings settings,
      BatchSize size) {
    Kernels kernels = device == null ? null : device.kernels();
    batch = new BatchTensors(device, workspace, size);
    encoder = new BertEncoder(kernels, workspace, model, gradients, batch, size);
    objective =
        new ContrastiveObjective(
            device,
            workspace,
            model.config().hiddenSize(),
            size.sequences(),
            settings.pooling(),
            (float) settings.temperature());
  }

  /**
   * The loss of a batch.
   *
   * @param lossScale what the gradients that are added are multiplied by
   */
  double lossAndGradient(PackedBatch packed, int[] groups, Dropout dropout, float lossScale) {
    batch.upload(packed);
    Tensor hidden = encoder.forward(dropout);
    double loss =
        objective.lossAndGradient(encoder.hiddenGradient(), hidden, batch, groups, lossScale);
    encoder.backward();
    return loss;
  }
}

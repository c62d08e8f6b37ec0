package org.mirror4j.train;

import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.BertParameters;
import org.mirror4j.device.Device;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.LossScaler;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A model with all that training it takes besides activations: gradients and moments, flat and in
 * the layout of its parameters.
 *
 * @param lossScaler what the gradients are multiplied by
 */
public record TrainableModel(
    BertModel model, BertParameters gradients, AdamW optimizer, LossScaler lossScaler) {

  /**
   * Plans gradients and moments, which are zero.
   *
   * @param device null when {@code workspace} only counts
   */
  public static TrainableModel of(
      Device device, Workspace workspace, BertModel model, AdamW.Settings settings) {
    Tensor flat = workspace.f32("gradients", model.table().size());
    if (device != null) {
      // Between matrices and vectors may lie elements that no pass writes.
      device.kernels().memory().fill(flat, 0);
    }
    LossScaler lossScaler = LossScaler.of(model.storage());
    return new TrainableModel(
        model,
        BertParameters.of(model.config(), model.table(), flat),
        new AdamW(
            device,
            workspace,
            model.parameters().flat(),
            model.stored().flat(),
            flat,
            model.table().matrixSize(),
            lossScaler,
            settings),
        lossScaler);
  }
}

package org.mirror4j.optim;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Optimizer;

/**
 * Parameters of a group that lie side by side.
 *
 * @param decays whether they are declared to
 * @param rows those that are updated; null for all
 */
record UpdatedPart(AdamW.Group group, Optimizer.AdamW operands, boolean decays, TouchedRows rows) {
  /**
   * Updates parameters and moments.
   *
   * @param step whose learning rate is taken
   * @param number of the update, counts from 1
   * @param gradientScale what the gradients are multiplied by
   */
  void update(Device device, int step, int number, float gradientScale) {
    AdamW.Settings settings = group.settings();
    BiasCorrection correction = settings.biasCorrection();
    float rate = (float) group.schedule().rate(step);
    double weightDecay = decays || settings.decaysAll() ? settings.weightDecay() : 0;
    float decay = (float) (1 - (double) rate * (float) weightDecay);
    float stepSize = correction.stepSize(rate, operands.beta1(), operands.beta2(), number);
    float inverseRoot = correction.inverseRoot(operands.beta2(), number);
    if (rows == null) {
      device.kernels().optimizer().adamW(operands, gradientScale, decay, stepSize, inverseRoot);
    } else {
      rows.update(gradientScale, decay, stepSize, inverseRoot);
    }
  }
}

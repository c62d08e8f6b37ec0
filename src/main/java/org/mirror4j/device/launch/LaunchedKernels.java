package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;

/** The instruction set by launches of the kernels and a library of matrix products. */
final class LaunchedKernels {
  private LaunchedKernels() {}

  /**
   * @param factors what products multiply
   */
  static Kernels of(
      OperandCheck check,
      KernelLauncher launcher,
      LaunchScratch scratch,
      DropoutStep dropoutStep,
      Factors factors) {
    LaunchedMemory memory = new LaunchedMemory(check, launcher);
    LaunchedRow row = new LaunchedRow(check, launcher, scratch, memory);
    return new Kernels(
        memory,
        new LaunchedEmbedding(check, launcher, scratch, dropoutStep, row),
        new LaunchedProduct(check, launcher.driver().matrixProducts(), factors),
        new LaunchedAttention(check, launcher, scratch, dropoutStep),
        new LaunchedNorm(check, launcher, scratch, dropoutStep),
        new LaunchedActivation(check, launcher, scratch, dropoutStep),
        row,
        new LaunchedLoss(check, launcher),
        new LaunchedOptimizer(check, launcher, scratch),
        new LaunchedFlow(check, launcher));
  }
}

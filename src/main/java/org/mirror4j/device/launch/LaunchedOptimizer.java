package org.mirror4j.device.launch;

import org.mirror4j.device.BiasCorrection;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * AdamW over flat buffers. What does not depend on the element is computed here in f64 from the f32
 * settings and then rounded, as on the CPU.
 */
final class LaunchedOptimizer {
  private final KernelLauncher.Variants adamW;

  LaunchedOptimizer(KernelLauncher launcher) {
    adamW = launcher.kernel("adam_w");
  }

  /** {@link org.mirror4j.device.Kernels#adamW}. */
  void adamW(
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int step,
      float gradientScale) {
    int size = parameters.rows();
    Tensor copy = stored == parameters ? parameters.view("no copy", 0, Shape.of(0)) : stored;
    adamW
        .on(copy.dtype())
        .with(parameters)
        .with(gradients)
        .with(firstMoment)
        .with(secondMoment)
        .with(copy)
        .with(size)
        .with(copy.rows())
        .with(gradientScale)
        .with(beta1)
        .with((float) (1 - (double) beta1))
        .with(beta2)
        .with((float) (1 - (double) beta2))
        .with((float) (1 - (double) learningRate * weightDecay))
        .with(BiasCorrection.stepSize(learningRate, beta1, step))
        .with(BiasCorrection.inverseRoot(beta2, step))
        .with(epsilon)
        .launch();
  }
}

package org.mirror4j.device.host;

import org.mirror4j.device.Kernels;
import org.mirror4j.tensor.Tensor;

/** {@link Kernels#layerNorm} and its gradient. */
final class HostLayerNorm {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor mean;
  private Tensor rstd;
  private Tensor x;
  private Tensor gamma;
  private Tensor beta;
  private Tensor dX;
  private Tensor dY;
  private float epsilon;

  HostLayerNorm(HostThreads threads, HostScratch[] scratch, HostMemory memory) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link Kernels#layerNorm}. */
  void forward(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    this.y = y;
    this.mean = mean;
    this.rstd = rstd;
    this.x = x;
    this.gamma = gamma;
    this.beta = beta;
    this.epsilon = epsilon;
    threads.run((x.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    long lanes = scratch[worker].floats(LayerNormRow.SCRATCH);
    for (int row = index * ROWS; row < end; row++) {
      long at = 4L * row * width;
      float m = LayerNormRow.sum(x.address() + at, width, lanes) / width;
      float r = LayerNormRow.rstd(x.address() + at, m, epsilon, width, lanes);
      LayerNormRow.normalize(
          y.address() + at, x.address() + at, m, r, gamma.address(), beta.address(), width);
      HostMemory.f32(mean.address(), row, m);
      HostMemory.f32(rstd.address(), row, r);
    }
  }

  /** {@link Kernels#layerNormBackward}. */
  void backward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {
    if (x.rows() == 0) {
      return;
    }
    this.dX = dX;
    this.dY = dY;
    this.x = x;
    this.mean = mean;
    this.rstd = rstd;
    this.gamma = gamma;
    int width = x.columns();
    threads.run(sums.plan(x.rows(), 2 * width), backward);
    sums.addTo(dGamma, 0, width);
    sums.addTo(dBeta, width, width);
  }

  private void backward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ColumnSums.ROWS);
    long dGamma = sums.block(index);
    long dBeta = dGamma + 4L * width;
    long lanes = scratch[worker].floats(LayerNormRow.SCRATCH);
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long at = 4L * row * width;
      LayerNormRow.backward(
          dX.address() + at,
          dGamma,
          dBeta,
          dY.address() + at,
          x.address() + at,
          HostMemory.f32(mean.address(), row),
          HostMemory.f32(rstd.address(), row),
          gamma.address(),
          width,
          lanes);
    }
  }
}

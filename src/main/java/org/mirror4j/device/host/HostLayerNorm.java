package org.mirror4j.device.host;

import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Norm#layerNorm} and its gradient. */
final class HostLayerNorm {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final LayerNormRows layerNorm = new LayerNormRows();
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor x;
  private Tensor y;
  private Tensor dX;
  private Tensor dY;

  HostLayerNorm(HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link org.mirror4j.device.operation.Norm#layerNorm}. */
  void forward(LayerNorm operands) {
    x = operands.x();
    y = operands.y();
    layerNorm.forward(operands);
    threads.run((x.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    long lanes = scratch[worker].floats(LayerNormRow.SCRATCH + width);
    long values = lanes + 4L * LayerNormRow.SCRATCH;
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long result = StoredRow.room(y, first, values);
      layerNorm.normalize(row, result, StoredRow.load(x, first, width, values), lanes);
      StoredRow.store(y, first, width, result);
    }
  }

  /** {@link org.mirror4j.device.operation.Norm#layerNormBackward}. */
  void backward(LayerNormBackward operands) {
    x = operands.forward().x();
    if (x.rows() == 0) {
      return;
    }
    dX = operands.dX();
    dY = operands.dY();
    layerNorm.backward(operands.forward());
    threads.run(sums.plan(x.rows(), 2 * x.columns()), backward);
    layerNorm.addGradients(operands.dGamma(), operands.dBeta(), sums);
  }

  private void backward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ColumnSums.ROWS);
    long lanes = scratch[worker].floats(LayerNormRow.SCRATCH + 2L * width);
    long values = lanes + 4L * LayerNormRow.SCRATCH;
    long gradients = values + 4L * width;
    long block = sums.block(index);
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long first = (long) row * width;
      long result = StoredRow.room(dX, first, gradients);
      layerNorm.gradient(
          row,
          result,
          block,
          StoredRow.load(dY, first, width, gradients),
          StoredRow.load(x, first, width, values),
          lanes);
      StoredRow.store(dX, first, width, result);
    }
  }
}

package org.mirror4j.device.host;

import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Activation#biasGradient}. */
final class HostBiasGradient {
  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final HostThreads.Task block = this::block;
  private Tensor dY;

  HostBiasGradient(HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link org.mirror4j.device.operation.Activation#biasGradient}. */
  void run(Tensor dBias, Tensor dY) {
    if (dY.rows() == 0) {
      return;
    }
    this.dY = dY;
    threads.run(sums.plan(dY.rows(), dY.columns()), block);
    sums.addTo(dBias, 0, dY.columns());
  }

  private void block(int index, int worker) {
    int width = dY.columns();
    int end = Math.min(dY.rows(), (index + 1) * ColumnSums.ROWS);
    long values = scratch[worker].floats(width);
    long partial = sums.block(index);
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      RowLoops.add(partial, StoredRow.load(dY, (long) row * width, width, values), width);
    }
  }
}

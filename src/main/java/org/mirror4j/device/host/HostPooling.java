package org.mirror4j.device.host;

import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Row#pool} and its gradient. Rows of a sequence are added in
 * order.
 */
final class HostPooling {
  /** Sequences of a piece. */
  private static final int SEQUENCES = 4;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor pooled;
  private Tensor x;
  private Tensor cuSeqlens;
  private Tensor keyLengths;
  private RowPooling pooling;

  HostPooling(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.operation.Row#pool}. */
  void forward(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    run(pooled, x, cuSeqlens, keyLengths, pooling, forward);
  }

  /** {@link org.mirror4j.device.operation.Row#poolBackward}. */
  void backward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    run(dPooled, dX, cuSeqlens, keyLengths, pooling, backward);
    int width = dX.columns();
    long zeros = scratch[0].floats(width);
    for (int row = first(keyLengths.rows()); row < dX.rows(); row++) {
      StoredRow.zero(dX, (long) row * width, width, zeros);
    }
  }

  private void run(
      Tensor pooled,
      Tensor x,
      Tensor cuSeqlens,
      Tensor keyLengths,
      RowPooling pooling,
      HostThreads.Task task) {
    this.pooled = pooled;
    this.x = x;
    this.cuSeqlens = cuSeqlens;
    this.keyLengths = keyLengths;
    this.pooling = pooling;
    threads.run((pooled.rows() + SEQUENCES - 1) / SEQUENCES, task);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(pooled.rows(), (index + 1) * SEQUENCES);
    long values = scratch[worker].floats(width);
    for (int sequence = index * SEQUENCES; sequence < end; sequence++) {
      long to = pooled.address() + 4L * sequence * width;
      long from = (long) first(sequence) * width;
      int rows = rowsRead(sequence);
      RowLoops.copy(to, StoredRow.load(x, from, width, values), width);
      for (int row = 1; row < rows; row++) {
        RowLoops.add(to, StoredRow.load(x, from + (long) row * width, width, values), width);
      }
      if (rows > 1) {
        RowLoops.divide(to, to, rows, width);
      }
    }
  }

  private void backward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(pooled.rows(), (index + 1) * SEQUENCES);
    long values = scratch[worker].floats(width);
    for (int sequence = index * SEQUENCES; sequence < end; sequence++) {
      long to = (long) first(sequence) * width;
      int rows = first(sequence + 1) - first(sequence);
      int read = rowsRead(sequence);
      RowLoops.divide(values, pooled.address() + 4L * sequence * width, read, width);
      for (int row = 0; row < read; row++) {
        StoredRow.write(x, to + (long) row * width, width, values);
      }
      RowLoops.fill(values, 0f, width);
      for (int row = read; row < rows; row++) {
        StoredRow.write(x, to + (long) row * width, width, values);
      }
    }
  }

  private int first(int sequence) {
    return HostAllocator.i32(cuSeqlens.address(), sequence);
  }

  private int rowsRead(int sequence) {
    return switch (pooling) {
      case FIRST -> 1;
      case MEAN -> HostAllocator.i32(keyLengths.address(), sequence);
      case MEAN_PADDED -> first(sequence + 1) - first(sequence);
    };
  }
}

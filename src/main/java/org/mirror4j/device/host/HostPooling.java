package org.mirror4j.device.host;

import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.tensor.Tensor;

/** {@link Kernels#pool} and its gradient. Rows of a sequence are added in order. */
final class HostPooling {
  /** Sequences of a piece. */
  private static final int SEQUENCES = 4;

  private final HostThreads threads;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor pooled;
  private Tensor x;
  private Tensor cuSeqlens;
  private Tensor keyLengths;
  private Pooling pooling;

  HostPooling(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link Kernels#pool}. */
  void forward(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    run(pooled, x, cuSeqlens, keyLengths, pooling, forward);
  }

  /** {@link Kernels#poolBackward}. */
  void backward(Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    run(dPooled, dX, cuSeqlens, keyLengths, pooling, backward);
    int end = first(keyLengths.rows());
    for (int row = end; row < dX.rows(); row++) {
      RowLoops.fill(dX.address() + 4L * row * dX.columns(), 0f, dX.columns());
    }
  }

  private void run(
      Tensor pooled,
      Tensor x,
      Tensor cuSeqlens,
      Tensor keyLengths,
      Pooling pooling,
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
    for (int sequence = index * SEQUENCES; sequence < end; sequence++) {
      long to = pooled.address() + 4L * sequence * width;
      long from = x.address() + 4L * first(sequence) * width;
      int rows = rowsRead(sequence);
      RowLoops.copy(to, from, width);
      for (int row = 1; row < rows; row++) {
        RowLoops.add(to, from + 4L * row * width, width);
      }
      if (rows > 1) {
        RowLoops.divide(to, to, rows, width);
      }
    }
  }

  private void backward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(pooled.rows(), (index + 1) * SEQUENCES);
    for (int sequence = index * SEQUENCES; sequence < end; sequence++) {
      long from = pooled.address() + 4L * sequence * width;
      long to = x.address() + 4L * first(sequence) * width;
      int rows = first(sequence + 1) - first(sequence);
      int read = rowsRead(sequence);
      RowLoops.divide(to, from, read, width);
      for (int row = 1; row < read; row++) {
        RowLoops.copy(to + 4L * row * width, to, width);
      }
      for (int row = read; row < rows; row++) {
        RowLoops.fill(to + 4L * row * width, 0f, width);
      }
    }
  }

  private int first(int sequence) {
    return HostMemory.i32(cuSeqlens.address(), sequence);
  }

  private int rowsRead(int sequence) {
    return switch (pooling) {
      case CLS -> 1;
      case MEAN -> HostMemory.i32(keyLengths.address(), sequence);
      case MEAN_PADDED -> first(sequence + 1) - first(sequence);
    };
  }
}

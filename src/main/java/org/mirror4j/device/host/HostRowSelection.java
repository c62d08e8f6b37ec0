package org.mirror4j.device.host;

import org.mirror4j.device.Kernels;
import org.mirror4j.tensor.Tensor;

/** {@link Kernels#gatherRows} and {@link Kernels#scatterRows}. */
final class HostRowSelection {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostThreads.Task gather = this::gather;
  private final HostThreads.Task clear = this::clear;
  private final HostThreads.Task scatter = this::scatter;
  private Tensor all;
  private Tensor selected;
  private Tensor rows;

  HostRowSelection(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link Kernels#gatherRows}. */
  void gather(Tensor y, Tensor x, Tensor rows) {
    set(x, y, rows);
    threads.run(pieces(y), gather);
  }

  /** {@link Kernels#scatterRows}. */
  void scatter(Tensor dX, Tensor dY, Tensor rows) {
    set(dX, dY, rows);
    threads.run(pieces(dX), clear);
    threads.run(pieces(dY), scatter);
  }

  private void set(Tensor all, Tensor selected, Tensor rows) {
    this.all = all;
    this.selected = selected;
    this.rows = rows;
  }

  private static int pieces(Tensor tensor) {
    return (tensor.rows() + ROWS - 1) / ROWS;
  }

  private void gather(int index, int worker) {
    int end = Math.min(selected.rows(), (index + 1) * ROWS);
    for (int i = index * ROWS; i < end; i++) {
      RowLoops.copy(selectedRow(i), chosenRow(i), all.columns());
    }
  }

  private void clear(int index, int worker) {
    int width = all.columns();
    int end = Math.min(all.rows(), (index + 1) * ROWS);
    for (int i = index * ROWS; i < end; i++) {
      RowLoops.fill(all.address() + 4L * i * width, 0f, width);
    }
  }

  private void scatter(int index, int worker) {
    int end = Math.min(selected.rows(), (index + 1) * ROWS);
    for (int i = index * ROWS; i < end; i++) {
      RowLoops.copy(chosenRow(i), selectedRow(i), all.columns());
    }
  }

  private long selectedRow(int i) {
    return selected.address() + 4L * i * all.columns();
  }

  private long chosenRow(int i) {
    return all.address() + 4L * HostMemory.i32(rows.address(), i) * all.columns();
  }
}

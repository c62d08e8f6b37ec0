package org.mirror4j.device.host;

import static org.mirror4j.device.host.HostAllocator.ALL;

import java.lang.foreign.MemorySegment;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Row#gatherRows}, {@link
 * org.mirror4j.device.operation.Row#scatterRows} and {@link
 * org.mirror4j.device.operation.Row#copyColumns}.
 */
final class HostRowSelection {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task gather = this::gather;
  private final HostThreads.Task clear = this::clear;
  private final HostThreads.Task scatter = this::scatter;
  private final HostThreads.Task copyColumns = this::copyColumns;
  private Tensor all;
  private Tensor selected;
  private Tensor rows;
  private int to;
  private int from;
  private int columns;

  HostRowSelection(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.operation.Row#gatherRows}. */
  void gather(Tensor y, Tensor x, Tensor rows) {
    set(x, y, rows);
    threads.run(pieces(y), gather);
  }

  /** {@link org.mirror4j.device.operation.Row#scatterRows}. */
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
    int width = all.columns();
    int end = Math.min(selected.rows(), (index + 1) * ROWS);
    long values = scratch[worker].floats(width);
    for (int i = index * ROWS; i < end; i++) {
      if (isRow(i)) {
        MemorySegment.copy(ALL, chosenRow(i), ALL, row(selected, i), rowBytes());
      } else {
        StoredRow.zero(selected, (long) i * width, width, values);
      }
    }
  }

  private void clear(int index, int worker) {
    int width = all.columns();
    int end = Math.min(all.rows(), (index + 1) * ROWS);
    long values = scratch[worker].floats(width);
    for (int i = index * ROWS; i < end; i++) {
      StoredRow.zero(all, (long) i * width, width, values);
    }
  }

  private void scatter(int index, int worker) {
    int end = Math.min(selected.rows(), (index + 1) * ROWS);
    for (int i = index * ROWS; i < end; i++) {
      if (isRow(i)) {
        MemorySegment.copy(ALL, row(selected, i), ALL, chosenRow(i), rowBytes());
      }
    }
  }

  /** {@link org.mirror4j.device.operation.Row#copyColumns}. */
  void copyColumns(Tensor y, int to, Tensor x, int from, int columns) {
    set(x, y, null);
    this.to = to;
    this.from = from;
    this.columns = columns;
    threads.run(pieces(y), copyColumns);
  }

  private void copyColumns(int index, int worker) {
    int end = Math.min(selected.rows(), (index + 1) * ROWS);
    for (int i = index * ROWS; i < end; i++) {
      long x = StoredRow.at(all, (long) i * all.columns() + from);
      long y = StoredRow.at(selected, (long) i * selected.columns() + to);
      MemorySegment.copy(ALL, x, ALL, y, (long) columns * all.dtype().bytes());
    }
  }

  private long rowBytes() {
    return (long) all.columns() * all.dtype().bytes();
  }

  private long row(Tensor tensor, int i) {
    return tensor.address() + i * rowBytes();
  }

  /** Whether the index is not the -1 that stands for none. */
  private boolean isRow(int i) {
    return HostAllocator.i32(rows.address(), i) >= 0;
  }

  private long chosenRow(int i) {
    return row(all, HostAllocator.i32(rows.address(), i));
  }
}

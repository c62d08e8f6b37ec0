package org.mirror4j.device.host;

import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Row#addRows}: a piece of work is some columns of some
 * groups, so that each element of the table is one worker's.
 */
final class HostAddRows implements HostThreads.Task {
  /** Groups and columns of a piece. */
  private static final int GROUPS = 4, COLUMNS = 256;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private Tensor table;
  private Tensor x;
  private RowSegments segments;

  HostAddRows(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** The segments have been looked at. */
  void addRows(Tensor table, Tensor x, RowSegments segments) {
    this.table = table;
    this.x = x;
    this.segments = segments;
    int groups = (segments.keys().rows() + GROUPS - 1) / GROUPS;
    threads.run(groups * ((table.columns() + COLUMNS - 1) / COLUMNS), this);
  }

  @Override
  public void run(int index, int worker) {
    long values = scratch[worker].floats(COLUMNS);
    int width = table.columns();
    int chunks = (width + COLUMNS - 1) / COLUMNS;
    int column = index % chunks * COLUMNS;
    int count = Math.min(COLUMNS, width - column);
    int first = index / chunks * GROUPS;
    int last = Math.min(segments.keys().rows(), first + GROUPS);
    for (int group = first; group < last; group++) {
      int key = HostAllocator.i32(segments.keys().address(), group);
      int end = HostAllocator.i32(segments.starts().address(), group + 1);
      long to = StoredRow.at(table, (long) key * width + column);
      for (int i = HostAllocator.i32(segments.starts().address(), group); i < end; i++) {
        int row = HostAllocator.i32(segments.order().address(), i);
        RowLoops.add(to, StoredRow.load(x, (long) row * width + column, count, values), count);
      }
    }
  }
}

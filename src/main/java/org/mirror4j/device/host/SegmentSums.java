package org.mirror4j.device.host;

import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * Adds something of the rows of each group to that group's row of a table, in the order of the
 * segments. A piece of work is some columns of a few groups, so that each element of the table is
 * one worker's.
 */
final class SegmentSums implements HostThreads.Task {
  /** Groups and columns of a piece. */
  private static final int GROUPS = 4, COLUMNS = 256;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final Summand summand;
  private Tensor table;
  private RowSegments segments;

  SegmentSums(HostThreads threads, HostScratch[] scratch, Summand summand) {
    this.threads = threads;
    this.scratch = scratch;
    this.summand = summand;
  }

  /** What is added of a row. */
  interface Summand {
    /**
     * Adds {@code count} columns of a row, from {@code column} on.
     *
     * @param sums of these columns, f32
     * @param room of twice {@code count} floats
     */
    void addTo(long sums, int row, int column, int count, long room);
  }

  /** The segments have been looked at. */
  void addTo(Tensor table, RowSegments segments) {
    this.table = table;
    this.segments = segments;
    int groups = (segments.keys().rows() + GROUPS - 1) / GROUPS;
    threads.run(groups * chunks(), this);
  }

  private int chunks() {
    return (table.columns() + COLUMNS - 1) / COLUMNS;
  }

  @Override
  public void run(int index, int worker) {
    long room = scratch[worker].floats(2L * COLUMNS);
    int width = table.columns();
    int column = index % chunks() * COLUMNS;
    int count = Math.min(COLUMNS, width - column);
    int first = index / chunks() * GROUPS;
    int last = Math.min(segments.keys().rows(), first + GROUPS);
    for (int group = first; group < last; group++) {
      int key = HostAllocator.i32(segments.keys().address(), group);
      int end = HostAllocator.i32(segments.starts().address(), group + 1);
      long sums = StoredRow.at(table, (long) key * width + column);
      for (int i = HostAllocator.i32(segments.starts().address(), group); i < end; i++) {
        int row = HostAllocator.i32(segments.order().address(), i);
        summand.addTo(sums, row, column, count, room);
      }
    }
  }
}

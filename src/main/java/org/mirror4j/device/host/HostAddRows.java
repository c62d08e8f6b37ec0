package org.mirror4j.device.host;

import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Row#addRows}. */
final class HostAddRows {
  private final SegmentSums sums;
  private Tensor x;

  HostAddRows(HostThreads threads, HostScratch[] scratch) {
    sums = new SegmentSums(threads, scratch, this::addTo);
  }

  /** The segments have been looked at. */
  void addRows(Tensor table, Tensor x, RowSegments segments) {
    this.x = x;
    sums.addTo(table, segments);
  }

  private void addTo(long sums, int row, int column, int count, long room) {
    long first = (long) row * x.columns() + column;
    RowLoops.add(sums, StoredRow.load(x, first, count, room), count);
  }
}

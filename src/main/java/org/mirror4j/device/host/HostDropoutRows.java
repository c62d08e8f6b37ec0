package org.mirror4j.device.host;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Activation#dropout}: a row at a time. */
final class HostDropoutRows {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task task = this::run;
  private Tensor y;
  private Tensor x;
  private Dropout dropout;
  private int site;

  HostDropoutRows(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void run(Tensor y, Tensor x, Dropout dropout, int site) {
    this.y = y;
    this.x = x;
    this.dropout = dropout;
    this.site = site;
    threads.run((x.rows() + ROWS - 1) / ROWS, task);
  }

  private void run(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    int floats = HostDropout.floats(width);
    long keep = scratch[worker].floats(floats + (long) width);
    long values = keep + 4L * floats;
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      HostDropout.multipliers(keep, dropout, site, row, width, width);
      long result = StoredRow.room(y, first, values);
      RowLoops.multiply(result, StoredRow.load(x, first, width, values), keep, width);
      StoredRow.store(y, first, width, result);
    }
  }
}

package org.mirror4j.device.host;

import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Row#multiplyRows} and {@link
 * org.mirror4j.device.operation.Row#addRowProducts}.
 */
final class HostRowProducts {
  /** Rows of a piece of products. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task multiply = this::multiply;
  private final SegmentSums sums;
  private Tensor y;
  private Tensor x;
  private Tensor first;
  private Tensor second;
  private Tensor factors;
  private Tensor partners;

  HostRowProducts(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new SegmentSums(threads, scratch, this::addTo);
  }

  /** The indices have been looked at. */
  void multiply(Tensor y, Tensor x, Tensor first, Tensor second) {
    this.y = y;
    this.x = x;
    this.first = first;
    this.second = second;
    threads.run((y.rows() + ROWS - 1) / ROWS, multiply);
  }

  private void multiply(int index, int worker) {
    int width = x.columns();
    long a = scratch[worker].floats(2L * width);
    long b = a + 4L * width;
    int end = Math.min(y.rows(), (index + 1) * ROWS);
    for (int row = index * ROWS; row < end; row++) {
      long product = StoredRow.room(y, (long) row * width, a);
      RowLoops.multiply(product, row(x, first, row, a), row(x, second, row, b), width);
      StoredRow.store(y, (long) row * width, width, product);
    }
  }

  /** The row that an index is of, or its widened copy. */
  private static long row(Tensor x, Tensor rows, int index, long values) {
    int row = HostAllocator.i32(rows.address(), index);
    return StoredRow.load(x, (long) row * x.columns(), x.columns(), values);
  }

  /** The segments and the partners have been looked at. */
  void add(Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments) {
    this.x = x;
    this.factors = factors;
    this.partners = partners;
    sums.addTo(table, segments);
  }

  private void addTo(long sums, int row, int column, int count, long products) {
    int width = x.columns();
    int partner = HostAllocator.i32(partners.address(), row);
    RowLoops.multiply(
        products,
        StoredRow.load(x, (long) row * width + column, count, products),
        StoredRow.load(factors, (long) partner * width + column, count, products + 4L * count),
        count);
    RowLoops.add(sums, products, count);
  }
}

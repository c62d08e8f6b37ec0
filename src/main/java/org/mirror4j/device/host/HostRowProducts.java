package org.mirror4j.device.host;

import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Row#multiplyRows} and {@link
 * org.mirror4j.device.operation.Row#addRowProducts}, of which a piece of work is some columns of a
 * few groups, so that each element of the table is one worker's.
 */
final class HostRowProducts {
  /** Rows of a piece of products. */
  private static final int ROWS = 16;

  /** Groups and columns of a piece of sums. */
  private static final int GROUPS = 4, COLUMNS = 256;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task multiply = this::multiply;
  private final HostThreads.Task add = this::add;
  private Tensor y;
  private Tensor x;
  private Tensor first;
  private Tensor second;
  private Tensor table;
  private Tensor factors;
  private Tensor partners;
  private RowSegments segments;

  HostRowProducts(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
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
    this.table = table;
    this.x = x;
    this.factors = factors;
    this.partners = partners;
    this.segments = segments;
    int groups = (segments.keys().rows() + GROUPS - 1) / GROUPS;
    threads.run(groups * chunks(), add);
  }

  private int chunks() {
    return (table.columns() + COLUMNS - 1) / COLUMNS;
  }

  private void add(int index, int worker) {
    int column = index % chunks() * COLUMNS;
    int firstGroup = index / chunks() * GROUPS;
    int end = Math.min(segments.keys().rows(), firstGroup + GROUPS);
    long products = scratch[worker].floats(2L * COLUMNS);
    for (int group = firstGroup; group < end; group++) {
      add(group, column, products);
    }
  }

  private void add(int group, int column, long products) {
    int width = table.columns();
    int count = Math.min(COLUMNS, width - column);
    int key = HostAllocator.i32(segments.keys().address(), group);
    int end = HostAllocator.i32(segments.starts().address(), group + 1);
    long to = StoredRow.at(table, (long) key * width + column);
    long room = products + 4L * COLUMNS;
    for (int i = HostAllocator.i32(segments.starts().address(), group); i < end; i++) {
      int row = HostAllocator.i32(segments.order().address(), i);
      int partner = HostAllocator.i32(partners.address(), row);
      RowLoops.multiply(
          products,
          StoredRow.load(x, (long) row * width + column, count, products),
          StoredRow.load(factors, (long) partner * width + column, count, room),
          count);
      RowLoops.add(to, products, count);
    }
  }
}

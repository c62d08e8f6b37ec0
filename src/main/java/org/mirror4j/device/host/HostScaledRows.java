package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Optimizer#scaleRows}: a row is read and written once. */
final class HostScaledRows {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostThreads.Task scale = this::scale;
  private Tensor x;
  private Tensor stored;
  private Tensor rows;
  private Tensor factors;
  private int from;

  HostScaledRows(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link org.mirror4j.device.operation.Optimizer#scaleRows}. */
  void run(Tensor x, Tensor stored, Tensor rows, int from, Tensor factors) {
    HostIndices.requireBelow("scaleRows", rows, x.rows());
    this.x = x;
    this.stored = stored;
    this.rows = rows;
    this.factors = factors;
    this.from = from;
    threads.run(Math.ceilDiv(rows.rows() - from, ROWS), scale);
  }

  private void scale(int index, int worker) {
    int columns = x.columns();
    int first = from + index * ROWS;
    int end = Math.min(rows.rows(), first + ROWS);
    for (int i = first; i < end; i++) {
      long start = (long) HostAllocator.i32(rows.address(), i) * columns;
      long row = x.address() + 4 * start;
      for (int c = scaleFull(row, columns); c < columns; c++) {
        HostAllocator.f32(row, c, scaled(HostAllocator.f32(row, c)));
      }
      if (stored != x) {
        StoredRow.write(stored, start, columns, row);
      }
    }
  }

  /** Four vectors at once: each waits for its own last product alone. */
  private int scaleFull(long row, int columns) {
    long factor = factors.address();
    int count = factors.rows();
    int c = 0;
    for (; c + 4 * LANES <= columns; c += 4 * LANES) {
      long at = row + 4L * c;
      FloatVector x0 = fromMemorySegment(SPECIES, ALL, at, ORDER);
      FloatVector x1 = fromMemorySegment(SPECIES, ALL, at + 4L * LANES, ORDER);
      FloatVector x2 = fromMemorySegment(SPECIES, ALL, at + 8L * LANES, ORDER);
      FloatVector x3 = fromMemorySegment(SPECIES, ALL, at + 12L * LANES, ORDER);
      for (int k = 0; k < count; k++) {
        FloatVector by = FloatVector.broadcast(SPECIES, HostAllocator.f32(factor, k));
        x0 = by.mul(x0);
        x1 = by.mul(x1);
        x2 = by.mul(x2);
        x3 = by.mul(x3);
      }
      x0.intoMemorySegment(ALL, at, ORDER);
      x1.intoMemorySegment(ALL, at + 4L * LANES, ORDER);
      x2.intoMemorySegment(ALL, at + 8L * LANES, ORDER);
      x3.intoMemorySegment(ALL, at + 12L * LANES, ORDER);
    }
    return c;
  }

  private float scaled(float value) {
    float product = value;
    for (int k = 0; k < factors.rows(); k++) {
      product *= HostAllocator.f32(factors.address(), k);
    }
    return product;
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.mirror4j.tensor.Tensor;

/** Rows scaled to length 1, and the gradient, for {@link HostRow}. */
final class HostNormalizeRows {
  /** The smallest norm that is divided by. */
  private static final float SMALLEST = 1e-12f;

  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor u;
  private Tensor norm;
  private Tensor h;
  private Tensor dH;
  private Tensor dU;

  HostNormalizeRows(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** The rows of u and their norms. The square of the norm is summed in f64. */
  void forward(Tensor u, Tensor norm, Tensor h) {
    this.u = u;
    this.norm = norm;
    this.h = h;
    threads.run((h.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = h.columns();
    int end = Math.min(h.rows(), (index + 1) * ROWS);
    long lanes = scratch[worker].floats(SquareSum.SCRATCH);
    for (int row = index * ROWS; row < end; row++) {
      long at = 4L * row * width;
      double square = SquareSum.of(h.address() + at, width, lanes);
      float length = Math.max((float) Math.sqrt(square), SMALLEST);
      HostAllocator.f32(norm.address(), row, length);
      RowLoops.divide(u.address() + at, h.address() + at, length, width);
    }
  }

  /** {@link org.mirror4j.device.operation.Row#normalizeRowsBackward}. */
  void backward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    this.dH = dH;
    this.dU = dU;
    this.u = u;
    this.norm = norm;
    threads.run((u.rows() + ROWS - 1) / ROWS, backward);
  }

  private void backward(int index, int worker) {
    int width = u.columns();
    int end = Math.min(u.rows(), (index + 1) * ROWS);
    long lanes = scratch[worker].floats(LANES);
    for (int row = index * ROWS; row < end; row++) {
      long at = 4L * row * width;
      float length = HostAllocator.f32(norm.address(), row);
      if (length == SMALLEST) {
        RowLoops.divide(dH.address() + at, dU.address() + at, length, width);
      } else {
        float along = RowLoops.dot(u.address() + at, dU.address() + at, width, lanes);
        project(dH.address() + at, dU.address() + at, u.address() + at, along, length, width);
      }
    }
  }

  /** {@code dH = (dU - u along) / length}. */
  private static void project(long dH, long dU, long u, float along, float length, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector across =
          fromMemorySegment(SPECIES, ALL, dU + 4L * i, ORDER)
              .sub(fromMemorySegment(SPECIES, ALL, u + 4L * i, ORDER).mul(along));
      across.div(length).intoMemorySegment(ALL, dH + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector across =
          fromMemorySegment(SPECIES, ALL, dU + 4L * i, ORDER, mask)
              .sub(fromMemorySegment(SPECIES, ALL, u + 4L * i, ORDER, mask).mul(along));
      across.div(length).intoMemorySegment(ALL, dH + 4L * i, ORDER, mask);
    }
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Activation#biasRelu} and its gradient: a row at a time,
 * through scratch memory.
 */
final class HostBiasRelu {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor x;
  private Tensor bias;
  private Tensor dX;
  private Tensor dY;

  HostBiasRelu(HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link org.mirror4j.device.operation.Activation#biasRelu}. */
  void forward(Tensor y, Tensor x, Tensor bias) {
    this.y = y;
    this.x = x;
    this.bias = bias;
    threads.run((x.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    long values = scratch[worker].floats(width);
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long result = StoredRow.room(y, first, values);
      relu(result, StoredRow.load(x, first, width, values), bias.address(), width);
      StoredRow.store(y, first, width, result);
    }
  }

  /** {@code y = max(0, x + bias)}; y may be x. */
  private static void relu(long y, long x, long bias, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER))
          .max(0f)
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      HostAllocator.f32(y, i, Math.max(0f, HostAllocator.f32(x, i) + HostAllocator.f32(bias, i)));
    }
  }

  /** {@link org.mirror4j.device.operation.Activation#biasReluBackward}. */
  void backward(Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
    if (x.rows() == 0) {
      return;
    }
    this.dX = dX;
    this.dY = dY;
    this.x = x;
    this.bias = bias;
    threads.run(sums.plan(x.rows(), x.columns()), backward);
    sums.addTo(dBias, 0, x.columns());
  }

  private void backward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ColumnSums.ROWS);
    long values = scratch[worker].floats(2L * width);
    long gradients = values + 4L * width;
    long dBias = sums.block(index);
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long first = (long) row * width;
      long gradient = StoredRow.room(dX, first, gradients);
      pass(
          gradient,
          StoredRow.load(dY, first, width, gradients),
          StoredRow.load(x, first, width, values),
          bias.address(),
          width);
      StoredRow.store(dX, first, width, gradient);
      RowLoops.add(dBias, gradient, width);
    }
  }

  /** {@code dX = dY} where {@code x + bias} is above 0, else 0; dX may be dY. */
  private static void pass(long dX, long dY, long x, long bias, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER));
      fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER)
          .blend(0f, value.compare(VectorOperators.LE, 0f))
          .intoMemorySegment(ALL, dX + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      boolean off = HostAllocator.f32(x, i) + HostAllocator.f32(bias, i) <= 0;
      HostAllocator.f32(dX, i, off ? 0 : HostAllocator.f32(dY, i));
    }
  }
}

package org.mirror4j.device.host;

import static org.mirror4j.device.host.ChannelChunk.CHANNELS;
import static org.mirror4j.device.host.HostAllocator.f32;

import org.mirror4j.device.operation.Flow;
import org.mirror4j.tensor.Tensor;

/**
 * {@link Flow#actNorm}, its inverse and its gradient. Sums over rows go row by row: off by at most
 * {@code rows u} of the sum of magnitudes.
 */
final class HostActNorm {
  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task inverse = this::inverse;
  private final HostThreads.Task backward = this::backward;
  private Flow.Columns to;
  private Flow.Columns from;
  private Flow.Columns y;
  private Flow.ActNorm gradient;
  private Flow.ActNorm parameters;
  private Tensor order;
  private float dLogDeterminant;

  HostActNorm(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** {@link Flow#actNorm}. */
  void forward(Flow.Columns y, Flow.Columns x, Tensor order, Flow.ActNorm parameters) {
    to = y;
    from = x;
    run(order, parameters, forward);
  }

  private void forward(int index, int worker) {
    int first = index * CHANNELS;
    int end = ChannelChunk.end(index, order.rows());
    long scales = scales(first, end, worker);
    long bias = parameters.bias().address();
    for (int row = 0; row < to.left().rows(); row++) {
      for (int c = first; c < end; c++) {
        int source = HostAllocator.i32(order.address(), c);
        float shifted = f32(at(from, row, source), 0) + f32(bias, source);
        f32(at(to, row, c), 0, shifted * f32(scales, c - first));
      }
    }
  }

  /** {@link Flow#actNormInverse}. */
  void inverse(Flow.Columns x, Flow.Columns y, Tensor order, Flow.ActNorm parameters) {
    to = x;
    from = y;
    run(order, parameters, inverse);
  }

  private void inverse(int index, int worker) {
    int first = index * CHANNELS;
    int end = ChannelChunk.end(index, order.rows());
    long scales = scales(first, end, worker);
    long bias = parameters.bias().address();
    for (int row = 0; row < from.left().rows(); row++) {
      for (int c = first; c < end; c++) {
        int target = HostAllocator.i32(order.address(), c);
        float shifted = f32(at(from, row, c), 0) / f32(scales, c - first);
        f32(at(to, row, target), 0, shifted - f32(bias, target));
      }
    }
  }

  /** {@link Flow#actNormBackward}. */
  void backward(
      Flow.Columns dX,
      Flow.ActNorm gradient,
      Flow.Columns dY,
      Flow.Columns y,
      Tensor order,
      Flow.ActNorm parameters,
      float dLogDeterminant) {
    to = dX;
    from = dY;
    this.y = y;
    this.gradient = gradient;
    this.dLogDeterminant = dLogDeterminant;
    run(order, parameters, backward);
  }

  private void backward(int index, int worker) {
    int first = index * CHANNELS;
    int end = ChannelChunk.end(index, order.rows());
    long scales = scales(first, end, worker);
    long biasSums = scales + 4L * CHANNELS;
    long scaleSums = biasSums + 4L * CHANNELS;
    HostAllocator.zero(biasSums, 8L * CHANNELS);
    for (int row = 0; row < y.left().rows(); row++) {
      for (int c = first; c < end; c++) {
        int i = c - first;
        float dY = f32(at(from, row, c), 0);
        float dX = dY * f32(scales, i);
        f32(at(to, row, HostAllocator.i32(order.address(), c)), 0, dX);
        f32(biasSums, i, f32(biasSums, i) + dX);
        f32(scaleSums, i, Math.fma(dY, f32(at(y, row, c), 0), f32(scaleSums, i)));
      }
    }
    for (int c = first; c < end; c++) {
      int i = c - first;
      int source = HostAllocator.i32(order.address(), c);
      f32(gradient.bias().address(), source, f32(biasSums, i));
      float sum = f32(scaleSums, i) + dLogDeterminant;
      f32(gradient.logScale().address(), source, Flow.LOG_SCALE_FACTOR * sum);
    }
  }

  private void run(Tensor order, Flow.ActNorm parameters, HostThreads.Task task) {
    this.order = order;
    this.parameters = parameters;
    threads.run(ChannelChunk.pieces(order.rows()), task);
  }

  /** Scales of the channels that become those of a piece, in their new order. */
  private long scales(int first, int end, int worker) {
    long scales = scratch[worker].floats(3L * CHANNELS);
    for (int c = first; c < end; c++) {
      int source = HostAllocator.i32(order.address(), c);
      f32(scales, c - first, ChannelChunk.scale(parameters.logScale().address(), source));
    }
    return scales;
  }

  /** Address of an element of a matrix in two parts. */
  private static long at(Flow.Columns matrix, long row, int column) {
    int left = matrix.left().columns();
    return column < left
        ? matrix.left().address() + 4 * (row * left + column)
        : matrix.right().address() + 4 * (row * matrix.right().columns() + column - left);
  }
}

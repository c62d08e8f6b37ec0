package org.mirror4j.device.host;

import static org.mirror4j.device.host.ChannelChunk.CHANNELS;
import static org.mirror4j.device.host.HostAllocator.f32;

import org.mirror4j.device.operation.Flow;
import org.mirror4j.tensor.Tensor;

/** {@link Flow#additiveCoupling}, its inverse and its gradient, whose sums go row by row. */
final class HostAdditiveCoupling {
  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor x;
  private Tensor shift;
  private Tensor dShift;
  private Flow.ActNorm gradient;
  private Flow.ActNorm parameters;
  private float sign;

  HostAdditiveCoupling(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** {@link Flow#additiveCoupling} or, with the sign -1, its inverse. */
  void forward(Tensor y, Tensor x, Tensor shift, Flow.ActNorm parameters, int sign) {
    this.y = y;
    this.x = x;
    this.shift = shift;
    this.parameters = parameters;
    this.sign = sign;
    threads.run(ChannelChunk.pieces(x.columns()), forward);
  }

  private void forward(int index, int worker) {
    int first = index * CHANNELS;
    int width = x.columns();
    int end = ChannelChunk.end(index, width);
    long scales = scales(first, end, worker);
    long bias = parameters.bias().address();
    for (int row = 0; row < x.rows(); row++) {
      long at = (long) row * width;
      for (int c = first; c < end; c++) {
        float value = (f32(shift.address(), at + c) + f32(bias, c)) * f32(scales, c - first);
        f32(y.address(), at + c, Math.fma(sign, value, f32(x.address(), at + c)));
      }
    }
  }

  /** {@link Flow#additiveCouplingBackward}. */
  void backward(
      Tensor dShift, Flow.ActNorm gradient, Tensor dY, Tensor shift, Flow.ActNorm parameters) {
    this.dShift = dShift;
    this.gradient = gradient;
    this.y = dY;
    this.shift = shift;
    this.parameters = parameters;
    threads.run(ChannelChunk.pieces(shift.columns()), backward);
  }

  private void backward(int index, int worker) {
    int first = index * CHANNELS;
    int width = shift.columns();
    int end = ChannelChunk.end(index, width);
    long scales = scales(first, end, worker);
    long biasSums = scales + 4L * CHANNELS;
    long scaleSums = biasSums + 4L * CHANNELS;
    HostAllocator.zero(biasSums, 8L * CHANNELS);
    long bias = parameters.bias().address();
    for (int row = 0; row < shift.rows(); row++) {
      long at = (long) row * width;
      for (int c = first; c < end; c++) {
        int i = c - first;
        float gradient = f32(y.address(), at + c) * f32(scales, i);
        float shifted = f32(shift.address(), at + c) + f32(bias, c);
        f32(dShift.address(), at + c, gradient);
        f32(biasSums, i, f32(biasSums, i) + gradient);
        f32(scaleSums, i, Math.fma(gradient, shifted, f32(scaleSums, i)));
      }
    }
    for (int c = first; c < end; c++) {
      f32(gradient.bias().address(), c, f32(biasSums, c - first));
      float sum = f32(scaleSums, c - first);
      f32(gradient.logScale().address(), c, Flow.LOG_SCALE_FACTOR * sum);
    }
  }

  private long scales(int first, int end, int worker) {
    long scales = scratch[worker].floats(3L * CHANNELS);
    for (int c = first; c < end; c++) {
      f32(scales, c - first, ChannelChunk.scale(parameters.logScale().address(), c));
    }
    return scales;
  }
}

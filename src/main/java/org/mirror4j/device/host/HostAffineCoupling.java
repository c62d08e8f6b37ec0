package org.mirror4j.device.host;

import static org.mirror4j.device.host.ChannelChunk.CHANNELS;
import static org.mirror4j.device.host.HostAllocator.f32;

import org.mirror4j.device.operation.Flow;
import org.mirror4j.tensor.Tensor;

/**
 * {@link Flow#affineCoupling}, its inverse and its gradient. With {@code e = exp(-|t|)} the
 * logarithm of the sigmoid of t is {@code min(t, 0) - ln(1 + e)}, which neither overflows nor
 * cancels. Sums over rows go row by row, sums over channels are in f64.
 */
final class HostAffineCoupling {
  /** Rows of a piece of what sums over the channels. */
  private static final int ROWS = 8;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task inverse = this::inverse;
  private final HostThreads.Task backward = this::backward;
  private Tensor to;
  private Tensor from;
  private Tensor x;
  private Tensor net;
  private Tensor dNet;
  private Tensor logDeterminant;
  private Flow.ActNorm gradient;
  private Flow.ActNorm parameters;
  private float dLogDeterminant;

  HostAffineCoupling(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** {@link Flow#affineCoupling}. */
  void forward(Tensor y, Tensor logDeterminant, Tensor x, Tensor net, Flow.ActNorm parameters) {
    this.logDeterminant = logDeterminant;
    set(y, x, net, parameters);
    threads.run((x.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int channels = from.columns();
    int end = Math.min(from.rows(), (index + 1) * ROWS);
    long scales = scratch[worker].floats(2L * channels);
    scales(scales, 0, 2 * channels);
    for (int row = index * ROWS; row < end; row++) {
      long at = (long) row * channels;
      double logSum = 0;
      for (int c = 0; c < channels; c++) {
        float t = value(row, 2 * c + 1, scales, 0) + Flow.SCALE_OFFSET;
        float e = VectorMath.exp(-Math.abs(t));
        logSum += Math.min(t, 0) - VectorMath.log(1 + e);
        float shifted = f32(from.address(), at + c) + value(row, 2 * c, scales, 0);
        f32(to.address(), at + c, shifted * VectorMath.sigmoid(t, e));
      }
      long determinant = logDeterminant.address();
      f32(determinant, row, (float) (f32(determinant, row) + logSum));
    }
  }

  /** {@link Flow#affineCouplingInverse}. */
  void inverse(Tensor x, Tensor y, Tensor net, Flow.ActNorm parameters) {
    set(x, y, net, parameters);
    threads.run((y.rows() + ROWS - 1) / ROWS, inverse);
  }

  private void inverse(int index, int worker) {
    int channels = from.columns();
    int end = Math.min(from.rows(), (index + 1) * ROWS);
    long scales = scratch[worker].floats(2L * channels);
    scales(scales, 0, 2 * channels);
    for (int row = index * ROWS; row < end; row++) {
      long at = (long) row * channels;
      for (int c = 0; c < channels; c++) {
        float t = value(row, 2 * c + 1, scales, 0) + Flow.SCALE_OFFSET;
        float scale = VectorMath.sigmoid(t, VectorMath.exp(-Math.abs(t)));
        float shift = value(row, 2 * c, scales, 0);
        f32(to.address(), at + c, f32(from.address(), at + c) / scale - shift);
      }
    }
  }

  /** {@link Flow#affineCouplingBackward}. */
  void backward(
      Tensor dX,
      Tensor dNet,
      Flow.ActNorm gradient,
      Tensor dY,
      Tensor x,
      Tensor net,
      Flow.ActNorm parameters,
      float dLogDeterminant) {
    this.x = x;
    this.dNet = dNet;
    this.gradient = gradient;
    this.dLogDeterminant = dLogDeterminant;
    set(dX, dY, net, parameters);
    threads.run(ChannelChunk.pieces(x.columns()), backward);
  }

  private void backward(int index, int worker) {
    int channels = x.columns();
    int first = index * CHANNELS;
    int end = ChannelChunk.end(index, channels);
    int width = 2 * CHANNELS;
    long scales = scratch[worker].floats(3L * width);
    scales(scales, 2 * first, 2 * end);
    long biasSums = scales + 4L * width;
    HostAllocator.zero(biasSums, 8L * width);
    for (int row = 0; row < x.rows(); row++) {
      long at = (long) row * channels;
      for (int c = first; c < end; c++) {
        float t = value(row, 2 * c + 1, scales, 2 * first) + Flow.SCALE_OFFSET;
        float e = VectorMath.exp(-Math.abs(t));
        float scale = VectorMath.sigmoid(t, e);
        float incoming = f32(from.address(), at + c);
        float shifted = f32(x.address(), at + c) + value(row, 2 * c, scales, 2 * first);
        float outgoing = incoming * scale;
        f32(to.address(), at + c, outgoing);
        // d scale / dt = scale (1 - scale), d ln scale / dt = 1 - scale
        float slope = Math.fma(outgoing, shifted, dLogDeterminant) * VectorMath.sigmoid(-t, e);
        add(row, 2 * c, outgoing, scales, 2 * first);
        add(row, 2 * c + 1, slope, scales, 2 * first);
      }
    }
    for (int c = 2 * first; c < 2 * end; c++) {
      f32(gradient.bias().address(), c, f32(biasSums, c - 2 * first));
      float sum = f32(biasSums, width + c - 2 * first);
      f32(gradient.logScale().address(), c, Flow.LOG_SCALE_FACTOR * sum);
    }
  }

  /** Takes the gradient of one of the network's values back through its normalisation. */
  private void add(int row, int column, float dValue, long scales, int first) {
    long at = (long) row * net.columns() + column;
    int i = column - first;
    int width = 2 * CHANNELS;
    float gradient = dValue * f32(scales, i);
    float shifted = f32(net.address(), at) + f32(parameters.bias().address(), column);
    f32(dNet.address(), at, gradient);
    f32(scales, width + i, f32(scales, width + i) + gradient);
    f32(scales, 2 * width + i, Math.fma(gradient, shifted, f32(scales, 2 * width + i)));
  }

  private void set(Tensor to, Tensor from, Tensor net, Flow.ActNorm parameters) {
    this.to = to;
    this.from = from;
    this.net = net;
    this.parameters = parameters;
  }

  private void scales(long scales, int first, int end) {
    for (int c = first; c < end; c++) {
      f32(scales, c - first, ChannelChunk.scale(parameters.logScale().address(), c));
    }
  }

  /** {@code (net + bias) exp(3 logScale)} of one column. */
  private float value(int row, int column, long scales, int first) {
    float shifted =
        f32(net.address(), (long) row * net.columns() + column)
            + f32(parameters.bias().address(), column);
    return shifted * f32(scales, column - first);
  }
}

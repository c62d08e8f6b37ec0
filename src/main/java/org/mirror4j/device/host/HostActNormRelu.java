package org.mirror4j.device.host;

import static org.mirror4j.device.host.ChannelChunk.CHANNELS;
import static org.mirror4j.device.host.HostAllocator.f32;

import org.mirror4j.device.operation.Flow;
import org.mirror4j.tensor.Tensor;

/** {@link Flow#actNormRelu} and its gradient, whose sums go row by row. */
final class HostActNormRelu {
  private final HostThreads threads;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor x;
  private Tensor dX;
  private Tensor dY;
  private Flow.ActNorm gradient;
  private Flow.ActNorm parameters;

  HostActNormRelu(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link Flow#actNormRelu}. */
  void forward(Tensor y, Tensor x, Flow.ActNorm parameters) {
    this.y = y;
    this.x = x;
    this.parameters = parameters;
    threads.run(ChannelChunk.pieces(x.columns()), forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = ChannelChunk.end(index, width);
    long bias = parameters.bias().address();
    for (int c = index * CHANNELS; c < end; c++) {
      float scale = ChannelChunk.scale(parameters.logScale().address(), c);
      float shift = f32(bias, c);
      for (long i = c; i < x.size(); i += width) {
        float value = (f32(x.address(), i) + shift) * scale;
        f32(y.address(), i, value < 0 ? 0 : value); // NaN stays
      }
    }
  }

  /** {@link Flow#actNormReluBackward}. */
  void backward(Tensor dX, Flow.ActNorm gradient, Tensor dY, Tensor y, Flow.ActNorm parameters) {
    this.dX = dX;
    this.dY = dY;
    this.y = y;
    this.gradient = gradient;
    this.parameters = parameters;
    threads.run(ChannelChunk.pieces(y.columns()), backward);
  }

  private void backward(int index, int worker) {
    int width = y.columns();
    int end = ChannelChunk.end(index, width);
    for (int c = index * CHANNELS; c < end; c++) {
      float scale = ChannelChunk.scale(parameters.logScale().address(), c);
      float biasSum = 0;
      float scaleSum = 0;
      for (long i = c; i < y.size(); i += width) {
        float value = f32(y.address(), i);
        float incoming = f32(dY.address(), i);
        float outgoing = value > 0 ? incoming * scale : 0;
        f32(dX.address(), i, outgoing);
        biasSum += outgoing;
        scaleSum = Math.fma(incoming, value, scaleSum);
      }
      f32(gradient.bias().address(), c, biasSum);
      f32(gradient.logScale().address(), c, Flow.LOG_SCALE_FACTOR * scaleSum);
    }
  }
}

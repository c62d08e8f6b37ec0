package org.mirror4j.device.host;

import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.bound;
import static org.mirror4j.device.host.VectorMath.load;
import static org.mirror4j.device.host.VectorMath.store;
import static org.mirror4j.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.Kernels;
import org.mirror4j.tensor.Tensor;

/** {@link Kernels#biasGelu} and its gradient. */
final class HostBiasGelu {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final ColumnSums sums;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor x;
  private Tensor bias;
  private Tensor dX;
  private Tensor dY;
  private GeluForm form;

  HostBiasGelu(HostThreads threads, HostMemory memory) {
    this.threads = threads;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link Kernels#biasGelu}. */
  void forward(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    this.y = y;
    this.x = x;
    this.bias = bias;
    this.form = form;
    threads.run((x.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    for (int row = index * ROWS; row < end; row++) {
      long at = 4L * row * width;
      if (form == GeluForm.ERF) {
        erf(y.address() + at, x.address() + at, bias.address(), width);
      } else {
        tanh(y.address() + at, x.address() + at, bias.address(), width);
      }
    }
  }

  private static void erf(long y, long x, long bias, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(Gelu.erf(load(x, i).add(load(bias, i))), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(Gelu.erf(load(x, i, mask).add(load(bias, i, mask))), y, i, mask);
    }
  }

  private static void tanh(long y, long x, long bias, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(Gelu.tanh(load(x, i).add(load(bias, i))), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(Gelu.tanh(load(x, i, mask).add(load(bias, i, mask))), y, i, mask);
    }
  }

  /** {@link Kernels#biasGeluBackward}. */
  void backward(Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    if (x.rows() == 0) {
      return;
    }
    this.dX = dX;
    this.dY = dY;
    this.x = x;
    this.bias = bias;
    this.form = form;
    threads.run(sums.plan(x.rows(), x.columns()), backward);
    sums.addTo(dBias, 0, x.columns());
  }

  private void backward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ColumnSums.ROWS);
    long dBias = sums.block(index);
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long at = 4L * row * width;
      if (form == GeluForm.ERF) {
        erfBackward(dX.address() + at, dY.address() + at, x.address() + at, bias.address(), width);
      } else {
        tanhBackward(dX.address() + at, dY.address() + at, x.address() + at, bias.address(), width);
      }
      RowLoops.add(dBias, dX.address() + at, width);
    }
  }

  private static void erfBackward(long dX, long dY, long x, long bias, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector slope = Gelu.erfGradient(load(x, i).add(load(bias, i)));
      store(load(dY, i).mul(slope), dX, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector slope = Gelu.erfGradient(load(x, i, mask).add(load(bias, i, mask)));
      store(load(dY, i, mask).mul(slope), dX, i, mask);
    }
  }

  private static void tanhBackward(long dX, long dY, long x, long bias, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector slope = Gelu.tanhGradient(load(x, i).add(load(bias, i)));
      store(load(dY, i).mul(slope), dX, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector slope = Gelu.tanhGradient(load(x, i, mask).add(load(bias, i, mask)));
      store(load(dY, i, mask).mul(slope), dX, i, mask);
    }
  }
}

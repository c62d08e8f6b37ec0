package org.mirror4j.device.host;

import java.lang.foreign.MemorySegment;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Activation#biasGelu} and its gradient: a row at a time,
 * through scratch memory.
 */
final class HostBiasGelu {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  /** Multiplications, about, of an element. */
  private static final int MULTIPLICATIONS = 20;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final ScalarStart start;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task forwardScalars = this::forwardScalars;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor x;
  private Tensor bias;
  private Tensor dX;
  private Tensor dY;
  private GeluForm form;

  HostBiasGelu(
      HostThreads threads, HostScratch[] scratch, HostAllocator memory, ScalarStart start) {
    this.threads = threads;
    this.scratch = scratch;
    this.start = start;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link org.mirror4j.device.operation.Activation#biasGelu}. */
  void forward(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    this.y = y;
    this.x = x;
    this.bias = bias;
    this.form = form;
    boolean scalars = start.takes(MULTIPLICATIONS * x.size());
    threads.run((x.rows() + ROWS - 1) / ROWS, scalars ? forwardScalars : forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    long values = scratch[worker].floats(Gelu.floats(width));
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      RowLoops.sum(values, StoredRow.load(x, first, width, values), bias.address(), width);
      if (form == GeluForm.ERF) {
        Gelu.erf(values, width);
      } else {
        Gelu.tanh(values, width);
      }
      StoredRow.write(y, first, width, values);
    }
  }

  /** {@link #forward(int, int)} by scalars. */
  private void forwardScalars(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    long room = scratch[worker].floats(width);
    float[] biases = HostAllocator.f32s(bias.address(), width);
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      float[] values = HostAllocator.f32s(StoredRow.load(x, first, width, room), width);
      for (int i = 0; i < width; i++) {
        float value = values[i] + biases[i];
        values[i] = form == GeluForm.ERF ? Gelu.erf(value) : Gelu.tanh(value);
      }
      long result = StoredRow.room(y, first, room);
      MemorySegment.copy(values, 0, HostAllocator.ALL, HostAllocator.F32, result, width);
      StoredRow.store(y, first, width, result);
    }
  }

  /** {@link org.mirror4j.device.operation.Activation#biasGeluBackward}. */
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
    int floats = Gelu.floats(width);
    long slopes = scratch[worker].floats(floats + (long) width);
    long gradients = slopes + 4L * floats;
    long dBias = sums.block(index);
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long first = (long) row * width;
      RowLoops.sum(slopes, StoredRow.load(x, first, width, slopes), bias.address(), width);
      if (form == GeluForm.ERF) {
        Gelu.erfGradient(slopes, width);
      } else {
        Gelu.tanhGradient(slopes, width);
      }
      long gradient = StoredRow.room(dX, first, gradients);
      RowLoops.multiply(gradient, StoredRow.load(dY, first, width, gradients), slopes, width);
      StoredRow.store(dX, first, width, gradient);
      RowLoops.add(dBias, gradient, width);
    }
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

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
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER));
      SPECIES.loopBound(0); // see VectorMath
      Gelu.erf(shifted).intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER, mask));
      SPECIES.loopBound(0); // see VectorMath
      Gelu.erf(shifted).intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
    }
  }

  private static void tanh(long y, long x, long bias, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER));
      SPECIES.loopBound(0); // see VectorMath
      Gelu.tanh(shifted).intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER, mask));
      SPECIES.loopBound(0); // see VectorMath
      Gelu.tanh(shifted).intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
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
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER));
      SPECIES.loopBound(0); // see VectorMath
      FloatVector slope = Gelu.erfGradient(shifted);
      fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER)
          .mul(slope)
          .intoMemorySegment(ALL, dX + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER, mask));
      SPECIES.loopBound(0); // see VectorMath
      FloatVector slope = Gelu.erfGradient(shifted);
      fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER, mask)
          .mul(slope)
          .intoMemorySegment(ALL, dX + 4L * i, ORDER, mask);
    }
  }

  private static void tanhBackward(long dX, long dY, long x, long bias, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER));
      SPECIES.loopBound(0); // see VectorMath
      FloatVector slope = Gelu.tanhGradient(shifted);
      fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER)
          .mul(slope)
          .intoMemorySegment(ALL, dX + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector shifted =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER, mask));
      SPECIES.loopBound(0); // see VectorMath
      FloatVector slope = Gelu.tanhGradient(shifted);
      fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER, mask)
          .mul(slope)
          .intoMemorySegment(ALL, dX + 4L * i, ORDER, mask);
    }
  }
}

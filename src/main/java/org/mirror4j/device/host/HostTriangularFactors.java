package org.mirror4j.device.host;

import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.HostAllocator.f32;

import java.lang.foreign.MemorySegment;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.tensor.Tensor;

/** {@link Flow#triangularFactors} and its gradient, a run of rows at a time. */
final class HostTriangularFactors {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor lower;
  private Tensor upper;
  private Tensor factors;
  private Tensor logScale;
  private Tensor sign;
  private Tensor dLower;
  private Tensor dUpper;
  private float dLogDeterminant;

  HostTriangularFactors(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link Flow#triangularFactors}. */
  void forward(Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign) {
    this.lower = lower;
    this.upper = upper;
    this.factors = factors;
    this.logScale = logScale;
    this.sign = sign;
    threads.run((logScale.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int n = logScale.rows();
    int end = Math.min(n, (index + 1) * ROWS);
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * n;
      copy(lower, factors, first, row);
      HostAllocator.zero(lower.address() + 4 * (first + row), 4L * (n - row));
      HostAllocator.zero(upper.address() + 4 * first, 4L * row);
      copy(upper, factors, first + row, n - row);
      f32(lower.address(), first + row, 1);
      float scale = VectorMath.exp(f32(logScale.address(), row));
      f32(upper.address(), first + row, f32(sign.address(), row) * scale);
    }
  }

  /** {@link Flow#triangularFactorsBackward}. */
  void backward(
      Tensor dFactors,
      Tensor dLogScale,
      Tensor dLower,
      Tensor dUpper,
      Tensor upper,
      float dLogDeterminant) {
    factors = dFactors;
    logScale = dLogScale;
    this.dLower = dLower;
    this.dUpper = dUpper;
    this.upper = upper;
    this.dLogDeterminant = dLogDeterminant;
    threads.run((logScale.rows() + ROWS - 1) / ROWS, backward);
  }

  private void backward(int index, int worker) {
    int n = logScale.rows();
    int end = Math.min(n, (index + 1) * ROWS);
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * n;
      copy(factors, dLower, first, row);
      copy(factors, dUpper, first + row, n - row);
      f32(factors.address(), first + row, 0);
      float slope = f32(dUpper.address(), first + row);
      float diagonal = f32(upper.address(), first + row);
      f32(logScale.address(), row, Math.fma(slope, diagonal, dLogDeterminant));
    }
  }

  private static void copy(Tensor to, Tensor from, long first, int count) {
    MemorySegment.copy(ALL, from.address() + 4 * first, ALL, to.address() + 4 * first, 4L * count);
  }
}

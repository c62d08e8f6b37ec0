package org.mirror4j.device.host;

import static org.mirror4j.device.host.HostAllocator.f32;

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
      RowLoops.copy(lower.address() + 4 * first, factors.address() + 4 * first, row);
      RowLoops.fill(lower.address() + 4 * (first + row), 0, n - row);
      RowLoops.fill(upper.address() + 4 * first, 0, row);
      RowLoops.copy(
          upper.address() + 4 * (first + row), factors.address() + 4 * (first + row), n - row);
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
      RowLoops.copy(factors.address() + 4 * first, dLower.address() + 4 * first, row);
      RowLoops.copy(
          factors.address() + 4 * (first + row), dUpper.address() + 4 * (first + row), n - row);
      f32(factors.address(), first + row, 0);
      float slope = f32(dUpper.address(), first + row);
      float diagonal = f32(upper.address(), first + row);
      f32(logScale.address(), row, Math.fma(slope, diagonal, dLogDeterminant));
    }
  }
}

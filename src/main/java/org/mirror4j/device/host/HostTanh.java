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
 * The hyperbolic tangent and its gradient, a row at a time. With {@code a = |x|} and {@code e =
 * exp(-2a)}:
 *
 * <pre>
 *   a &lt; 0.625:  tanh(x) = x + x^3 P(x^2)
 *   else:        tanh(x) = (1 - e) / (1 + e), with the sign of x
 * </pre>
 *
 * <p>Relative error at most {@code 5u}, u = 2^-24, at both ends too. P is off by 0.1u of the
 * result, and its term is at most 0.13 of it, so that the last rounding counts most. In the
 * quotient e is off by 2u of itself, which counts {@code 2e / (1 - e^2) <= 0.63} times; two sums
 * and the division are off by u each.
 */
final class HostTanh {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  /** From here on the quotient cancels less than a bit. */
  private static final float SMALL = 0.625f;

  // P(s) = C1 + C2 s + ... + C5 s^4: least maximum relative error of x + x^3 P(x^2).
  private static final float C1 = -0.33333282f;
  private static final float C2 = 0.13331442f;
  private static final float C3 = -0.053739715f;
  private static final float C4 = 0.020639088f;
  private static final float C5 = -0.005704987f;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor x;
  private Tensor dX;
  private Tensor dY;

  HostTanh(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.operation.Activation}, forward. */
  void forward(Tensor y, Tensor x) {
    this.y = y;
    this.x = x;
    threads.run((x.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = x.columns();
    int end = Math.min(x.rows(), (index + 1) * ROWS);
    long values = scratch[worker].floats(floats(width));
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long stored = StoredRow.load(x, first, width, values);
      if (stored != values) {
        RowLoops.copy(values, stored, width);
      }
      apply(values, width);
      StoredRow.write(y, first, width, values);
    }
  }

  /** Floats that {@link #apply} overwrites for {@code count} elements: values and exponentials. */
  static int floats(int count) {
    return 2 * SmallProducts.stride(count);
  }

  /** The function, in place, of whole vectors: what lies past {@code count} becomes anything. */
  static void apply(long x, int count) {
    int stride = SmallProducts.stride(count);
    long exponentials = x + 4L * stride;
    for (int i = 0; i < stride; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .abs()
          .mul(-2f)
          .intoMemorySegment(ALL, exponentials + 4L * i, ORDER);
    }
    VectorMath.exp(exponentials, stride);
    combine(x, exponentials, stride);
  }

  private static void combine(long x, long exponentials, int count) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      FloatVector e = fromMemorySegment(SPECIES, ALL, exponentials + 4L * i, ORDER);
      FloatVector large = one.sub(e).div(e.add(1f));
      FloatVector square = value.mul(value);
      FloatVector p = square.lanewise(VectorOperators.FMA, C5, C4);
      p = p.fma(square, FloatVector.broadcast(SPECIES, C3));
      p = p.fma(square, FloatVector.broadcast(SPECIES, C2));
      p = p.fma(square, FloatVector.broadcast(SPECIES, C1));
      FloatVector small = value.mul(square).fma(p, value);
      large
          .blend(large.neg(), value.compare(VectorOperators.LT, 0f))
          .blend(small, value.abs().compare(VectorOperators.LT, SMALL))
          .intoMemorySegment(ALL, x + 4L * i, ORDER);
    }
  }

  /** {@link org.mirror4j.device.operation.Activation}, backward. */
  void backward(Tensor dX, Tensor dY, Tensor y) {
    this.dX = dX;
    this.dY = dY;
    this.y = y;
    threads.run((y.rows() + ROWS - 1) / ROWS, backward);
  }

  private void backward(int index, int worker) {
    int width = y.columns();
    int end = Math.min(y.rows(), (index + 1) * ROWS);
    long values = scratch[worker].floats(2L * width);
    long gradients = values + 4L * width;
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long gradient = StoredRow.room(dX, first, gradients);
      multiplySlopes(
          gradient,
          StoredRow.load(dY, first, width, gradients),
          StoredRow.load(y, first, width, values),
          width);
      StoredRow.store(dX, first, width, gradient);
    }
  }

  /** {@code dX = dY (1 - y^2)}. */
  private static void multiplySlopes(long dX, long dY, long y, int count) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, y + 4L * i, ORDER);
      value
          .neg()
          .fma(value, one)
          .mul(fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER))
          .intoMemorySegment(ALL, dX + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      float value = HostAllocator.f32(y, i);
      HostAllocator.f32(dX, i, Math.fma(-value, value, 1f) * HostAllocator.f32(dY, i));
    }
  }
}

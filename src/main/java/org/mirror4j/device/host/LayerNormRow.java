package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * LayerNorm of one row of {@code count} f32s, forward and backward (Ba et al. 2016, eq. 4). With n
 * = count, {@code xhat = (x - mean) rstd} and {@code g = dY gamma}:
 *
 * <pre>  dX = rstd (g - sum(g) / n - xhat sum(g xhat) / n)  </pre>
 *
 * What does not fill a vector is computed one element at a time, rounded as in a vector.
 *
 * <p>Sums are taken lane by lane in f32, then over the lanes: at most {@code (n / lanes + 5) u} of
 * the sum of magnitudes.
 */
final class LayerNormRow {
  /** Floats of scratch that the methods overwrite. */
  static final int SCRATCH = 2 * LANES;

  private LayerNormRow() {}

  /** {@code 1 / sqrt(variance + epsilon)} with the biased variance about {@code mean}. */
  static float rstd(long x, float mean, float epsilon, int count, long scratch) {
    double variance = squaredDeviations(x, mean, count, scratch) / (double) count;
    return (float) (1 / Math.sqrt(variance + epsilon));
  }

  private static float squaredDeviations(long x, float mean, int count, long scratch) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector deviation = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean);
      sum = deviation.fma(deviation, sum);
    }
    sum.intoMemorySegment(ALL, scratch, ORDER);
    for (int i = whole; i < count; i++) {
      float deviation = HostAllocator.f32(x, i) - mean;
      addProduct(scratch, i - whole, deviation, deviation);
    }
    return VectorMath.sumAt(scratch);
  }

  /** {@code y = (x - mean) rstd gamma + beta}. */
  static void normalize(long y, long x, float mean, float rstd, long gamma, long beta, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .sub(mean)
          .mul(rstd)
          .fma(
              fromMemorySegment(SPECIES, ALL, gamma + 4L * i, ORDER),
              fromMemorySegment(SPECIES, ALL, beta + 4L * i, ORDER))
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      float xhat = (HostAllocator.f32(x, i) - mean) * rstd;
      HostAllocator.f32(
          y, i, Math.fma(xhat, HostAllocator.f32(gamma, i), HostAllocator.f32(beta, i)));
    }
  }

  /**
   * Gradient of the row. {@code dX} may be {@code dY}; gradients of gamma and beta are added to.
   *
   * @param scratch room of {@link #SCRATCH}
   */
  static void backward(
      long dX,
      long dGamma,
      long dBeta,
      long dY,
      long x,
      float mean,
      float rstd,
      long gamma,
      int count,
      long scratch) {
    RowLoops.add(dBeta, dY, count);
    int whole = SPECIES.loopBound(count);
    addSums(scratch, dGamma, dY, x, mean, rstd, gamma, whole);
    addLastSums(scratch, dGamma, dY, x, mean, rstd, gamma, whole, count);
    float meanG = VectorMath.sumAt(scratch) / count;
    float meanGX = VectorMath.sumAt(scratch + 4L * LANES) / count;
    gradient(dX, dY, x, mean, rstd, gamma, meanG, meanGX, count);
  }

  /**
   * {@code dGamma += dY xhat}; sums are the lanes of {@code sum(g)} and, after them, of {@code
   * sum(g xhat)}.
   */
  private static void addSums(
      long sums, long dGamma, long dY, long x, float mean, float rstd, long gamma, int whole) {
    FloatVector sumG = FloatVector.zero(SPECIES);
    FloatVector sumGX = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector dy = fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER);
      FloatVector xhat = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean).mul(rstd);
      xhat.fma(dy, fromMemorySegment(SPECIES, ALL, dGamma + 4L * i, ORDER))
          .intoMemorySegment(ALL, dGamma + 4L * i, ORDER);
      FloatVector g = dy.mul(fromMemorySegment(SPECIES, ALL, gamma + 4L * i, ORDER));
      sumG = g.add(sumG);
      sumGX = xhat.fma(g, sumGX);
    }
    sumG.intoMemorySegment(ALL, sums, ORDER);
    sumGX.intoMemorySegment(ALL, sums + 4L * LANES, ORDER);
  }

  /** The same for what does not fill a vector. */
  private static void addLastSums(
      long sums,
      long dGamma,
      long dY,
      long x,
      float mean,
      float rstd,
      long gamma,
      int whole,
      int count) {
    for (int i = whole; i < count; i++) {
      float dy = HostAllocator.f32(dY, i);
      float xhat = (HostAllocator.f32(x, i) - mean) * rstd;
      addProduct(dGamma, i, xhat, dy);
      float g = dy * HostAllocator.f32(gamma, i);
      addTo(sums, i - whole, g);
      addProduct(sums + 4L * LANES, i - whole, xhat, g);
    }
  }

  private static void gradient(
      long dX,
      long dY,
      long x,
      float mean,
      float rstd,
      long gamma,
      float meanG,
      float meanGX,
      int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector g =
          fromMemorySegment(SPECIES, ALL, dY + 4L * i, ORDER)
              .mul(fromMemorySegment(SPECIES, ALL, gamma + 4L * i, ORDER));
      FloatVector xhat = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean).mul(rstd);
      g.sub(meanG).sub(xhat.mul(meanGX)).mul(rstd).intoMemorySegment(ALL, dX + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      float g = HostAllocator.f32(dY, i) * HostAllocator.f32(gamma, i);
      float xhat = (HostAllocator.f32(x, i) - mean) * rstd;
      HostAllocator.f32(dX, i, (g - meanG - xhat * meanGX) * rstd);
    }
  }

  private static void addTo(long sums, int index, float value) {
    HostAllocator.f32(sums, index, HostAllocator.f32(sums, index) + value);
  }

  private static void addProduct(long sums, int index, float a, float b) {
    HostAllocator.f32(sums, index, Math.fma(a, b, HostAllocator.f32(sums, index)));
  }
}

package org.mirror4j.device.host;

import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.SPECIES;
import static org.mirror4j.device.host.VectorMath.bound;
import static org.mirror4j.device.host.VectorMath.load;
import static org.mirror4j.device.host.VectorMath.store;
import static org.mirror4j.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * LayerNorm of one row of {@code count} f32s, forward and backward (Ba et al. 2016, eq. 4). With n
 * = count, {@code xhat = (x - mean) rstd} and {@code g = dY gamma}:
 *
 * <pre>  dX = rstd (g - sum(g) / n - xhat sum(g xhat) / n)  </pre>
 *
 * Sums are taken lane by lane in f32, then over the lanes: at most {@code (n / lanes + 5) u} of the
 * sum of magnitudes.
 */
final class LayerNormRow {
  private LayerNormRow() {}

  /** {@code 1 / sqrt(variance + epsilon)} with the biased variance about {@code mean}. */
  static float rstd(long x, float mean, float epsilon, int count) {
    double variance = squaredDeviations(x, mean, count) / (double) count;
    return (float) (1 / Math.sqrt(variance + epsilon));
  }

  /** Sum of the elements. */
  static float sum(long x, int count) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < bound(count); i += LANES) {
      sum = sum.add(load(x, i));
    }
    if (i < count) {
      sum = sum.add(load(x, i, tail(i, count)));
    }
    return VectorMath.sum(sum);
  }

  private static float squaredDeviations(long x, float mean, int count) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector deviation = load(x, i).sub(mean);
      sum = deviation.fma(deviation, sum);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector deviation = load(x, i, mask).sub(FloatVector.broadcast(SPECIES, mean), mask);
      sum = deviation.fma(deviation, sum);
    }
    return VectorMath.sum(sum);
  }

  /** {@code y = (x - mean) rstd gamma + beta}. */
  static void normalize(long y, long x, float mean, float rstd, long gamma, long beta, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(load(x, i).sub(mean).mul(rstd).fma(load(gamma, i), load(beta, i)), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector xhat = load(x, i, mask).sub(mean).mul(rstd);
      store(xhat.fma(load(gamma, i, mask), load(beta, i, mask)), y, i, mask);
    }
  }

  /**
   * Gradient of the row. {@code dX} may be {@code dY}; gradients of gamma and beta are added to.
   *
   * @param scratch room for two f32s
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
    rowSums(scratch, dY, x, mean, rstd, gamma, count);
    addColumns(dGamma, dBeta, dY, x, mean, rstd, count);
    float meanG = HostMemory.f32(scratch, 0) / count;
    float meanGX = HostMemory.f32(scratch, 1) / count;
    gradient(dX, dY, x, mean, rstd, gamma, meanG, meanGX, count);
  }

  /** {@code sums = (sum(g), sum(g xhat))}. */
  private static void rowSums(
      long sums, long dY, long x, float mean, float rstd, long gamma, int count) {
    FloatVector sumG = FloatVector.zero(SPECIES);
    FloatVector sumGX = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector g = load(dY, i).mul(load(gamma, i));
      sumG = sumG.add(g);
      sumGX = load(x, i).sub(mean).mul(rstd).fma(g, sumGX);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector g = load(dY, i, mask).mul(load(gamma, i, mask));
      sumG = sumG.add(g);
      sumGX = load(x, i, mask).sub(mean).mul(rstd).fma(g, sumGX);
    }
    HostMemory.f32(sums, 0, VectorMath.sum(sumG));
    HostMemory.f32(sums, 1, VectorMath.sum(sumGX));
  }

  /** {@code dGamma += dY xhat, dBeta += dY}. */
  private static void addColumns(
      long dGamma, long dBeta, long dY, long x, float mean, float rstd, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector dy = load(dY, i);
      store(load(x, i).sub(mean).mul(rstd).fma(dy, load(dGamma, i)), dGamma, i);
      store(load(dBeta, i).add(dy), dBeta, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector dy = load(dY, i, mask);
      FloatVector xhat = load(x, i, mask).sub(mean).mul(rstd);
      store(xhat.fma(dy, load(dGamma, i, mask)), dGamma, i, mask);
      store(load(dBeta, i, mask).add(dy), dBeta, i, mask);
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
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector g = load(dY, i).mul(load(gamma, i));
      FloatVector xhat = load(x, i).sub(mean).mul(rstd);
      store(g.sub(meanG).sub(xhat.mul(meanGX)).mul(rstd), dX, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector g = load(dY, i, mask).mul(load(gamma, i, mask));
      FloatVector xhat = load(x, i, mask).sub(mean).mul(rstd);
      store(g.sub(meanG).sub(xhat.mul(meanGX)).mul(rstd), dX, i, mask);
    }
  }
}

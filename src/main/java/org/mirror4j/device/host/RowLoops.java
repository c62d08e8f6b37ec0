package org.mirror4j.device.host;

import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.SPECIES;
import static org.mirror4j.device.host.VectorMath.bound;
import static org.mirror4j.device.host.VectorMath.load;
import static org.mirror4j.device.host.VectorMath.store;
import static org.mirror4j.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementwise loops over one run of f32s, by address. Each is a method of its own: vector loops
 * that share a body with others fall off the compiler's inlining limits and box every vector.
 */
final class RowLoops {
  private RowLoops() {}

  /** {@code y = value}. */
  static void fill(long y, float value, int count) {
    FloatVector vector = FloatVector.broadcast(SPECIES, value);
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(vector, y, i);
    }
    if (i < count) {
      store(vector, y, i, tail(i, count));
    }
  }

  /** {@code y = x}. */
  static void copy(long y, long x, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(load(x, i), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, i, mask), y, i, mask);
    }
  }

  /** {@code y += x}. */
  static void add(long y, long x, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(load(y, i).add(load(x, i)), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(y, i, mask).add(load(x, i, mask)), y, i, mask);
    }
  }

  /** {@code y = x factor}; y may be x. */
  static void scale(long y, long x, float factor, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(load(x, i).mul(factor), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, i, mask).mul(factor), y, i, mask);
    }
  }

  /** {@code y = x / divisor}; y may be x. */
  static void divide(long y, long x, float divisor, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(load(x, i).div(divisor), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, i, mask).div(divisor), y, i, mask);
    }
  }

  /** {@code y = x factors}; y may be x. */
  static void multiply(long y, long x, long factors, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      store(load(x, i).mul(load(factors, i)), y, i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, i, mask).mul(load(factors, i, mask)), y, i, mask);
    }
  }

  /** {@code x . y}, summed lane by lane, then over the lanes. */
  static float dot(long x, long y, int count) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < bound(count); i += LANES) {
      sum = load(x, i).fma(load(y, i), sum);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      sum = load(x, i, mask).fma(load(y, i, mask), sum);
    }
    return VectorMath.sum(sum);
  }

  /** Whether an element is infinite or not a number. */
  static boolean anyNonFinite(long x, int count) {
    FloatVector zeros = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < bound(count); i += LANES) {
      zeros = load(x, i).lanewise(VectorOperators.FMA, FloatVector.zero(SPECIES), zeros);
    }
    if (i < count) {
      FloatVector rest = load(x, i, tail(i, count));
      zeros = rest.lanewise(VectorOperators.FMA, FloatVector.zero(SPECIES), zeros);
    }
    // Finite numbers times 0 add up to 0; infinity and NaN give NaN, which stays.
    return zeros.compare(VectorOperators.NE, 0f).anyTrue();
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
    for (; i < SPECIES.loopBound(count); i += LANES) {
      vector.intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      vector.intoMemorySegment(ALL, y + 4L * i, ORDER, SPECIES.indexInRange(i, count));
    }
  }

  /** {@code y = x}. */
  static void copy(long y, long x, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
          .intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
    }
  }

  /** {@code y += x}. */
  static void add(long y, long x, int count) {
    sum(y, y, x, count);
  }

  /** {@code y = a + b}; y may be either. */
  static void sum(long y, long a, long b, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      fromMemorySegment(SPECIES, ALL, a + 4L * i, ORDER)
          .add(fromMemorySegment(SPECIES, ALL, b + 4L * i, ORDER))
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      fromMemorySegment(SPECIES, ALL, a + 4L * i, ORDER, mask)
          .add(fromMemorySegment(SPECIES, ALL, b + 4L * i, ORDER, mask))
          .intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
    }
  }

  /** {@code y += x factor}, each rounded once. */
  static void addScaled(long y, long x, float factor, int count) {
    int whole = SPECIES.loopBound(count);
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .fma(factors, fromMemorySegment(SPECIES, ALL, y + 4L * i, ORDER))
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      HostAllocator.f32(y, i, Math.fma(HostAllocator.f32(x, i), factor, HostAllocator.f32(y, i)));
    }
  }

  /** {@code y = x factor}; y may be x. */
  static void scale(long y, long x, float factor, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .mul(factor)
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
          .mul(factor)
          .intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
    }
  }

  /** {@code y = (x - subtrahend) factor}; y may be x. */
  static void shift(long y, long x, float subtrahend, float factor, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .sub(subtrahend)
          .mul(factor)
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      HostAllocator.f32(y, i, (HostAllocator.f32(x, i) - subtrahend) * factor);
    }
  }

  /** {@code y = x / divisor}; y may be x. */
  static void divide(long y, long x, float divisor, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .div(divisor)
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
          .div(divisor)
          .intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
    }
  }

  /** {@code y = x factors}; y may be x. */
  static void multiply(long y, long x, long factors, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .mul(fromMemorySegment(SPECIES, ALL, factors + 4L * i, ORDER))
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
          .mul(fromMemorySegment(SPECIES, ALL, factors + 4L * i, ORDER, mask))
          .intoMemorySegment(ALL, y + 4L * i, ORDER, mask);
    }
  }

  /** Sum of the elements, lane by lane, then over the lanes; scratch has room for a vector. */
  static float total(long x, int count, long scratch) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      sum = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).add(sum);
    }
    sum.intoMemorySegment(ALL, scratch, ORDER);
    for (int i = whole; i < count; i++) {
      int lane = i - whole;
      HostAllocator.f32(scratch, lane, HostAllocator.f32(scratch, lane) + HostAllocator.f32(x, i));
    }
    return VectorMath.sumAt(scratch);
  }

  /** The largest element; scratch has room for a vector. */
  static float max(long x, int count, long scratch) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      max = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).max(max);
    }
    max.intoMemorySegment(ALL, scratch, ORDER);
    float largest = VectorMath.maxAt(scratch);
    for (int i = whole; i < count; i++) {
      largest = Math.max(largest, HostAllocator.f32(x, i));
    }
    return largest;
  }

  /** {@code x . y}, summed lane by lane, then over the lanes; scratch has room for a vector. */
  static float dot(long x, long y, int count, long scratch) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      sum =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
              .fma(fromMemorySegment(SPECIES, ALL, y + 4L * i, ORDER), sum);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      sum =
          fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER, mask)
              .fma(fromMemorySegment(SPECIES, ALL, y + 4L * i, ORDER, mask), sum);
    }
    sum.intoMemorySegment(ALL, scratch, ORDER);
    return VectorMath.sumAt(scratch);
  }
}

package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * What {@link org.mirror4j.device.operation.PackedProduct} does with one row beside the product:
 * rounding to 8 bits before, and factors afterwards. Loops of scalars give the same bits of what is
 * finite as those of vectors.
 */
final class Int8Rows {
  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class).check(int.class);

  /** As many bytes as a vector has floats. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES));

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final float MOST = 255;

  /** Adding this to what is below 2^22 rounds it to an integer, to even, in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private Int8Rows() {}

  /** The factor t and the zero z of a row. */
  static float factor(float low, float high) {
    return (high - low) / MOST;
  }

  /** What a row is multiplied by: 0 where all of it is 0, or so small that this has no size. */
  static float inverse(float factor) {
    float inverse = 1 / factor;
    return inverse < Float.POSITIVE_INFINITY ? inverse : 0;
  }

  static int zero(float low, float inverse) {
    return (int) Math.rint(-low * inverse);
  }

  /**
   * The range of a row and 0: least and greatest, two floats. The comparisons pass over NaN, which
   * {@code Math.min} would keep at several times the cost; it is kept apart.
   */
  static void range(long range, long x, int count) {
    int whole = SPECIES.loopBound(count);
    FloatVector least = FloatVector.zero(SPECIES);
    FloatVector most = least;
    FloatVector zero = least;
    // 0, or NaN as soon as an element is not finite.
    FloatVector finite = least;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value = fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      least = value.blend(least, value.compare(VectorOperators.LT, least).not());
      most = value.blend(most, value.compare(VectorOperators.GT, most).not());
      finite = value.fma(zero, finite);
    }
    float unknown = finite.reduceLanes(VectorOperators.MAX);
    HostAllocator.f32(range, 0, least.reduceLanes(VectorOperators.MIN) + unknown);
    HostAllocator.f32(range, 1, most.reduceLanes(VectorOperators.MAX) + unknown);
    rangeScalars(range, x, whole, count);
  }

  /** Widens a range by a part of a row, by scalars. */
  static void rangeScalars(long range, long x, int from, int to) {
    float low = HostAllocator.f32(range, 0);
    float high = HostAllocator.f32(range, 1);
    for (int i = from; i < to; i++) {
      float value = HostAllocator.f32(x, i);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    HostAllocator.f32(range, 0, low);
    HostAllocator.f32(range, 1, high);
  }

  /** {@code u = min(max(rint(x inverse + zero), 0), 255)}, bytes. */
  static void quantize(long u, long x, int count, float inverse, int zero) {
    int whole = SPECIES.loopBound(count);
    FloatVector factors = FloatVector.broadcast(SPECIES, inverse);
    FloatVector zeros = FloatVector.broadcast(SPECIES, zero);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER)
          .fma(factors, zeros)
          .max(0)
          .min(MOST)
          .add(ROUND)
          .reinterpretAsInts()
          .convertShape(VectorOperators.I2B, BYTES, 0)
          .reinterpretAsBytes()
          .intoMemorySegment(ALL, u + i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      ALL.set(BYTE, u + i, (byte) rounded(HostAllocator.f32(x, i), inverse, zero));
    }
  }

  /** {@link #quantize} by scalars. */
  static void quantizeScalars(long u, long x, int count, float inverse, int zero) {
    for (int i = 0; i < count; i++) {
      ALL.set(BYTE, u + i, (byte) rounded(HostAllocator.f32(x, i), inverse, zero));
    }
  }

  private static int rounded(float x, float inverse, int zero) {
    float within = Math.min(Math.max(Math.fma(x, inverse, zero), 0), MOST);
    return Float.floatToRawIntBits(within + ROUND) & 0xFF;
  }

  /** {@code y = (t scales) (sums - z columns)}, each operation rounded once. */
  static void scale(long y, long sums, long scales, long columns, int count, float t, int z) {
    int whole = SPECIES.loopBound(count);
    IntVector zeros = IntVector.broadcast(INTS, z);
    FloatVector factors = FloatVector.broadcast(SPECIES, t);
    for (int i = 0; i < whole; i += LANES) {
      IntVector sum = IntVector.fromMemorySegment(INTS, ALL, sums + 4L * i, ORDER);
      sum.sub(IntVector.fromMemorySegment(INTS, ALL, columns + 4L * i, ORDER).mul(zeros))
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(fromMemorySegment(SPECIES, ALL, scales + 4L * i, ORDER).mul(factors))
          .intoMemorySegment(ALL, y + 4L * i, ORDER);
    }
    scaleScalars(y, sums, scales, columns, whole, count, t, z);
  }

  /** {@link #scale} by scalars, of a part of the elements. */
  static void scaleScalars(
      long y, long sums, long scales, long columns, int from, int to, float t, int z) {
    for (int i = from; i < to; i++) {
      int sum = HostAllocator.i32(sums, i) - z * HostAllocator.i32(columns, i);
      HostAllocator.f32(y, i, sum * (HostAllocator.f32(scales, i) * t));
    }
  }
}

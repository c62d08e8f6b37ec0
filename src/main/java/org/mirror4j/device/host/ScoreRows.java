package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.HostDropout.TO_TOP;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over a row of attention scores, whole vectors, of which a sequence's keys take the columns
 * from {@code lane} to {@code end}: see {@link ScoreLayout}.
 */
final class ScoreRows {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final FloatVector COLUMNS = FloatVector.zero(SPECIES).addIndex(1);

  private ScoreRows() {}

  /**
   * The largest score of each row becomes 0, what is no key's column -infinity, what lies between
   * is multiplied.
   *
   * @param maxima takes the largest scores, one a row
   * @param lanes scratch of a vector
   */
  static void shift(
      long x, int rows, int stride, int lane, int end, float factor, long maxima, long lanes) {
    for (int i = 0; i < rows; i++) {
      long row = x + 4L * i * stride;
      limit(row, stride, lane, end, lanes);
      float max = VectorMath.maxAt(lanes);
      RowLoops.shift(row, row, max, factor, stride);
      HostAllocator.f32(maxima, i, max);
    }
  }

  /** The same of rows of one vector. */
  static void shift(long x, int rows, int lane, int end, float factor, long maxima) {
    for (int i = 0; i < rows; i++) {
      FloatVector limited =
          fromMemorySegment(SPECIES, ALL, x + 4L * LANES * i, ORDER)
              .blend(Float.NEGATIVE_INFINITY, COLUMNS.compare(VectorOperators.LT, (float) lane))
              .blend(Float.NEGATIVE_INFINITY, COLUMNS.compare(VectorOperators.GE, (float) end));
      float max = limited.reduceLanes(VectorOperators.MAX);
      limited.sub(max).mul(factor).intoMemorySegment(ALL, x + 4L * LANES * i, ORDER);
      HostAllocator.f32(maxima, i, max);
    }
  }

  /** Columns that are no key's become -infinity; maxima takes the largest of each lane. */
  private static void limit(long x, int stride, int lane, int end, long maxima) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < stride; j += LANES) {
      FloatVector limited =
          fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER)
              .blend(
                  Float.NEGATIVE_INFINITY, COLUMNS.compare(VectorOperators.LT, (float) (lane - j)))
              .blend(
                  Float.NEGATIVE_INFINITY, COLUMNS.compare(VectorOperators.GE, (float) (end - j)));
      limited.intoMemorySegment(ALL, x + 4L * j, ORDER);
      max = limited.max(max);
    }
    max.intoMemorySegment(ALL, maxima, ORDER);
  }

  /** {@code x = factor x - subtrahend}; columns that are no key's become -infinity. */
  static void scaleAndShift(long x, int stride, int lane, int end, float factor, float subtrahend) {
    for (int j = 0; j < stride; j += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER)
          .mul(factor)
          .sub(subtrahend)
          .blend(Float.NEGATIVE_INFINITY, COLUMNS.compare(VectorOperators.LT, (float) (lane - j)))
          .blend(Float.NEGATIVE_INFINITY, COLUMNS.compare(VectorOperators.GE, (float) (end - j)))
          .intoMemorySegment(ALL, x + 4L * j, ORDER);
    }
  }

  /**
   * {@code x = factor x r}, where r is {@code kept} if dropout keeps the key, else 0.
   *
   * @param bits of the row, see {@link HostDropout#rowBits}
   */
  static void scale(long x, int stride, float factor, long bits, int lane, float kept) {
    int keptBits = Float.floatToRawIntBits(kept);
    for (int j = 0; j < stride; j += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER)
          .mul(factor)
          .mul(
              IntVector.broadcast(INTS, word(bits, j) << lane)
                  .lanewise(VectorOperators.LSHL, TO_TOP)
                  .lanewise(VectorOperators.ASHR, 31)
                  .and(keptBits)
                  .reinterpretAsFloats())
          .intoMemorySegment(ALL, x + 4L * j, ORDER);
    }
  }

  /**
   * Probabilities become weights of the values, gradients of weights those of the scores: {@code g
   * = p (factor g - dot), p = factor p}.
   */
  static void differentiate(long p, long g, int stride, float factor, float dot) {
    for (int j = 0; j < stride; j += LANES) {
      FloatVector probability = fromMemorySegment(SPECIES, ALL, p + 4L * j, ORDER);
      probability.mul(factor).intoMemorySegment(ALL, p + 4L * j, ORDER);
      fromMemorySegment(SPECIES, ALL, g + 4L * j, ORDER)
          .mul(factor)
          .sub(dot)
          .mul(probability)
          .intoMemorySegment(ALL, g + 4L * j, ORDER);
    }
  }

  /** The same where dropout keeps the key; elsewhere with a factor of 0. */
  static void differentiate(
      long p, long g, int stride, float factor, float dot, long bits, int lane) {
    int factorBits = Float.floatToRawIntBits(factor);
    for (int j = 0; j < stride; j += LANES) {
      FloatVector r =
          IntVector.broadcast(INTS, word(bits, j) << lane)
              .lanewise(VectorOperators.LSHL, TO_TOP)
              .lanewise(VectorOperators.ASHR, 31)
              .and(factorBits)
              .reinterpretAsFloats();
      FloatVector probability = fromMemorySegment(SPECIES, ALL, p + 4L * j, ORDER);
      probability.mul(r).intoMemorySegment(ALL, p + 4L * j, ORDER);
      fromMemorySegment(SPECIES, ALL, g + 4L * j, ORDER)
          .mul(r)
          .sub(dot)
          .mul(probability)
          .intoMemorySegment(ALL, g + 4L * j, ORDER);
    }
  }

  /** Bits from column j on, as many as a vector has lanes at least. */
  private static int word(long bits, int j) {
    return (int) (HostAllocator.i64(bits, j / 64) >>> (j % 64));
  }
}

package org.mirror4j.device.host;

import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sum of squares of a run of f32s in f64: products are exact, so only the additions round. */
final class SquareSum {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = DOUBLES.length();

  /** Floats of scratch that are overwritten. */
  static final int SCRATCH = 2 * LANES;

  private SquareSum() {}

  /**
   * {@code sum x^2}, lane by lane, then over the lanes in order.
   *
   * @param scratch room of {@link #SCRATCH}
   */
  static double of(long x, int count, long scratch) {
    int whole = SPECIES.loopBound(count);
    int bound = count & -LANES;
    lanes(x, whole, scratch);
    for (int i = whole; i < bound; i++) {
      double value = HostAllocator.f32(x, i);
      HostAllocator.f64(scratch, i - whole, HostAllocator.f64(scratch, i - whole) + value * value);
    }
    double sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      sum += HostAllocator.f64(scratch, lane);
    }
    for (int i = bound; i < count; i++) {
      double value = HostAllocator.f32(x, i);
      sum += value * value;
    }
    return sum;
  }

  /** A vector of f32s makes two of f64s: only one species of f32s occurs in the program. */
  private static void lanes(long x, int whole, long sums) {
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int i = 0; i < whole; i += 2 * LANES) {
      FloatVector values = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER);
      DoubleVector low = (DoubleVector) values.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) values.convertShape(VectorOperators.F2D, DOUBLES, 1);
      sum = high.fma(high, low.fma(low, sum));
    }
    sum.intoMemorySegment(ALL, sums, ORDER);
  }
}

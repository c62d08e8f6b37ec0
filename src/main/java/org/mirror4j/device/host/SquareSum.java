package org.mirror4j.device.host;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Sum of squares of a run of f32s in f64: products are exact, so only the additions round. */
final class SquareSum {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = DOUBLES.length();

  /** As many f32s as there are f64s in a vector. */
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(32 * LANES));

  /** Floats of scratch that are overwritten. */
  static final int SCRATCH = 2 * LANES;

  private SquareSum() {}

  /**
   * {@code sum x^2}, lane by lane, then over the lanes in order.
   *
   * @param scratch room of {@link #SCRATCH}
   */
  static double of(long x, int count, long scratch) {
    int bound = count & -LANES;
    lanes(x, bound, scratch);
    double sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      sum += HostMemory.f64(scratch, lane);
    }
    for (int i = bound; i < count; i++) {
      double value = HostMemory.f32(x, i);
      sum += value * value;
    }
    return sum;
  }

  private static void lanes(long x, int bound, long sums) {
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int i = 0; i < bound; i += LANES) {
      DoubleVector value =
          (DoubleVector)
              FloatVector.fromMemorySegment(
                      FLOATS, HostMemory.ALL, x + 4L * i, ByteOrder.nativeOrder())
                  .convertShape(VectorOperators.F2D, DOUBLES, 0);
      sum = value.fma(value, sum);
    }
    sum.intoMemorySegment(HostMemory.ALL, sums, ByteOrder.nativeOrder());
  }
}

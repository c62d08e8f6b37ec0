package org.mirror4j.device.host;

import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Runs of bf16, the upper halves of f32s, to f32 and back. Narrowing rounds to nearest, ties to
 * even; overflow gives infinity, and NaN stays NaN.
 */
final class Bfloat16 {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** As many shorts as a vector has f32s. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));

  private static final ValueLayout.OfShort BITS = ValueLayout.JAVA_SHORT_UNALIGNED;

  /** Just below half a unit in the last place: the last bit kept makes it half where that is 1. */
  private static final int ALMOST_HALF = 0x7FFF;

  /** What makes a NaN quiet, so that one does not become infinite when its lower half goes. */
  private static final int QUIET = 0x40;

  private Bfloat16() {}

  /** {@code to = from}, {@code count} bf16 to f32. */
  static void widen(long to, long from, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      ((IntVector)
              ShortVector.fromMemorySegment(SHORTS, ALL, from + 2L * i, ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .intoMemorySegment(ALL, to + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      HostAllocator.f32(to, i, Float.intBitsToFloat(ALL.get(BITS, from + 2L * i) << 16));
    }
  }

  /** {@code to = from}, {@code count} f32 to bf16. */
  static void narrow(long to, long from, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(SPECIES, ALL, from + 4L * i, ORDER);
      IntVector bits = x.reinterpretAsInts();
      IntVector high = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector rounded = high.and(1).add(bits).add(ALMOST_HALF).lanewise(VectorOperators.LSHR, 16);
      ((ShortVector)
              rounded
                  .blend(high.or(QUIET), x.test(VectorOperators.IS_NAN).cast(INTS))
                  .convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(ALL, to + 2L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      ALL.set(BITS, to + 2L * i, narrow(HostAllocator.f32(from, i)));
    }
  }

  private static short narrow(float x) {
    int bits = Float.floatToRawIntBits(x);
    int high = bits >>> 16;
    return (short) (Float.isNaN(x) ? high | QUIET : (bits + ALMOST_HALF + (high & 1)) >>> 16);
  }
}

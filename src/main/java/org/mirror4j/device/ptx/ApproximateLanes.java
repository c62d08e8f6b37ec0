package org.mirror4j.device.ptx;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneSpecies;
import org.mirror4j.device.ptx.number.Approximation;

/**
 * The approximate instructions of inner loops, where {@link Approximation#NOMINAL} is asked for:
 * rounded from f64, with the bits of {@link Approximation}. What the vectors do not settle — other
 * modes, numbers that are no normal ones, a value so near the middle between two floats that the
 * error of the exponential could matter — is computed lane by lane as the reference does it.
 */
final class ApproximateLanes {
  private static final int EX2 = 0;
  private static final int RCP = 1;
  private static final int RSQRT = 2;

  private static final VectorSpecies<Double> DOUBLES = LaneSpecies.DOUBLES;
  private static final int WIDTH = DOUBLES.length();
  private static final VectorSpecies<Float> FLOATS = LaneSpecies.FLOATS_OF_DOUBLES;

  private static final double LN_2 = Math.log(2);

  /** Sizes below which a power of two and its argument are normal floats. */
  private static final float LARGEST_EXPONENT = 125;

  private static final float SMALLEST = 0x1p-126f;

  /** Reciprocals of sizes below are normal floats. */
  private static final float LARGEST_DIVISOR = 0x1p125f;

  /** Added to a double of less than 2^51, its last bit is that of a whole number. */
  private static final double WHOLE = 0x1.8p52;

  private static final int DOUBLE_BIAS = 1023;
  private static final int DOUBLE_FRACTION_BITS = 52;

  /** Bits of a double's fraction that a float has not. */
  private static final long LOST = (1L << 29) - 1;

  private static final long MIDDLE = 1L << 28;

  /**
   * Units in the last place of a double that two exponentials may be apart: that of {@link Math} is
   * within one of the true value. The series below leaves out less than 2^-57 of it for arguments
   * of at most ln 2 / 2, and each of its roundings, of at most half a unit, is multiplied by the
   * argument before the next, which adds to less than one. The scaling is exact. Eight times that.
   */
  private static final long DOUBT = 16;

  /** 1 / k! for k from 0 on. */
  private static final double[] SERIES = new double[14];

  static {
    double factorial = 1;
    for (int k = 0; k < SERIES.length; k++) {
      factorial *= Math.max(k, 1);
      SERIES[k] = 1 / factorial;
    }
  }

  private ApproximateLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    return switch (name) {
      case "ex2.approx.f32", "ex2.approx.ftz.f32" -> EX2;
      case "rcp.approx.f32", "rcp.approx.ftz.f32" -> RCP;
      case "rsqrt.approx.f32", "rsqrt.approx.ftz.f32" -> RSQRT;
      default -> -1;
    };
  }

  /**
   * {@code d = operation(a)} in the lanes of a mask. See {@link LaneCode} on its length.
   *
   * @param index of the instruction
   * @param flush 1 where subnormal numbers become zero
   */
  static void apply(Warp warp, int mask, int operation, int d, int a, int index, int flush) {
    Approximation approximation = warp.worker.launch().options().approximation();
    if (mask != Warp.FULL || approximation != Approximation.NOMINAL) {
      warp.operate(warp.code[index], mask);
      return;
    }
    float[] values = warp.floats;
    int[] words = warp.words;
    for (int i = 0; i < Warp.LANES; i++) {
      values[i] = intBitsToFloat(words[a + i]);
    }
    for (int i = 0; i < Warp.LANES; i += WIDTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      FloatVector size = x.lanewise(VectorOperators.ABS);
      boolean settled =
          operation == EX2
              ? size.compare(VectorOperators.LT, LARGEST_EXPONENT).allTrue()
              : size.compare(VectorOperators.LT, LARGEST_DIVISOR).allTrue()
                  && size.compare(VectorOperators.GE, SMALLEST).allTrue()
                  && (operation == RCP || x.compare(VectorOperators.GT, 0).allTrue());
      DoubleVector wide = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector value;
      if (operation == EX2) {
        DoubleVector shifted = wide.add(WHOLE);
        DoubleVector whole = shifted.sub(WHOLE);
        // Not VectorOperators.EXP, which Java looks up by a name with the digits of the user's
        // language.
        DoubleVector part = wide.sub(whole).mul(LN_2);
        DoubleVector power = DoubleVector.broadcast(DOUBLES, SERIES[SERIES.length - 1]);
        for (int k = SERIES.length - 2; k >= 0; k--) {
          power = power.fma(part, DoubleVector.broadcast(DOUBLES, SERIES[k]));
        }
        LongVector exponent =
            shifted
                .reinterpretAsLongs()
                .add(DOUBLE_BIAS)
                .lanewise(VectorOperators.LSHL, DOUBLE_FRACTION_BITS);
        value = power.mul(exponent.reinterpretAsDoubles());
        LongVector fromMiddle =
            value.reinterpretAsLongs().and(LOST).sub(MIDDLE).lanewise(VectorOperators.ABS);
        VectorMask<Long> doubtful = fromMiddle.compare(VectorOperators.LE, DOUBT);
        settled &= !doubtful.anyTrue();
      } else if (operation == RCP) {
        value = DoubleVector.broadcast(DOUBLES, 1).div(wide);
      } else {
        value = DoubleVector.broadcast(DOUBLES, 1).div(wide.lanewise(VectorOperators.SQRT));
      }
      if (settled) {
        ((FloatVector) value.convertShape(VectorOperators.D2F, FLOATS, 0)).intoArray(values, i);
      } else {
        for (int lane = i; lane < i + WIDTH; lane++) {
          int in = floatToRawIntBits(values[lane]);
          float flushed = intBitsToFloat(flush != 0 ? FloatArithmetic.flush(in) : in);
          float exact = one(approximation, operation, flushed);
          int out = floatToRawIntBits(exact);
          values[lane] = intBitsToFloat(flush != 0 ? FloatArithmetic.flush(out) : out);
        }
      }
    }
    for (int i = 0; i < Warp.LANES; i++) {
      words[d + i] = floatToRawIntBits(values[i]);
    }
  }

  private static float one(Approximation approximation, int operation, float x) {
    return switch (operation) {
      case EX2 -> approximation.ex2(x);
      case RCP -> approximation.rcp(x);
      default -> approximation.rsqrt(x);
    };
  }
}

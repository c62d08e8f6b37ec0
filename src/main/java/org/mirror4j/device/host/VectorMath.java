package org.mirror4j.device.host;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * f32 vectors of the machine's preferred width, and functions of them that give the same bits
 * whether they run interpreted or compiled.
 *
 * <p>How to write a vector loop that does not box. Whether the compiler inlines a method of ours
 * depends on what it has seen and compiled before, and a vector that is handed to a method that is
 * not inlined goes through the heap. So no method of ours takes or returns a vector: loops hand
 * each other addresses and numbers, and call the vector library directly, loads and stores
 * included. Longer formulas are several loops over a row that stays in the first-level cache. A
 * loop has some twenty vector operations at most, and what does not fill a vector stands in a loop
 * of scalars or in padding: of methods with masked twins of large loops the first compiler gives up
 * on some, and the second never sees them.
 *
 * <p>Nor should a loop rely on the classes of vectors that the compiler has seen: in a Java that
 * has run long and variously it stops to do so, and calls without inlining. It knows for certain
 * the class of what a load, a broadcast or an operation on such a vector returns, and not that of a
 * variable that goes round a loop. So such a variable is an argument, as in {@code x.add(sum)}, not
 * what a method is called on; a type has one species; a mask stays with the type it was made for.
 *
 * <p>Equal bits rule out two operations of the vector library: {@code lanewise(EXP)} and its
 * relatives (compiled code calls another library than the interpreter) and {@code reduceLanes(ADD)}
 * (compiled code adds in another order). A kernel warms up while it trains, so either would make a
 * model depend on when the compiler came by. {@link #exp} and {@link #sumAt} are made of operations
 * that are exactly rounded or exact. For the same reason scalars use {@link StrictMath}, not {@link
 * Math}, wherever a function is not exactly rounded.
 */
final class VectorMath {
  /** The preferred f32 vector. */
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Elements of a vector, a power of two from 2 to 16. */
  static final int LANES = SPECIES.length();

  /** How memory holds a number. */
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Above this {@link #exp} is infinite, below the other it is 0. */
  static final float EXP_OVERFLOW = 88.37f, EXP_UNDERFLOW = -87.33f;

  private static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts; the first has so few bits that its product with an exponent is exact. */
  private static final float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f;

  /** Adding this rounds to an integer, which then sits in the low bits, 127 added. */
  private static final float ROUND_AND_BIAS = 0x1.8p23f + 127;

  // e^r = 1 + r + r^2 P(r) for |r| <= ln 2 / 2: least maximum relative error, 3.1e-9.
  private static final float P0 = 0.49999994f;
  private static final float P1 = 0.1666652f;
  private static final float P2 = 0.041668393f;
  private static final float P3 = 0.008368781f;
  private static final float P4 = 0.0013814465f;

  /** The bits of the square root of a half: what is at least it has its exponent subtracted. */
  private static final int SQRT_HALF_BITS = 0x3F3504F3;

  // Each lane takes the one 8, 4, 2 or 1 further on; the sum is read from lane 0.
  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  private VectorMath() {}

  private static VectorShuffle<Float> rotation(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> (lane + distance) % LANES);
  }

  /**
   * Sum of the {@link #LANES} f32s at an address in the order of a butterfly: distance 8, 4, 2, 1.
   * Error at most 4 roundings of the sum of magnitudes. A loop that ends by storing its sums there
   * hands no vector to anyone.
   */
  static float sumAt(long address) {
    FloatVector x = FloatVector.fromMemorySegment(SPECIES, HostAllocator.ALL, address, ORDER);
    if (LANES > 8) {
      x = x.add(x.rearrange(BY_8));
    }
    if (LANES > 4) {
      x = x.add(x.rearrange(BY_4));
    }
    if (LANES > 2) {
      x = x.add(x.rearrange(BY_2));
    }
    return x.add(x.rearrange(BY_1)).lane(0);
  }

  /**
   * The largest of the {@link #LANES} f32s at an address, NaN of NaN. What is loaded anew has a
   * certain class, unlike the variable that a loop has stored.
   */
  static float maxAt(long address) {
    return FloatVector.fromMemorySegment(SPECIES, HostAllocator.ALL, address, ORDER)
        .reduceLanes(VectorOperators.MAX);
  }

  /**
   * {@code x = e^x} of whole vectors: elements past {@code count} up to the next multiple of {@link
   * #LANES} are overwritten too. Relative error below 1.2e-7 (2 u). Infinite above {@link
   * #EXP_OVERFLOW}, 0 below {@link #EXP_UNDERFLOW}, NaN of NaN.
   */
  static void exp(long values, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x =
          FloatVector.fromMemorySegment(SPECIES, HostAllocator.ALL, values + 4L * i, ORDER);
      FloatVector shifted = x.lanewise(VectorOperators.FMA, LOG2_E, ROUND_AND_BIAS);
      FloatVector n = shifted.sub(ROUND_AND_BIAS);
      FloatVector r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, -LN2_HIGH), x);
      r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, -LN2_LOW), r);
      FloatVector p = r.lanewise(VectorOperators.FMA, P4, P3);
      p = p.fma(r, FloatVector.broadcast(SPECIES, P2));
      p = p.fma(r, FloatVector.broadcast(SPECIES, P1));
      p = p.fma(r, FloatVector.broadcast(SPECIES, P0));
      p = p.fma(r.mul(r), r).add(1f);
      FloatVector power =
          shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      p.mul(power)
          .blend(0f, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
          .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW))
          .intoMemorySegment(HostAllocator.ALL, values + 4L * i, ORDER);
    }
  }

  /** {@code e^x}, the bits that a lane has. */
  static float exp(float x) {
    float shifted = Math.fma(x, LOG2_E, ROUND_AND_BIAS);
    float n = shifted - ROUND_AND_BIAS;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(r, P4, P3);
    p = Math.fma(p, r, P2);
    p = Math.fma(p, r, P1);
    p = Math.fma(p, r, P0);
    p = Math.fma(p, r * r, r) + 1;
    if (x < EXP_UNDERFLOW) {
      return 0;
    }
    return x > EXP_OVERFLOW
        ? Float.POSITIVE_INFINITY
        : p * Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << 23);
  }

  /**
   * {@code 1 / (1 + e^-x)}, exact to a few roundings at both ends; and so is one minus it, the
   * sigmoid of {@code -x}, which takes the same {@code e}.
   *
   * @param e {@code exp(-|x|)}
   */
  static float sigmoid(float x, float e) {
    return (x < 0 ? e : 1) / (1 + e);
  }

  /**
   * {@code x = ln x} of whole vectors, as {@link #exp} does, for positive normal numbers; NaN of
   * NaN. With x = 2^n m and s = (m - 1) / (m + 1), ln m = 2 s (1 + s^2 / 3 + s^4 / 5 + ...), whose
   * terms left out are below 2e-9 of it as s stays below 0.172. Absolute error below 2^-23 of the
   * larger of 1 and the logarithm.
   */
  static void log(long values, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x =
          FloatVector.fromMemorySegment(SPECIES, HostAllocator.ALL, values + 4L * i, ORDER);
      IntVector bits = x.reinterpretAsInts();
      IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
      FloatVector m = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
      FloatVector n = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
      FloatVector s = m.sub(1f).div(m.add(1f));
      FloatVector z = s.mul(s);
      FloatVector p = z.lanewise(VectorOperators.FMA, 2f / 9, 2f / 7);
      p = p.fma(z, FloatVector.broadcast(SPECIES, 2f / 5));
      p = p.fma(z, FloatVector.broadcast(SPECIES, 2f / 3));
      p = p.fma(z.mul(s), n.mul(LN2_LOW)).add(s.add(s));
      n.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, LN2_HIGH), p)
          .blend(Float.NaN, x.test(VectorOperators.IS_NAN))
          .intoMemorySegment(HostAllocator.ALL, values + 4L * i, ORDER);
    }
  }

  /** {@code ln x}, the bits that a lane has. */
  static float log(float x) {
    int bits = Float.floatToRawIntBits(x);
    int exponent = (bits - SQRT_HALF_BITS) >> 23;
    float m = Float.intBitsToFloat(bits - (exponent << 23));
    float n = exponent;
    float s = (m - 1) / (m + 1);
    float z = s * s;
    float p = Math.fma(z, 2f / 9, 2f / 7);
    p = Math.fma(p, z, 2f / 5);
    p = Math.fma(p, z, 2f / 3);
    p = Math.fma(p, z * s, n * LN2_LOW) + (s + s);
    return Float.isNaN(x) ? Float.NaN : Math.fma(n, LN2_HIGH, p);
  }
}

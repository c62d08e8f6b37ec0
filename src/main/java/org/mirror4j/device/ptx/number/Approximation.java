package org.mirror4j.device.ptx.number;

import java.util.Locale;

/**
 * The instructions of which the PTX ISA only bounds the error. Each result is placed somewhere
 * inside its bound, always at the same place for the same operands: a kernel that passes its test
 * in all modes passes on every card the ISA allows. Zeros, infinities, NaN and what the ISA
 * tabulates for them are exact in every mode.
 *
 * <p>Subnormals are kept: for {@code .ftz} the caller flushes operands and result. NaN operands,
 * and operands out of the domain, give the canonical NaN.
 */
public final class Approximation {
  /** The nearest f32 to the true value. */
  public static final Approximation NOMINAL = new Approximation(Mode.NOMINAL, 0);

  /** The lowest value in the bound. */
  public static final Approximation LOW = new Approximation(Mode.LOW, 0);

  /** The highest value in the bound. */
  public static final Approximation HIGH = new Approximation(Mode.HIGH, 0);

  private enum Mode {
    NOMINAL,
    LOW,
    HIGH,
    RANDOM
  }

  private static final float NAN = Float.intBitsToFloat(0x7FFFFFFF);
  private static final double LN_2 = Math.log(2);
  private static final double LG2_ERROR = 0x1p-22;
  private static final double RSQRT_ERROR = Math.pow(2, -22.9);
  private static final double SQRT_ERROR = 0x1p-23;
  private static final double TANH_ERROR = 0x1p-11;

  /** Divisors above this are out of {@code div.approx}'s range. */
  private static final float LARGEST_DIVISOR = 0x1p126f;

  private static final int EX2 = 1;
  private static final int LG2 = 2;
  private static final int RSQRT = 3;
  private static final int SQRT = 4;
  private static final int RCP = 5;
  private static final int DIV = 6;
  private static final int TANH = 7;

  private final Mode mode;
  private final long seed;

  private Approximation(Mode mode, long seed) {
    this.mode = mode;
    this.seed = seed;
  }

  /** Anywhere in the bound, as seed, instruction and operands decide. */
  public static Approximation random(long seed) {
    return new Approximation(Mode.RANDOM, seed);
  }

  /** The name in reports: {@code low}, {@code random 7} with the seed. */
  public String label() {
    return mode.name().toLowerCase(Locale.ROOT) + (mode == Mode.RANDOM ? " " + seed : "");
  }

  /** {@code ex2.approx.f32}: 2^x within 2 ulp. */
  public float ex2(float x) {
    if (x != x) {
      return NAN;
    }
    if (Math.abs(x) < Float.MIN_NORMAL) {
      return 1;
    }
    if (x >= 128) {
      return Float.POSITIVE_INFINITY;
    }
    if (x < -152) {
      // Below a quarter of the smallest subnormal, where two ulp still allow one or two of them.
      return x == Float.NEGATIVE_INFINITY ? 0 : place(0, 2 * Float.MIN_VALUE, EX2, x, 0, 0);
    }
    // Split, so that the product with ln 2 is small and its rounding as well.
    double whole = Math.rint(x);
    double value = Math.exp((x - whole) * LN_2) * powerOfTwo((int) whole);
    return place(value, 2 * ulp(value), EX2, x, 0, 0);
  }

  /** {@code lg2.approx.f32}: within 2^-22, absolutely on (0.5, 2) and relatively outside. */
  public float lg2(float x) {
    if (!(x >= 0)) {
      return NAN;
    }
    if (x == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    if (x == Float.POSITIVE_INFINITY) {
      return x;
    }
    double value = Math.log(x) / LN_2;
    double bound = x > 0.5f && x < 2 ? LG2_ERROR : LG2_ERROR * Math.abs(value);
    return place(value, bound, LG2, x, 0, Double.NEGATIVE_INFINITY);
  }

  /** {@code rsqrt.approx.f32}: within 2^-22.9 relatively. */
  public float rsqrt(float x) {
    if (x == 0) {
      return Math.copySign(Float.POSITIVE_INFINITY, x);
    }
    if (!(x > 0)) {
      return NAN;
    }
    if (x == Float.POSITIVE_INFINITY) {
      return 0;
    }
    double value = 1 / Math.sqrt(x);
    return place(value, RSQRT_ERROR * value, RSQRT, x, 0, 0);
  }

  /** {@code sqrt.approx.f32}: within 2^-23 relatively. */
  public float sqrt(float x) {
    if (x == 0 || x == Float.POSITIVE_INFINITY) {
      return x;
    }
    if (!(x > 0)) {
      return NAN;
    }
    double value = Math.sqrt(x);
    return place(value, SQRT_ERROR * value, SQRT, x, 0, 0);
  }

  /** {@code rcp.approx.f32}: within 1 ulp. */
  public float rcp(float x) {
    if (x != x) {
      return NAN;
    }
    if (x == 0 || Float.isInfinite(x)) {
      return 1 / x;
    }
    return quotient(1 / (double) x, 1, RCP, 1, x);
  }

  /**
   * {@code div.approx.f32}: within 2 ulp for |b| in [2^-126, 2^126]; above, zero, or NaN if {@code
   * a} is infinite.
   */
  public float div(float a, float b) {
    float size = Math.abs(b);
    if (size > LARGEST_DIVISOR && size < Float.POSITIVE_INFINITY) {
      if (a != a || Float.isInfinite(a)) {
        return NAN;
      }
      return Math.copySign(0f, a) * Math.signum(b);
    }
    return divFull(a, b);
  }

  /** {@code div.full.f32}: within 2 ulp. */
  public float divFull(float a, float b) {
    float exact = a / b;
    if (exact != exact) {
      return NAN;
    }
    if (a == 0 || b == 0 || Float.isInfinite(a) || Float.isInfinite(b)) {
      return exact;
    }
    return quotient((double) a / b, 2, DIV, a, b);
  }

  /** {@code tanh.approx.f32}: within 2^-11 relatively, and never above 1 in size. */
  public float tanh(float x) {
    if (x != x) {
      return NAN;
    }
    if (Math.abs(x) < Float.MIN_NORMAL || Float.isInfinite(x)) {
      return Float.isInfinite(x) ? Math.signum(x) : x;
    }
    double value = Math.tanh(x);
    float placed = place(value, TANH_ERROR * Math.abs(value), TANH, x, 0, -1);
    return Math.min(placed, 1);
  }

  private float quotient(double value, int ulps, int operation, float a, float b) {
    if (Math.abs(value) >= FloatFormat.F32.largest()) {
      return (float) value;
    }
    double least = value > 0 ? 0 : Double.NEGATIVE_INFINITY;
    float placed = place(value, ulps * ulp(value), operation, a, b, least);
    return value < 0 ? Math.min(placed, -0f) : placed;
  }

  private static double ulp(double value) {
    return FloatFormat.F32.ulp(value);
  }

  private static double powerOfTwo(int exponent) {
    return Double.longBitsToDouble((long) (exponent + 1023) << 52);
  }

  /**
   * An f32 no further than {@code bound} from a finite value, and not below {@code least}. A finite
   * value stays finite.
   */
  private float place(double value, double bound, int operation, float a, float b, double least) {
    if (mode == Mode.NOMINAL) {
      return (float) value;
    }
    double largest = FloatFormat.F32.largest();
    double low = Math.max(Math.max(value - bound, least), -largest);
    double high = Math.min(value + bound, largest);
    float lowest = NarrowFloat.toFloat(low, Rounding.UP);
    float highest = NarrowFloat.toFloat(high, Rounding.DOWN);
    if (lowest > highest) {
      return (float) value;
    }
    return switch (mode) {
      case NOMINAL -> (float) value;
      case LOW -> lowest;
      case HIGH -> highest;
      case RANDOM -> {
        float drawn = (float) (low + (high - low) * uniform(operation, a, b));
        yield Math.min(Math.max(drawn, lowest), highest);
      }
    };
  }

  /** A number in [0, 1) from seed, instruction and operands; the finaliser of SplitMix64. */
  private double uniform(int operation, float a, float b) {
    long key = (long) Float.floatToIntBits(a) << 32 | Float.floatToIntBits(b) & 0xFFFFFFFFL;
    long mixed = mix(key + 0x9E3779B97F4A7C15L * operation);
    return (mix(mixed + seed) >>> 11) * 0x1p-53;
  }

  private static long mix(long z) {
    long first = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    long second = (first ^ first >>> 27) * 0x94D049BB133111EBL;
    return second ^ second >>> 31;
  }
}

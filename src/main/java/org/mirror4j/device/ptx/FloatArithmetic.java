package org.mirror4j.device.ptx;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.mirror4j.device.ptx.number.MinMax;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * Arithmetic on f32 and f64 with one rounding to nearest even (ISA 9.7.3). The forms of add, sub
 * and mul on f32 that name no rounding are refused: an assembler may fuse those into fma, and then
 * no two devices agree in the last bit.
 */
final class FloatArithmetic {
  private static final int LANES = Warp.LANES;
  private static final int SIGN = 0x80000000;
  private static final int NAN = 0x7FFFFFFF;

  private FloatArithmetic() {}

  static DecodedOperation add(InstructionDecoder decoder) {
    return binary(decoder, Sum.ADD);
  }

  static DecodedOperation subtract(InstructionDecoder decoder) {
    return binary(decoder, Sum.SUBTRACT);
  }

  static DecodedOperation multiply(InstructionDecoder decoder) {
    return binary(decoder, Sum.MULTIPLY);
  }

  private enum Sum {
    ADD,
    SUBTRACT,
    MULTIPLY
  }

  private static DecodedOperation binary(InstructionDecoder decoder, Sum sum) {
    decoder.require("rn");
    boolean flush = decoder.take("ftz");
    Type type = floatType(decoder, flush);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    if (type == Type.F64) {
      return DecodedOperation.lanes(LaneLoops.wides(d, a, b, doubles(sum)));
    }
    if (flush) {
      return DecodedOperation.lanes(LaneLoops.words(d, a, b, flushed(sum)));
    }
    return DecodedOperation.lanes(
        switch (sum) {
          case ADD -> addFloats(d, a, b);
          case SUBTRACT -> subtractFloats(d, a, b);
          case MULTIPLY -> multiplyFloats(d, a, b);
        });
  }

  private static LongBinaryOperator doubles(Sum sum) {
    return switch (sum) {
      case ADD -> (a, b) -> bits(value(a) + value(b));
      case SUBTRACT -> (a, b) -> bits(value(a) - value(b));
      case MULTIPLY -> (a, b) -> bits(value(a) * value(b));
    };
  }

  private static IntBinaryOperator flushed(Sum sum) {
    return switch (sum) {
      case ADD -> (a, b) -> flush(canonical(flushed(a) + flushed(b)));
      case SUBTRACT -> (a, b) -> flush(canonical(flushed(a) - flushed(b)));
      case MULTIPLY -> (a, b) -> flush(canonical(flushed(a) * flushed(b)));
    };
  }

  private static Operation addFloats(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = canonical(intBitsToFloat(words[a + i]) + intBitsToFloat(words[b + i]));
      }
    };
  }

  private static Operation subtractFloats(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = canonical(intBitsToFloat(words[a + i]) - intBitsToFloat(words[b + i]));
      }
    };
  }

  private static Operation multiplyFloats(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = canonical(intBitsToFloat(words[a + i]) * intBitsToFloat(words[b + i]));
      }
    };
  }

  static DecodedOperation fusedMultiplyAdd(InstructionDecoder decoder) {
    decoder.require("rn");
    boolean flush = decoder.take("ftz");
    Type type = floatType(decoder, flush);
    decoder.end(4);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    int c = decoder.source(3, type);
    if (type == Type.F64) {
      return DecodedOperation.lanes(
          LaneLoops.wides(d, a, b, c, (x, y, z) -> bits(Math.fma(value(x), value(y), value(z)))));
    }
    if (flush) {
      return DecodedOperation.lanes(
          LaneLoops.words(
              d,
              a,
              b,
              c,
              (x, y, z) -> flush(canonical(Math.fma(flushed(x), flushed(y), flushed(z))))));
    }
    return DecodedOperation.lanes(fusedMultiplyAddFloats(d, a, b, c));
  }

  private static Operation fusedMultiplyAddFloats(int d, int a, int b, int c) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] =
            canonical(
                Math.fma(
                    intBitsToFloat(words[a + i]),
                    intBitsToFloat(words[b + i]),
                    intBitsToFloat(words[c + i])));
      }
    };
  }

  /** {@code div.rn}; Java's division of floats is correctly rounded. */
  static DecodedOperation divide(InstructionDecoder decoder) {
    decoder.require("rn");
    boolean flush = decoder.take("ftz");
    Type type = floatType(decoder, flush);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    if (type == Type.F64) {
      return DecodedOperation.lanes(LaneLoops.wides(d, a, b, (x, y) -> bits(value(x) / value(y))));
    }
    IntBinaryOperator plain = (x, y) -> canonical(intBitsToFloat(x) / intBitsToFloat(y));
    IntBinaryOperator flushing = (x, y) -> flush(canonical(flushed(x) / flushed(y)));
    return DecodedOperation.lanes(LaneLoops.words(d, a, b, flush ? flushing : plain));
  }

  /**
   * {@code sqrt.rn}. The double root of a float, rounded to float, is the correctly rounded one: 53
   * bits are more than twice 24 and two.
   */
  static DecodedOperation squareRoot(InstructionDecoder decoder) {
    return unary(
        decoder,
        x -> canonical((float) Math.sqrt(intBitsToFloat(x))),
        x -> bits(Math.sqrt(value(x))));
  }

  /** {@code rcp.rn}. */
  static DecodedOperation reciprocal(InstructionDecoder decoder) {
    return unary(decoder, x -> canonical(1 / intBitsToFloat(x)), x -> bits(1 / value(x)));
  }

  private static DecodedOperation unary(
      InstructionDecoder decoder, IntUnaryOperator single, LongUnaryOperator twice) {
    decoder.require("rn");
    boolean flush = decoder.take("ftz");
    Type type = floatType(decoder, flush);
    decoder.end(2);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    if (type == Type.F64) {
      return DecodedOperation.lanes(LaneLoops.wides(d, a, twice));
    }
    IntUnaryOperator flushing = x -> flush(single.applyAsInt(flush(x)));
    return DecodedOperation.lanes(LaneLoops.words(d, a, flush ? flushing : single));
  }

  /** {@code neg} and {@code abs}: on the sign bit, NaN too. */
  static DecodedOperation sign(InstructionDecoder decoder, boolean negate) {
    boolean flush = decoder.take("ftz");
    Type type = decoder.type();
    decoder.end(2);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    if (flush && type != Type.F32) {
      throw decoder.unsupported();
    }
    return DecodedOperation.lanes(
        switch (type) {
          case F32 ->
              LaneLoops.words(
                  d,
                  a,
                  x -> {
                    int in = flush ? flush(x) : x;
                    return negate ? in ^ SIGN : in & ~SIGN;
                  });
          case F64 -> LaneLoops.wides(d, a, x -> negate ? x ^ Long.MIN_VALUE : x & Long.MAX_VALUE);
          case F16, BF16 -> LaneLoops.halves(d, a, x -> negate ? x ^ 0x8000 : x & 0x7FFF);
          case F16X2, BF16X2 ->
              LaneLoops.words(d, a, x -> negate ? x ^ 0x80008000 : x & 0x7FFF7FFF);
          default -> throw decoder.unsupported();
        });
  }

  /** {@code min} and {@code max}, with {@code .NaN} or without. */
  static DecodedOperation extreme(InstructionDecoder decoder, boolean maximum) {
    boolean flush = decoder.take("ftz");
    boolean propagate = decoder.take("NaN");
    Type type = floatType(decoder, flush || propagate);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    if (type == Type.F64) {
      LongBinaryOperator twice =
          maximum
              ? (x, y) -> bits(MinMax.max(value(x), value(y)))
              : (x, y) -> bits(MinMax.min(value(x), value(y)));
      return DecodedOperation.lanes(LaneLoops.wides(d, a, b, twice));
    }
    IntBinaryOperator single =
        propagate
            ? maximum
                ? (x, y) -> floatToRawIntBits(MinMax.maxNan(intBitsToFloat(x), intBitsToFloat(y)))
                : (x, y) -> floatToRawIntBits(MinMax.minNan(intBitsToFloat(x), intBitsToFloat(y)))
            : maximum
                ? (x, y) -> floatToRawIntBits(MinMax.max(intBitsToFloat(x), intBitsToFloat(y)))
                : (x, y) -> floatToRawIntBits(MinMax.min(intBitsToFloat(x), intBitsToFloat(y)));
    IntBinaryOperator flushing = (x, y) -> single.applyAsInt(flush(x), flush(y));
    return DecodedOperation.lanes(LaneLoops.words(d, a, b, flush ? flushing : single));
  }

  /** f32, or f64 where no f32-only modifier was given. */
  private static Type floatType(InstructionDecoder decoder, boolean singleOnly) {
    Type type = decoder.type();
    if (type != Type.F32 && (type != Type.F64 || singleOnly)) {
      throw decoder.unsupported();
    }
    return type;
  }

  /**
   * The bits of a result. Which NaN comes of operands that are NaN the instruction set leaves open;
   * here it is always the canonical one, as what the processor gives depends on how Java compiles.
   */
  private static int canonical(float value) {
    return value == value ? floatToRawIntBits(value) : NAN;
  }

  /** Subnormal numbers become zero of the same sign. */
  static int flush(int bits) {
    return (bits & 0x7F800000) == 0 ? bits & SIGN : bits;
  }

  private static float flushed(int bits) {
    return intBitsToFloat(flush(bits));
  }

  private static double value(long bits) {
    return Double.longBitsToDouble(bits);
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }
}

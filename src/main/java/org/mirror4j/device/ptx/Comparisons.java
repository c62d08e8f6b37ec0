package org.mirror4j.device.ptx;

import static java.lang.Float.intBitsToFloat;

import java.util.function.IntBinaryOperator;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * {@code setp.cmp[.bool][.ftz].type p[|q], a, b[, [!]c]}: p = cmp(a, b) bool c, q = not cmp(a, b)
 * bool c (ISA 9.7.6).
 */
final class Comparisons {
  private static final int LANES = Warp.LANES;

  /** Lanes for which a comparison holds. */
  @FunctionalInterface
  private interface Comparison {
    int lanes(Warp warp);
  }

  @FunctionalInterface
  private interface WordTest {
    boolean test(int a, int b);
  }

  @FunctionalInterface
  private interface WideTest {
    boolean test(long a, long b);
  }

  private Comparisons() {}

  static DecodedOperation setPredicate(InstructionDecoder decoder) {
    String comparison = decoder.takeAny();
    String combination = decoder.peek();
    boolean combines = combination.matches("and|or|xor") && decoder.take(combination);
    boolean flush = decoder.take("ftz");
    Type type = decoder.type();
    decoder.end(combines ? 4 : 3);
    boolean pair = decoder.operand(0) instanceof Operand.Pair;
    int p;
    int q = -1;
    if (decoder.operand(0) instanceof Operand.Pair(Operand first, Operand second)) {
      p = decoder.destination(first, Type.PRED, false);
      q = decoder.destination(second, Type.PRED, false);
    } else {
      p = decoder.destination(0, Type.PRED);
    }
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    if (flush && type != Type.F32) {
      throw decoder.unsupported();
    }
    Comparison lanes = comparison(decoder, comparison, type, flush, a, b);
    if (!combines && !pair) {
      return DecodedOperation.lanes(
          (warp, mask) -> {
            int truth = lanes.lanes(warp);
            warp.predicates[p] = warp.predicates[p] & ~mask | truth & mask;
          });
    }
    return DecodedOperation.lanes(combined(decoder, lanes, combines ? combination : "", p, q));
  }

  private static Operation combined(
      InstructionDecoder decoder, Comparison comparison, String combination, int p, int q) {
    int c = -1;
    boolean negated = false;
    if (!combination.isEmpty()) {
      negated = decoder.operand(3) instanceof Operand.Negated;
      Register register =
          decoder.operand(3) instanceof Operand.Negated(Register inner) ? inner : null;
      Operand plain = negated ? new Operand.InRegister(register) : decoder.operand(3);
      c = decoder.source(plain, Type.PRED, false);
    }
    int third = c;
    int flip = negated ? -1 : 0;
    IntBinaryOperator combine = combine(combination);
    return (warp, mask) -> {
      int[] predicates = warp.predicates;
      int truth = comparison.lanes(warp);
      int other = third < 0 ? 0 : predicates[third] ^ flip;
      int first = combine.applyAsInt(truth, other);
      int second = combine.applyAsInt(~truth, other);
      predicates[p] = predicates[p] & ~mask | first & mask;
      if (q >= 0) {
        predicates[q] = predicates[q] & ~mask | second & mask;
      }
    };
  }

  private static IntBinaryOperator combine(String combination) {
    return switch (combination) {
      case "and" -> (truth, other) -> truth & other;
      case "or" -> (truth, other) -> truth | other;
      case "xor" -> (truth, other) -> truth ^ other;
      default -> (truth, other) -> truth;
    };
  }

  private static Comparison comparison(
      InstructionDecoder decoder, String name, Type type, boolean flush, int a, int b) {
    return switch (type) {
      case S32, B32, U32 -> words(a, b, wordTest(decoder, name, type));
      case S64, B64, U64 -> wides(a, b, wideTest(decoder, name, type));
      case S16 -> halves(a, b, -1, wordTest(decoder, name, Type.S32));
      case U16 -> halves(a, b, 0xFFFF, wordTest(decoder, name, Type.U32));
      case B16 -> halves(a, b, 0xFFFF, wordTest(decoder, name, Type.B32));
      case F32 -> {
        Ordered test = ordered(decoder, name);
        yield words(
            a,
            b,
            flush
                ? (x, y) ->
                    test.test(
                        intBitsToFloat(FloatArithmetic.flush(x)),
                        intBitsToFloat(FloatArithmetic.flush(y)))
                : (x, y) -> test.test(intBitsToFloat(x), intBitsToFloat(y)));
      }
      case F64 -> {
        Ordered test = ordered(decoder, name);
        yield wides(
            a, b, (x, y) -> test.test(Double.longBitsToDouble(x), Double.longBitsToDouble(y)));
      }
      default -> throw decoder.unsupported();
    };
  }

  private static Comparison words(int a, int b, WordTest test) {
    return warp -> {
      int[] words = warp.words;
      int truth = 0;
      for (int i = 0; i < LANES; i++) {
        truth |= test.test(words[a + i], words[b + i]) ? 1 << i : 0;
      }
      return truth;
    };
  }

  private static Comparison wides(int a, int b, WideTest test) {
    return warp -> {
      long[] wides = warp.wides;
      int truth = 0;
      for (int i = 0; i < LANES; i++) {
        truth |= test.test(wides[a + i], wides[b + i]) ? 1 << i : 0;
      }
      return truth;
    };
  }

  private static Comparison halves(int a, int b, int keep, WordTest test) {
    return warp -> {
      short[] halves = warp.halves;
      int truth = 0;
      for (int i = 0; i < LANES; i++) {
        truth |= test.test(halves[a + i] & keep, halves[b + i] & keep) ? 1 << i : 0;
      }
      return truth;
    };
  }

  private static WordTest wordTest(InstructionDecoder decoder, String name, Type type) {
    String ordered = order(decoder, name, type);
    if (type.isSigned()) {
      return switch (ordered) {
        case "eq" -> (x, y) -> x == y;
        case "ne" -> (x, y) -> x != y;
        case "lt" -> (x, y) -> x < y;
        case "le" -> (x, y) -> x <= y;
        case "gt" -> (x, y) -> x > y;
        default -> (x, y) -> x >= y;
      };
    }
    return switch (ordered) {
      case "eq" -> (x, y) -> x == y;
      case "ne" -> (x, y) -> x != y;
      case "lt" -> (x, y) -> Integer.compareUnsigned(x, y) < 0;
      case "le" -> (x, y) -> Integer.compareUnsigned(x, y) <= 0;
      case "gt" -> (x, y) -> Integer.compareUnsigned(x, y) > 0;
      default -> (x, y) -> Integer.compareUnsigned(x, y) >= 0;
    };
  }

  private static WideTest wideTest(InstructionDecoder decoder, String name, Type type) {
    // Unsigned order is signed order with the highest bit turned over.
    long flip = type.isSigned() ? 0 : Long.MIN_VALUE;
    return switch (order(decoder, name, type)) {
      case "eq" -> (x, y) -> x == y;
      case "ne" -> (x, y) -> x != y;
      case "lt" -> (x, y) -> (x ^ flip) < (y ^ flip);
      case "le" -> (x, y) -> (x ^ flip) <= (y ^ flip);
      case "gt" -> (x, y) -> (x ^ flip) > (y ^ flip);
      default -> (x, y) -> (x ^ flip) >= (y ^ flip);
    };
  }

  /** The comparison of integers; unsigned ones may be named lo, ls, hi, hs; bits only eq and ne. */
  private static String order(InstructionDecoder decoder, String name, Type type) {
    boolean unsigned = type.kind() == Type.Kind.UNSIGNED;
    boolean bits = type.kind() == Type.Kind.BITS;
    String signed =
        switch (name) {
          case "lo" -> "lt";
          case "ls" -> "le";
          case "hi" -> "gt";
          case "hs" -> "ge";
          default -> name;
        };
    boolean known = signed.matches("eq|ne|lt|le|gt|ge");
    boolean equality = signed.matches("eq|ne");
    if (!known || bits && !equality || !signed.equals(name) && !unsigned) {
      throw decoder.unsupported();
    }
    return signed;
  }

  @FunctionalInterface
  private interface Ordered {
    boolean test(double a, double b);
  }

  /** The plain comparisons are false with a NaN, the unordered ones (u in front) are true. */
  private static Ordered ordered(InstructionDecoder decoder, String name) {
    return switch (name) {
      case "eq" -> (x, y) -> x == y;
      case "ne" -> (x, y) -> x < y || x > y;
      case "lt" -> (x, y) -> x < y;
      case "le" -> (x, y) -> x <= y;
      case "gt" -> (x, y) -> x > y;
      case "ge" -> (x, y) -> x >= y;
      case "equ" -> (x, y) -> !(x < y || x > y);
      case "neu" -> (x, y) -> x != y;
      case "ltu" -> (x, y) -> !(x >= y);
      case "leu" -> (x, y) -> !(x > y);
      case "gtu" -> (x, y) -> !(x <= y);
      case "geu" -> (x, y) -> !(x < y);
      case "num" -> (x, y) -> x == x && y == y;
      case "nan" -> (x, y) -> x != x || y != y;
      default -> throw decoder.unsupported();
    };
  }
}

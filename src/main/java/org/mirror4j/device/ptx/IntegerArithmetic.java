package org.mirror4j.device.ptx;

import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.mirror4j.device.ptx.syntax.Type;

/** Integer add, sub, div, rem, min, max, abs, neg (ISA 9.7.1); results wrap around. */
final class IntegerArithmetic {
  private static final int LANES = Warp.LANES;

  private IntegerArithmetic() {}

  static DecodedOperation add(InstructionDecoder decoder) {
    Type type = integerType(decoder);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 32 -> addWords(d, a, b);
          case 64 -> addWides(d, a, b);
          default -> LaneLoops.halves(d, a, b, (x, y) -> x + y);
        });
  }

  static DecodedOperation subtract(InstructionDecoder decoder) {
    Type type = integerType(decoder);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 32 -> subtractWords(d, a, b);
          case 64 -> subtractWides(d, a, b);
          default -> LaneLoops.halves(d, a, b, (x, y) -> x - y);
        });
  }

  private static Operation addWords(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = words[a + i] + words[b + i];
      }
    };
  }

  private static Operation subtractWords(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = words[a + i] - words[b + i];
      }
    };
  }

  /** An address plus a number is an address into the same slice. */
  private static Operation addWides(int d, int a, int b) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      int[] bindings = warp.bindings;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = wides[a + i] + wides[b + i];
      }
      for (int i = 0; i < LANES; i++) {
        bindings[d + i] = ofSum(bindings[a + i], bindings[b + i]);
      }
    };
  }

  /** An address less a number is an address into the same slice; two addresses give a distance. */
  private static Operation subtractWides(int d, int a, int b) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      int[] bindings = warp.bindings;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = wides[a + i] - wides[b + i];
        bindings[d + i] = bindings[b + i] == 0 ? bindings[a + i] : 0;
      }
    };
  }

  /** Origin of a sum: that of the one address in it, none if there are two. */
  static int ofSum(int first, int second) {
    return first == 0 ? second : second == 0 ? first : 0;
  }

  /** {@code div} and {@code rem}; what division by zero gives is unspecified, here all ones. */
  static DecodedOperation divide(InstructionDecoder decoder, boolean remainder) {
    Type type = integerType(decoder);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    return DecodedOperation.lanes(
        switch (type) {
          case U32 ->
              LaneLoops.words(
                  d,
                  a,
                  b,
                  guardedWords(remainder ? Integer::remainderUnsigned : Integer::divideUnsigned));
          case S32 ->
              LaneLoops.words(d, a, b, guardedWords(remainder ? (x, y) -> x % y : (x, y) -> x / y));
          case U64 ->
              LaneLoops.wides(
                  d,
                  a,
                  b,
                  guardedWides(remainder ? Long::remainderUnsigned : Long::divideUnsigned));
          case S64 ->
              LaneLoops.wides(d, a, b, guardedWides(remainder ? (x, y) -> x % y : (x, y) -> x / y));
          default -> throw decoder.unsupported();
        });
  }

  private static IntBinaryOperator guardedWords(IntBinaryOperator division) {
    return (x, y) -> y == 0 ? -1 : division.applyAsInt(x, y);
  }

  private static LongBinaryOperator guardedWides(LongBinaryOperator division) {
    return (x, y) -> y == 0 ? -1 : division.applyAsLong(x, y);
  }

  static DecodedOperation extreme(InstructionDecoder decoder, boolean maximum) {
    Type type = integerType(decoder);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    return DecodedOperation.lanes(
        switch (type) {
          case S32 -> LaneLoops.words(d, a, b, maximum ? Math::max : Math::min);
          case S64 -> LaneLoops.wides(d, a, b, maximum ? Math::max : Math::min);
          case S16 -> LaneLoops.halves(d, a, b, maximum ? Math::max : Math::min);
          case U32 ->
              LaneLoops.words(
                  d, a, b, (x, y) -> Integer.compareUnsigned(x, y) > 0 == maximum ? x : y);
          case U64 ->
              LaneLoops.wides(d, a, b, (x, y) -> Long.compareUnsigned(x, y) > 0 == maximum ? x : y);
          case U16 ->
              LaneLoops.halves(d, a, b, (x, y) -> (x & 0xFFFF) > (y & 0xFFFF) == maximum ? x : y);
          default -> throw decoder.unsupported();
        });
  }

  static DecodedOperation sign(InstructionDecoder decoder, boolean negate) {
    Type type = integerType(decoder);
    decoder.end(2);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    return DecodedOperation.lanes(
        switch (type) {
          case S32 -> LaneLoops.words(d, a, x -> negate ? -x : Math.abs(x));
          case S64 -> LaneLoops.wides(d, a, x -> negate ? -x : Math.abs(x));
          case S16 -> LaneLoops.halves(d, a, x -> negate ? -x : Math.abs(x));
          default -> throw decoder.unsupported();
        });
  }

  private static Type integerType(InstructionDecoder decoder) {
    Type type = decoder.type();
    boolean integer = type.kind() == Type.Kind.UNSIGNED || type.kind() == Type.Kind.SIGNED;
    if (!integer || type.bits() < 16) {
      throw decoder.unsupported();
    }
    return type;
  }
}

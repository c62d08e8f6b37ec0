package org.mirror4j.device.ptx;

import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Type;

/** Logic, shifts and bit fields (ISA 9.7.1 and 9.7.8). */
final class BitOperations {
  private BitOperations() {}

  static DecodedOperation logic(InstructionDecoder decoder) {
    Type type = bitsType(decoder);
    decoder.end(3);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    IntBinaryOperator words =
        switch (decoder.instruction().opcode()) {
          case "and" -> (x, y) -> x & y;
          case "or" -> (x, y) -> x | y;
          default -> (x, y) -> x ^ y;
        };
    LongBinaryOperator wides =
        switch (decoder.instruction().opcode()) {
          case "and" -> (x, y) -> x & y;
          case "or" -> (x, y) -> x | y;
          default -> (x, y) -> x ^ y;
        };
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 1 ->
              (warp, mask) -> {
                int[] predicates = warp.predicates;
                int result = words.applyAsInt(predicates[a], predicates[b]);
                predicates[d] = predicates[d] & ~mask | result & mask;
              };
          case 16 -> LaneLoops.halves(d, a, b, words);
          case 32 -> LaneLoops.words(d, a, b, words);
          default -> LaneLoops.wides(d, a, b, wides);
        });
  }

  static DecodedOperation not(InstructionDecoder decoder) {
    Type type = bitsType(decoder);
    decoder.end(2);
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 1 ->
              (warp, mask) ->
                  warp.predicates[d] = warp.predicates[d] & ~mask | ~warp.predicates[a] & mask;
          case 16 -> LaneLoops.halves(d, a, x -> ~x);
          case 32 -> LaneLoops.words(d, a, x -> ~x);
          default -> LaneLoops.wides(d, a, x -> ~x);
        });
  }

  /** Counts are unsigned and clamp at the width: all bits out, or all sign. */
  static DecodedOperation shift(InstructionDecoder decoder) {
    boolean left = decoder.instruction().opcode().equals("shl");
    Type type = decoder.type();
    decoder.end(3);
    boolean fits = left ? type.kind() == Type.Kind.BITS : !type.isFloat();
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int count = decoder.source(2, Type.U32);
    boolean signed = type.isSigned();
    if (!fits) {
      throw decoder.unsupported();
    }
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 16 -> shiftHalves(d, a, count, left, signed);
          case 32 -> LaneLoops.words(d, a, count, wordShift(left, signed));
          case 64 -> LaneLoops.shifts(d, a, count, wideShift(left, signed));
          default -> throw decoder.unsupported();
        });
  }

  private static IntBinaryOperator wordShift(boolean left, boolean signed) {
    if (signed) {
      return (x, n) -> x >> (Integer.compareUnsigned(n, 31) > 0 ? 31 : n);
    }
    return left
        ? (x, n) -> Integer.compareUnsigned(n, 31) > 0 ? 0 : x << n
        : (x, n) -> Integer.compareUnsigned(n, 31) > 0 ? 0 : x >>> n;
  }

  private static LongBinaryOperator wideShift(boolean left, boolean signed) {
    if (signed) {
      return (x, n) -> x >> Math.min(n, 63);
    }
    return left ? (x, n) -> n > 63 ? 0 : x << n : (x, n) -> n > 63 ? 0 : x >>> n;
  }

  private static Operation shiftHalves(int d, int a, int count, boolean left, boolean signed) {
    IntBinaryOperator shift = wordShift(left, signed);
    int keep = signed ? -1 : 0xFFFF;
    return (warp, mask) -> {
      for (int i = 0; i < Warp.LANES; i++) {
        warp.halves[d + i] =
            (short) shift.applyAsInt(warp.halves[a + i] & keep, warp.words[count + i]);
      }
    };
  }

  /**
   * {@code shf.l/.r.wrap/.clamp.b32 d, a, b, c}: the 64 bits b:a shifted; one half of the result.
   */
  static DecodedOperation funnelShift(InstructionDecoder decoder) {
    boolean left = decoder.take("l");
    if (!left) {
      decoder.require("r");
    }
    boolean wrap = decoder.take("wrap");
    if (!wrap) {
      decoder.require("clamp");
    }
    decoder.require("b32");
    decoder.end(4);
    int d = decoder.destination(0, Type.B32);
    int a = decoder.source(1, Type.B32);
    int b = decoder.source(2, Type.B32);
    int c = decoder.source(3, Type.U32);
    return DecodedOperation.lanes(
        LaneLoops.words(
            d,
            a,
            b,
            c,
            (low, high, count) -> {
              int by = wrap ? count & 31 : Integer.compareUnsigned(count, 32) > 0 ? 32 : count;
              long both = (long) high << 32 | low & 0xFFFFFFFFL;
              return left ? (int) (both << by >>> 32) : (int) (both >>> by);
            }));
  }

  /** {@code popc}, {@code clz} and {@code brev}. */
  static DecodedOperation count(InstructionDecoder decoder) {
    String opcode = decoder.instruction().opcode();
    Type type = bitsType(decoder);
    decoder.end(2);
    int d = decoder.destination(0, opcode.equals("brev") ? type : Type.U32);
    int a = decoder.source(1, type);
    return DecodedOperation.lanes(
        switch (opcode + type.bits()) {
          case "popc32" -> LaneLoops.words(d, a, Integer::bitCount);
          case "popc64" -> LaneLoops.narrow(d, a, Long::bitCount);
          case "clz32" -> LaneLoops.words(d, a, Integer::numberOfLeadingZeros);
          case "clz64" -> LaneLoops.narrow(d, a, Long::numberOfLeadingZeros);
          case "brev32" -> LaneLoops.words(d, a, Integer::reverse);
          case "brev64" -> LaneLoops.wides(d, a, Long::reverse);
          default -> throw decoder.unsupported();
        });
  }

  /** {@code bfe.u32/.s32 d, a, position, length}; a signed field is extended by its highest bit. */
  static DecodedOperation extract(InstructionDecoder decoder) {
    Type type = decoder.type();
    decoder.end(4);
    if (type != Type.U32 && type != Type.S32) {
      throw decoder.unsupported();
    }
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, Type.U32);
    int c = decoder.source(3, Type.U32);
    boolean signed = type.isSigned();
    return DecodedOperation.lanes(
        LaneLoops.words(d, a, b, c, (x, at, size) -> field(x, at & 255, size & 255, signed)));
  }

  private static int field(int value, int position, int length, boolean signed) {
    if (length == 0) {
      return 0;
    }
    long extended = signed ? value : value & 0xFFFFFFFFL;
    long shifted = extended >> Math.min(position, 63);
    if (length >= 32) {
      return (int) shifted;
    }
    if (!signed) {
      return (int) (shifted & (1L << length) - 1);
    }
    // Beyond bit 31 the field's sign is that of the whole value, which the shift has filled in.
    return (int) (shifted << 64 - length >> 64 - length);
  }

  /** {@code bfi.b32 d, a, b, position, length}: the lowest bits of a into b. */
  static DecodedOperation insert(InstructionDecoder decoder) {
    decoder.require("b32");
    decoder.end(5);
    int d = decoder.destination(0, Type.B32);
    int a = decoder.source(1, Type.B32);
    int b = decoder.source(2, Type.B32);
    int c = decoder.source(3, Type.U32);
    int e = decoder.source(4, Type.U32);
    return DecodedOperation.lanes(
        (warp, mask) -> {
          int[] words = warp.words;
          for (int i = 0; i < Warp.LANES; i++) {
            int position = words[c + i] & 255;
            int length = words[e + i] & 255;
            long ones = length >= 32 ? 0xFFFFFFFFL : (1L << length) - 1;
            int field = position >= 32 ? 0 : (int) (ones << position);
            int value = position >= 32 ? 0 : words[a + i] << position;
            words[d + i] = words[b + i] & ~field | value & field;
          }
        });
  }

  /** {@code prmt.b32 d, a, b, selector}: four bytes chosen from the eight of b:a. */
  static DecodedOperation permute(InstructionDecoder decoder) {
    decoder.require("b32");
    decoder.end(4);
    int d = decoder.destination(0, Type.B32);
    int a = decoder.source(1, Type.B32);
    int b = decoder.source(2, Type.B32);
    int c = decoder.source(3, Type.B32);
    return DecodedOperation.lanes(LaneLoops.words(d, a, b, c, BitOperations::permute));
  }

  private static int permute(int low, int high, int selector) {
    long bytes = (long) high << 32 | low & 0xFFFFFFFFL;
    int result = 0;
    for (int i = 0; i < 4; i++) {
      int select = selector >>> 4 * i & 15;
      int chosen = (byte) (bytes >>> 8 * (select & 7));
      // Bit 3 asks for the sign of the byte, eight times.
      int value = (select & 8) == 0 ? chosen & 255 : chosen >> 7 & 255;
      result |= value << 8 * i;
    }
    return result;
  }

  /** {@code lop3.b32 d, a, b, c, table}: any function of three bits, as its table of eight. */
  static DecodedOperation lookup(InstructionDecoder decoder) {
    decoder.require("b32");
    decoder.end(5);
    int d = decoder.destination(0, Type.B32);
    int a = decoder.source(1, Type.B32);
    int b = decoder.source(2, Type.B32);
    int c = decoder.source(3, Type.B32);
    if (!(decoder.operand(4) instanceof Operand.IntegerConstant(long table))
        || table < 0
        || table > 255) {
      throw decoder.instruction().error("table of lop3 must be a constant from 0 to 255");
    }
    return DecodedOperation.lanes(
        LaneLoops.words(
            d,
            a,
            b,
            c,
            (x, y, z) -> {
              int result = 0;
              for (int row = 0; row < 8; row++) {
                if ((table >>> row & 1) != 0) {
                  int first = (row & 4) != 0 ? x : ~x;
                  int second = (row & 2) != 0 ? y : ~y;
                  int third = (row & 1) != 0 ? z : ~z;
                  result |= first & second & third;
                }
              }
              return result;
            }));
  }

  private static Type bitsType(InstructionDecoder decoder) {
    Type type = decoder.type();
    boolean bits = type.kind() == Type.Kind.BITS && type.bits() > 8;
    if (!bits && type != Type.PRED) {
      throw decoder.unsupported();
    }
    return type;
  }
}

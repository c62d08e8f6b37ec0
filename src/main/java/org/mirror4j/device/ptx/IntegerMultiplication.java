package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.syntax.Type;

/** {@code mul} and {@code mad}: low half, high half or whole of the product (ISA 9.7.1). */
final class IntegerMultiplication {
  private static final int LANES = Warp.LANES;

  private IntegerMultiplication() {}

  static DecodedOperation multiply(InstructionDecoder decoder) {
    String part = decoder.takeAny();
    Type type = decoder.type();
    decoder.end(3);
    boolean wide = part.equals("wide");
    int d = decoder.destination(0, wide ? wider(decoder, type) : type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    boolean signed = type.isSigned();
    return DecodedOperation.lanes(
        switch (part + type.bits()) {
          case "lo16" -> LaneLoops.halves(d, a, b, (x, y) -> x * y);
          case "wide16" -> widenHalves(d, a, b, signed);
          case "lo32" -> lowWords(d, a, b);
          case "hi32" -> highWords(d, a, b, signed);
          case "wide32" -> signed ? widenSigned(d, a, b) : widenUnsigned(d, a, b);
          case "lo64" -> LaneLoops.wides(d, a, b, (x, y) -> x * y);
          case "hi64" ->
              LaneLoops.wides(d, a, b, signed ? Math::multiplyHigh : Math::unsignedMultiplyHigh);
          default -> throw decoder.unsupported();
        });
  }

  static DecodedOperation multiplyAdd(InstructionDecoder decoder) {
    String part = decoder.takeAny();
    Type type = decoder.type();
    decoder.end(4);
    boolean wide = part.equals("wide");
    Type result = wide ? wider(decoder, type) : type;
    int d = decoder.destination(0, result);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    int c = decoder.source(3, result);
    boolean signed = type.isSigned();
    return DecodedOperation.lanes(
        switch (part + type.bits()) {
          case "lo32" -> lowWordsAdd(d, a, b, c);
          case "hi32" ->
              LaneLoops.words(d, a, b, c, (x, y, z) -> (int) (product(x, y, signed) >>> 32) + z);
          case "wide32" -> widenAdd(d, a, b, c, signed);
          case "lo64" -> lowWidesAdd(d, a, b, c);
          default -> throw decoder.unsupported();
        });
  }

  private static Type wider(InstructionDecoder decoder, Type type) {
    return switch (type) {
      case U16 -> Type.U32;
      case S16 -> Type.S32;
      case U32 -> Type.U64;
      case S32 -> Type.S64;
      default -> throw decoder.unsupported();
    };
  }

  private static long product(int a, int b, boolean signed) {
    return signed ? (long) a * b : (a & 0xFFFFFFFFL) * (b & 0xFFFFFFFFL);
  }

  private static Operation widenHalves(int d, int a, int b, boolean signed) {
    int keep = signed ? -1 : 0xFFFF;
    return (warp, mask) -> {
      for (int i = 0; i < LANES; i++) {
        warp.words[d + i] = (warp.halves[a + i] & keep) * (warp.halves[b + i] & keep);
      }
    };
  }

  private static Operation lowWords(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = words[a + i] * words[b + i];
      }
    };
  }

  private static Operation highWords(int d, int a, int b, boolean signed) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = (int) (product(words[a + i], words[b + i], signed) >>> 32);
      }
    };
  }

  private static Operation widenUnsigned(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = (words[a + i] & 0xFFFFFFFFL) * (words[b + i] & 0xFFFFFFFFL);
      }
      LaneLoops.forgetOrigin(warp, d);
    };
  }

  private static Operation widenSigned(int d, int a, int b) {
    return (warp, mask) -> {
      int[] words = warp.words;
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = (long) words[a + i] * words[b + i];
      }
      LaneLoops.forgetOrigin(warp, d);
    };
  }

  private static Operation lowWordsAdd(int d, int a, int b, int c) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = words[a + i] * words[b + i] + words[c + i];
      }
    };
  }

  /** The product is a number, so the sum has the origin of what is added. */
  private static Operation widenAdd(int d, int a, int b, int c, boolean signed) {
    return (warp, mask) -> {
      int[] words = warp.words;
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = product(words[a + i], words[b + i], signed) + wides[c + i];
      }
      System.arraycopy(warp.bindings, c, warp.bindings, d, LANES);
    };
  }

  private static Operation lowWidesAdd(int d, int a, int b, int c) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = wides[a + i] * wides[b + i] + wides[c + i];
      }
      System.arraycopy(warp.bindings, c, warp.bindings, d, LANES);
    };
  }
}

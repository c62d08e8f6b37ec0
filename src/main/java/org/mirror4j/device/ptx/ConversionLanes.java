package org.mirror4j.device.ptx;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import org.mirror4j.device.ptx.number.NarrowFloat;

/** Conversions between f32 and the types of 16 bits in the lanes of a warp, and their packing. */
final class ConversionLanes {
  /** {@code d = b : a}. */
  static final int PACK = 0;

  /** {@code d} is the lower half, {@code b} the upper one. */
  static final int UNPACK = 1;

  private static final int HALF_TO_FLOAT = 2;
  private static final int BFLOAT16_TO_FLOAT = 3;
  private static final int FLOAT_TO_HALF = 4;
  private static final int FLOAT_TO_BFLOAT16 = 5;
  private static final int FLOATS_TO_HALVES = 6;
  private static final int FLOATS_TO_BFLOAT16S = 7;

  private ConversionLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    return switch (name) {
      case "cvt.f32.f16" -> HALF_TO_FLOAT;
      case "cvt.f32.bf16" -> BFLOAT16_TO_FLOAT;
      case "cvt.rn.f16.f32" -> FLOAT_TO_HALF;
      case "cvt.rn.bf16.f32" -> FLOAT_TO_BFLOAT16;
      case "cvt.rn.f16x2.f32" -> FLOATS_TO_HALVES;
      case "cvt.rn.bf16x2.f32" -> FLOATS_TO_BFLOAT16S;
      default -> -1;
    };
  }

  /** {@code d = operation(a, b)} in the lanes of a mask; of a pair {@code a} is the upper half. */
  static void apply(Warp warp, int mask, int operation, int d, int a, int b, int unused) {
    if (mask == Warp.FULL) {
      all(warp, operation, d, a, b);
    } else {
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        one(warp, operation, Integer.numberOfTrailingZeros(rest), d, a, b);
      }
    }
  }

  /** Loops with nothing but the operation in them, which the Java machine makes vectors of. */
  private static void all(Warp warp, int operation, int d, int a, int b) {
    int[] words = warp.words;
    short[] halves = warp.halves;
    switch (operation) {
      case PACK -> {
        for (int i = 0; i < Warp.LANES; i++) {
          words[d + i] = halves[a + i] & 0xFFFF | halves[b + i] << 16;
        }
      }
      case UNPACK -> {
        for (int i = 0; i < Warp.LANES; i++) {
          halves[d + i] = (short) words[a + i];
        }
        for (int i = 0; i < Warp.LANES; i++) {
          halves[b + i] = (short) (words[a + i] >>> 16);
        }
      }
      case HALF_TO_FLOAT -> {
        for (int i = 0; i < Warp.LANES; i++) {
          words[d + i] = floatToRawIntBits(Float.float16ToFloat(halves[a + i]));
        }
      }
      case BFLOAT16_TO_FLOAT -> {
        for (int i = 0; i < Warp.LANES; i++) {
          words[d + i] = halves[a + i] << 16;
        }
      }
      default -> {
        for (int i = 0; i < Warp.LANES; i++) {
          one(warp, operation, i, d, a, b);
        }
      }
    }
  }

  private static void one(Warp warp, int operation, int lane, int d, int a, int b) {
    int[] words = warp.words;
    short[] halves = warp.halves;
    switch (operation) {
      case PACK -> words[d + lane] = halves[a + lane] & 0xFFFF | halves[b + lane] << 16;
      case UNPACK -> {
        int word = words[a + lane];
        halves[d + lane] = (short) word;
        halves[b + lane] = (short) (word >>> 16);
      }
      case HALF_TO_FLOAT ->
          words[d + lane] = floatToRawIntBits(NarrowFloat.halfToFloat(halves[a + lane]));
      case BFLOAT16_TO_FLOAT -> words[d + lane] = halves[a + lane] << 16;
      case FLOAT_TO_HALF -> halves[d + lane] = NarrowFloat.toHalf(intBitsToFloat(words[a + lane]));
      case FLOAT_TO_BFLOAT16 ->
          halves[d + lane] = NarrowFloat.toBfloat16(intBitsToFloat(words[a + lane]));
      case FLOATS_TO_HALVES ->
          words[d + lane] =
              NarrowFloat.pack(
                  NarrowFloat.toHalf(intBitsToFloat(words[a + lane])),
                  NarrowFloat.toHalf(intBitsToFloat(words[b + lane])));
      case FLOATS_TO_BFLOAT16S ->
          words[d + lane] =
              NarrowFloat.pack(
                  NarrowFloat.toBfloat16(intBitsToFloat(words[a + lane])),
                  NarrowFloat.toBfloat16(intBitsToFloat(words[b + lane])));
      default -> throw new IllegalArgumentException("operation " + operation);
    }
  }
}

package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongToIntFunction;
import java.util.function.LongUnaryOperator;

/**
 * Operations that do the same to each lane, given as functions of the bits. Enough for instructions
 * that are rare in a kernel; those of inner loops have a loop of their own.
 */
final class LaneLoops {
  /** A function of three words. */
  @FunctionalInterface
  interface IntTernaryOperator {
    int applyAsInt(int a, int b, int c);
  }

  /** A function of three double words. */
  @FunctionalInterface
  interface LongTernaryOperator {
    long applyAsLong(long a, long b, long c);
  }

  private static final int LANES = Warp.LANES;

  private LaneLoops() {}

  static Operation words(int d, int a, IntUnaryOperator function) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = function.applyAsInt(words[a + i]);
      }
    };
  }

  static Operation words(int d, int a, int b, IntBinaryOperator function) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = function.applyAsInt(words[a + i], words[b + i]);
      }
    };
  }

  static Operation words(int d, int a, int b, int c, IntTernaryOperator function) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = function.applyAsInt(words[a + i], words[b + i], words[c + i]);
      }
    };
  }

  static Operation wides(int d, int a, LongUnaryOperator function) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = function.applyAsLong(wides[a + i]);
      }
      forgetOrigin(warp, d);
    };
  }

  static Operation wides(int d, int a, int b, LongBinaryOperator function) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = function.applyAsLong(wides[a + i], wides[b + i]);
      }
      forgetOrigin(warp, d);
    };
  }

  static Operation wides(int d, int a, int b, int c, LongTernaryOperator function) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] = function.applyAsLong(wides[a + i], wides[b + i], wides[c + i]);
      }
      forgetOrigin(warp, d);
    };
  }

  /** Double words shifted by a word. */
  static Operation shifts(int d, int a, int count, LongBinaryOperator function) {
    return (warp, mask) -> {
      long[] wides = warp.wides;
      for (int i = 0; i < LANES; i++) {
        wides[d + i] =
            function.applyAsLong(wides[a + i], Integer.toUnsignedLong(warp.words[count + i]));
      }
      forgetOrigin(warp, d);
    };
  }

  /** A word from a double word. */
  static Operation narrow(int d, int a, LongToIntFunction function) {
    return (warp, mask) -> {
      int[] words = warp.words;
      for (int i = 0; i < LANES; i++) {
        words[d + i] = function.applyAsInt(warp.wides[a + i]);
      }
    };
  }

  /** Functions of 16 bits; what they give is cut to 16 bits. Arguments come sign-extended. */
  static Operation halves(int d, int a, IntUnaryOperator function) {
    return (warp, mask) -> {
      short[] halves = warp.halves;
      for (int i = 0; i < LANES; i++) {
        halves[d + i] = (short) function.applyAsInt(halves[a + i]);
      }
    };
  }

  static Operation halves(int d, int a, int b, IntBinaryOperator function) {
    return (warp, mask) -> {
      short[] halves = warp.halves;
      for (int i = 0; i < LANES; i++) {
        halves[d + i] = (short) function.applyAsInt(halves[a + i], halves[b + i]);
      }
    };
  }

  /** What is computed in other ways than from an address is no address of any slice. */
  static void forgetOrigin(Warp warp, int d) {
    Arrays.fill(warp.bindings, d, d + LANES, 0);
  }
}

package org.mirror4j.device.ptx;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneMerge;
import org.mirror4j.device.ptx.lanes.LaneSpecies;

/** What addresses are made with: 64 bits in the lanes of a warp, and where they come from. */
final class WideLanes {
  /** Of two double words. */
  static final int ADD = 0;

  /** Of one double word. */
  static final int MOVE = 1;

  /** {@code d} is the lower word of {@code a}, {@code b} the upper one. */
  static final int PART = 5;

  private static final int WIDEN = 2;
  private static final int MULTIPLY = 3;
  private static final int MULTIPLY_ADD = 4;

  private static final long LOWER = 0xFFFFFFFFL;
  private static final VectorSpecies<Long> WIDES = LaneSpecies.WIDES;
  private static final int WIDTH = WIDES.length();

  /** As many words as there are double words in a vector. */
  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS_OF_WIDES;

  /** Vectors as wide as those that load origins: loads wait for several narrower stores. */
  private static final VectorSpecies<Integer> ORIGINS = LaneSpecies.WORDS;

  private WideLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    return switch (name) {
      case "add.u64", "add.s64" -> ADD;
      case "mov.u64", "mov.b64" -> MOVE;
      case "cvt.u64.u32" -> WIDEN;
      case "mul.wide.u32" -> MULTIPLY;
      case "mad.wide.u32" -> MULTIPLY_ADD;
      default -> -1;
    };
  }

  /** {@code d = operation(a, b, c)} in the lanes of a mask. See {@link LaneCode} on its length. */
  static void apply(Warp warp, int mask, int operation, int d, int a, int b, int c) {
    if (operation == PART) {
      part(warp, mask, 0, d, a);
      part(warp, mask, Integer.SIZE, b, a);
      return;
    }
    int[] words = warp.words;
    long[] wides = warp.wides;
    int to = mask == Warp.FULL ? d : warp.wideSink;
    switch (operation) {
      case ADD -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          LongVector x = LongVector.fromArray(WIDES, wides, a + i);
          LongVector y = LongVector.fromArray(WIDES, wides, b + i);
          x.add(y).intoArray(wides, to + i);
        }
        addOrigins(warp.bindings, to, a, b);
      }
      case MOVE -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          LongVector.fromArray(WIDES, wides, a + i).intoArray(wides, to + i);
        }
        copyOrigins(warp.bindings, to, a);
      }
      case WIDEN -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          LongVector wide = (LongVector) x.convertShape(VectorOperators.ZERO_EXTEND_I2L, WIDES, 0);
          wide.intoArray(wides, to + i);
        }
        LaneLoops.forgetOrigin(warp, to);
      }
      case MULTIPLY, MULTIPLY_ADD -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          LongVector product =
              ((LongVector) x.convertShape(VectorOperators.ZERO_EXTEND_I2L, WIDES, 0))
                  .mul(
                      ((LongVector) y.convertShape(VectorOperators.ZERO_EXTEND_I2L, WIDES, 0))
                          .and(LOWER));
          if (operation == MULTIPLY_ADD) {
            product = product.add(LongVector.fromArray(WIDES, wides, c + i));
          }
          product.intoArray(wides, to + i);
        }
        if (operation == MULTIPLY_ADD) {
          copyOrigins(warp.bindings, to, c);
        } else {
          LaneLoops.forgetOrigin(warp, to);
        }
      }
      default -> throw new IllegalArgumentException("operation " + operation);
    }
    if (to != d) {
      LaneMerge.wides(wides, d, to, mask);
      LaneMerge.words(warp.bindings, d, to, mask);
    }
  }

  /** An address plus a number is an address into the same slice, two addresses are none. */
  private static void addOrigins(int[] bindings, int d, int a, int b) {
    for (int i = 0; i < Warp.LANES; i += ORIGINS.length()) {
      IntVector first = IntVector.fromArray(ORIGINS, bindings, a + i);
      IntVector second = IntVector.fromArray(ORIGINS, bindings, b + i);
      VectorMask<Integer> two =
          first.compare(VectorOperators.NE, 0).and(second.compare(VectorOperators.NE, 0));
      first.or(second).blend(0, two).intoArray(bindings, d + i);
    }
  }

  private static void copyOrigins(int[] bindings, int d, int a) {
    for (int i = 0; i < Warp.LANES; i += ORIGINS.length()) {
      IntVector.fromArray(ORIGINS, bindings, a + i).intoArray(bindings, d + i);
    }
  }

  /** {@code d} is a word of {@code a}: that from bit {@code shift} on. */
  private static void part(Warp warp, int mask, int shift, int d, int a) {
    int[] words = warp.words;
    int to = mask == Warp.FULL ? d : warp.wordSink;
    for (int i = 0; i < Warp.LANES; i += WIDTH) {
      LongVector x = LongVector.fromArray(WIDES, warp.wides, a + i);
      LongVector shifted = x.lanewise(VectorOperators.LSHR, shift);
      ((IntVector) shifted.convertShape(VectorOperators.L2I, WORDS, 0)).intoArray(words, to + i);
    }
    if (to != d) {
      LaneMerge.words(words, d, to, mask);
    }
  }
}

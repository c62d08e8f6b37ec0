package org.mirror4j.device.ptx;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneMerge;
import org.mirror4j.device.ptx.lanes.LaneSpecies;

/** Arithmetic on integers of 32 bits in the lanes of a warp, as {@link IntegerArithmetic} does. */
final class WordLanes {
  private static final int ADD = 0;
  private static final int SUBTRACT = 1;
  private static final int MULTIPLY = 2;
  private static final int MULTIPLY_ADD = 3;
  private static final int SIGNED_MINIMUM = 4;
  private static final int SIGNED_MAXIMUM = 5;
  private static final int UNSIGNED_MINIMUM = 6;
  private static final int UNSIGNED_MAXIMUM = 7;

  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS;
  private static final int WIDTH = WORDS.length();

  private WordLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    return switch (name) {
      case "add.u32", "add.s32" -> ADD;
      case "sub.u32", "sub.s32" -> SUBTRACT;
      case "mul.lo.u32", "mul.lo.s32" -> MULTIPLY;
      case "mad.lo.u32", "mad.lo.s32" -> MULTIPLY_ADD;
      case "min.s32" -> SIGNED_MINIMUM;
      case "max.s32" -> SIGNED_MAXIMUM;
      case "min.u32" -> UNSIGNED_MINIMUM;
      case "max.u32" -> UNSIGNED_MAXIMUM;
      default -> -1;
    };
  }

  /** {@code d = operation(a, b, c)} in the lanes of a mask. See {@link LaneCode} on its length. */
  static void apply(Warp warp, int mask, int operation, int d, int a, int b, int c) {
    int[] words = warp.words;
    int to = mask == Warp.FULL ? d : warp.wordSink;
    switch (operation) {
      case ADD -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          x.add(y).intoArray(words, to + i);
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          x.sub(y).intoArray(words, to + i);
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          x.mul(y).intoArray(words, to + i);
        }
      }
      case MULTIPLY_ADD -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          IntVector z = IntVector.fromArray(WORDS, words, c + i);
          x.mul(y).add(z).intoArray(words, to + i);
        }
      }
      case SIGNED_MINIMUM, SIGNED_MAXIMUM -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          IntVector z = operation == SIGNED_MINIMUM ? x.min(y) : x.max(y);
          z.intoArray(words, to + i);
        }
      }
      case UNSIGNED_MINIMUM, UNSIGNED_MAXIMUM -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          VectorMask<Integer> larger = x.compare(VectorOperators.UGT, y);
          IntVector z = operation == UNSIGNED_MINIMUM ? x.blend(y, larger) : y.blend(x, larger);
          z.intoArray(words, to + i);
        }
      }
      default -> throw new IllegalArgumentException("operation " + operation);
    }
    if (to != d) {
      LaneMerge.words(words, d, to, mask);
    }
  }
}

package org.mirror4j.device.ptx;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneMerge;
import org.mirror4j.device.ptx.lanes.LaneSpecies;

/** Logic, shifts, moves and choices of 32 bits in the lanes of a warp. */
final class BitLanes {
  /** Takes a predicate as its third source. */
  static final int SELECT = 0;

  /** {@code lop3} with {@link #PARITY_TABLE}: whether an odd number of three bits is set. */
  static final int PARITY = 9;

  static final long PARITY_TABLE = 0x96;

  private static final int MOVE = 1;
  private static final int AND = 2;
  private static final int OR = 3;
  private static final int EXCLUSIVE_OR = 4;
  private static final int NOT = 5;
  private static final int SHIFT_LEFT = 6;
  private static final int SHIFT_RIGHT = 7;
  private static final int SIGNED_SHIFT_RIGHT = 8;

  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS;
  private static final int WIDTH = WORDS.length();
  private static final int LAST_BIT = 31;

  private BitLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    return switch (name) {
      case "selp.b32", "selp.u32", "selp.s32", "selp.f32" -> SELECT;
      case "mov.b32", "mov.u32", "mov.s32", "mov.f32" -> MOVE;
      case "and.b32" -> AND;
      case "or.b32" -> OR;
      case "xor.b32" -> EXCLUSIVE_OR;
      case "not.b32" -> NOT;
      case "shl.b32" -> SHIFT_LEFT;
      case "shr.u32", "shr.b32" -> SHIFT_RIGHT;
      case "shr.s32" -> SIGNED_SHIFT_RIGHT;
      default -> -1;
    };
  }

  /** {@code d = operation(a, b, c)} in the lanes of a mask. See {@link LaneCode} on its length. */
  static void apply(Warp warp, int mask, int operation, int d, int a, int b, int c) {
    int[] words = warp.words;
    int to = mask == Warp.FULL ? d : warp.wordSink;
    switch (operation) {
      case SELECT -> {
        int truth = warp.predicates[c];
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          y.blend(x, VectorMask.fromLong(WORDS, truth >>> i)).intoArray(words, to + i);
        }
      }
      case MOVE -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          x.intoArray(words, to + i);
        }
      }
      case AND -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          x.and(y).intoArray(words, to + i);
        }
      }
      case OR -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          x.or(y).intoArray(words, to + i);
        }
      }
      case EXCLUSIVE_OR -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          x.lanewise(VectorOperators.XOR, y).intoArray(words, to + i);
        }
      }
      case PARITY -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          IntVector z = IntVector.fromArray(WORDS, words, c + i);
          x.lanewise(VectorOperators.XOR, y)
              .lanewise(VectorOperators.XOR, z)
              .intoArray(words, to + i);
        }
      }
      case NOT -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          x.not().intoArray(words, to + i);
        }
      }
      case SHIFT_LEFT, SHIFT_RIGHT -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector n = IntVector.fromArray(WORDS, words, b + i);
          // A count past the width shifts all bits out; Java's takes it modulo 32.
          VectorMask<Integer> past = n.compare(VectorOperators.UGT, LAST_BIT);
          IntVector shifted =
              operation == SHIFT_LEFT
                  ? x.lanewise(VectorOperators.LSHL, n)
                  : x.lanewise(VectorOperators.LSHR, n);
          shifted.blend(0, past).intoArray(words, to + i);
        }
      }
      case SIGNED_SHIFT_RIGHT -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector n = IntVector.fromArray(WORDS, words, b + i);
          VectorMask<Integer> past = n.compare(VectorOperators.UGT, LAST_BIT);
          x.lanewise(VectorOperators.ASHR, n.blend(LAST_BIT, past)).intoArray(words, to + i);
        }
      }
      default -> throw new IllegalArgumentException("operation " + operation);
    }
    if (to != d) {
      LaneMerge.words(words, d, to, mask);
    }
  }
}

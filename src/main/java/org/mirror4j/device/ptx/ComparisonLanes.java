package org.mirror4j.device.ptx;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneSpecies;

/** {@code setp} of words and floats with one destination, alone or together with a predicate. */
final class ComparisonLanes {
  private static final int EQUAL = 0;
  private static final int LESS = 1;
  private static final int LESS_OR_EQUAL = 2;
  private static final int UNSIGNED_LESS = 3;
  private static final int UNSIGNED_LESS_OR_EQUAL = 4;
  private static final int FLOAT_EQUAL = 5;
  private static final int FLOAT_LESS = 6;
  private static final int FLOAT_LESS_OR_EQUAL = 7;
  private static final int FLOAT_UNEQUAL = 8;

  /** Added where the truth of another comparison is turned over. */
  private static final int NOT = 16;

  /** Added where the truth holds only together with another predicate. */
  private static final int AND = 32;

  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS;
  private static final int WIDTH = WORDS.length();

  private ComparisonLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    int plain = comparison(name.replace(".and.", "."));
    return plain >= 0 && name.contains(".and.") ? plain + AND : plain;
  }

  private static int comparison(String name) {
    return switch (name) {
      case "setp.eq.u32", "setp.eq.s32", "setp.eq.b32" -> EQUAL;
      case "setp.ne.u32", "setp.ne.s32", "setp.ne.b32" -> EQUAL + NOT;
      case "setp.lt.s32" -> LESS;
      case "setp.ge.s32" -> LESS + NOT;
      case "setp.le.s32" -> LESS_OR_EQUAL;
      case "setp.gt.s32" -> LESS_OR_EQUAL + NOT;
      case "setp.lt.u32" -> UNSIGNED_LESS;
      case "setp.ge.u32" -> UNSIGNED_LESS + NOT;
      case "setp.le.u32" -> UNSIGNED_LESS_OR_EQUAL;
      case "setp.gt.u32" -> UNSIGNED_LESS_OR_EQUAL + NOT;
      case "setp.eq.f32" -> FLOAT_EQUAL;
      case "setp.neu.f32" -> FLOAT_EQUAL + NOT;
      case "setp.ne.f32" -> FLOAT_UNEQUAL;
      case "setp.equ.f32" -> FLOAT_UNEQUAL + NOT;
      case "setp.lt.f32", "setp.gt.f32" -> FLOAT_LESS;
      case "setp.geu.f32", "setp.leu.f32" -> FLOAT_LESS + NOT;
      case "setp.le.f32", "setp.ge.f32" -> FLOAT_LESS_OR_EQUAL;
      case "setp.gtu.f32", "setp.ltu.f32" -> FLOAT_LESS_OR_EQUAL + NOT;
      default -> -1;
    };
  }

  /** Whether an instruction is the comparison of its second source with the first. */
  static boolean exchanges(String name) {
    return name.matches("setp\\.(gt|ge|ltu|leu)(\\.and)?\\.f32");
  }

  /**
   * Sets the bits of a mask in predicate {@code d} to a comparison of {@code a} with {@code b}, or
   * to both that and predicate {@code c}. See {@link LaneCode} on its length.
   */
  static void apply(Warp warp, int mask, int operation, int d, int a, int b, int c) {
    int[] words = warp.words;
    long truth = 0;
    switch (operation & NOT - 1) {
      case EQUAL -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          truth |= x.compare(VectorOperators.EQ, y).toLong() << i;
        }
      }
      case LESS -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          truth |= x.compare(VectorOperators.LT, y).toLong() << i;
        }
      }
      case LESS_OR_EQUAL -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          truth |= x.compare(VectorOperators.LE, y).toLong() << i;
        }
      }
      case UNSIGNED_LESS -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          truth |= x.compare(VectorOperators.ULT, y).toLong() << i;
        }
      }
      case UNSIGNED_LESS_OR_EQUAL -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          IntVector y = IntVector.fromArray(WORDS, words, b + i);
          truth |= x.compare(VectorOperators.ULE, y).toLong() << i;
        }
      }
      case FLOAT_EQUAL -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          truth |= x.compare(VectorOperators.EQ, y).toLong() << i;
        }
      }
      case FLOAT_LESS -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          truth |= x.compare(VectorOperators.LT, y).toLong() << i;
        }
      }
      case FLOAT_LESS_OR_EQUAL -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          truth |= x.compare(VectorOperators.LE, y).toLong() << i;
        }
      }
      case FLOAT_UNEQUAL -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          VectorMask<Float> less = x.compare(VectorOperators.LT, y);
          truth |= less.or(y.compare(VectorOperators.LT, x)).toLong() << i;
        }
      }
      default -> throw new IllegalArgumentException("operation " + operation);
    }
    int lanes = (operation & NOT) == 0 ? (int) truth : (int) ~truth;
    if ((operation & AND) != 0) {
      lanes &= warp.predicates[c];
    }
    warp.predicates[d] = warp.predicates[d] & ~mask | lanes & mask;
  }
}

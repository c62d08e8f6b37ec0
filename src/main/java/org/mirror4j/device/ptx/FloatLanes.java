package org.mirror4j.device.ptx;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneMerge;
import org.mirror4j.device.ptx.lanes.LaneSpecies;

/** Arithmetic on f32 in the lanes of a warp, with the bits of {@link FloatArithmetic}. */
final class FloatLanes {
  private static final int ADD = 0;
  private static final int SUBTRACT = 1;
  private static final int MULTIPLY = 2;
  private static final int FUSED_MULTIPLY_ADD = 3;
  private static final int MINIMUM = 4;
  private static final int MAXIMUM = 5;
  private static final int NEGATE = 6;
  private static final int ABSOLUTE = 7;
  private static final int DIVIDE = 8;

  private static final int SIGN = 0x80000000;
  private static final float NAN = Float.intBitsToFloat(0x7FFFFFFF);
  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS;
  private static final int WIDTH = WORDS.length();

  private FloatLanes() {}

  /** The operation of an instruction's name, -1 if it is none of these. */
  static int operation(String name) {
    return switch (name) {
      case "add.rn.f32" -> ADD;
      case "sub.rn.f32" -> SUBTRACT;
      case "mul.rn.f32" -> MULTIPLY;
      case "fma.rn.f32" -> FUSED_MULTIPLY_ADD;
      case "min.f32" -> MINIMUM;
      case "max.f32" -> MAXIMUM;
      case "neg.f32" -> NEGATE;
      case "abs.f32" -> ABSOLUTE;
      case "div.rn.f32" -> DIVIDE;
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
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          FloatVector r = x.add(y);
          r.blend(NAN, r.test(VectorOperators.IS_NAN)).reinterpretAsInts().intoArray(words, to + i);
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          FloatVector r = x.sub(y);
          r.blend(NAN, r.test(VectorOperators.IS_NAN)).reinterpretAsInts().intoArray(words, to + i);
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          FloatVector r = x.mul(y);
          r.blend(NAN, r.test(VectorOperators.IS_NAN)).reinterpretAsInts().intoArray(words, to + i);
        }
      }
      case FUSED_MULTIPLY_ADD -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          FloatVector z = IntVector.fromArray(WORDS, words, c + i).reinterpretAsFloats();
          FloatVector r = x.fma(y, z);
          r.blend(NAN, r.test(VectorOperators.IS_NAN)).reinterpretAsInts().intoArray(words, to + i);
        }
      }
      case MINIMUM, MAXIMUM -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          VectorMask<Float> noX = x.test(VectorOperators.IS_NAN);
          VectorMask<Float> noY = y.test(VectorOperators.IS_NAN);
          FloatVector z = operation == MINIMUM ? x.min(y) : x.max(y);
          z = z.blend(y, noX).blend(x, noY).blend(NAN, noX.and(noY));
          z.reinterpretAsInts().intoArray(words, to + i);
        }
      }
      case NEGATE -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          x.lanewise(VectorOperators.XOR, SIGN).intoArray(words, to + i);
        }
      }
      case ABSOLUTE -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          IntVector x = IntVector.fromArray(WORDS, words, a + i);
          x.lanewise(VectorOperators.AND, ~SIGN).intoArray(words, to + i);
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < Warp.LANES; i += WIDTH) {
          FloatVector x = IntVector.fromArray(WORDS, words, a + i).reinterpretAsFloats();
          FloatVector y = IntVector.fromArray(WORDS, words, b + i).reinterpretAsFloats();
          FloatVector r = x.div(y);
          r.blend(NAN, r.test(VectorOperators.IS_NAN)).reinterpretAsInts().intoArray(words, to + i);
        }
      }
      default -> throw new IllegalArgumentException("operation " + operation);
    }
    if (to != d) {
      LaneMerge.words(words, d, to, mask);
    }
  }
}

package org.mirror4j.device.ptx;

import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneSpecies;
import org.mirror4j.device.ptx.number.FloatFormat;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * {@code mma.sync.aligned} (ISA 9.7.14.5): {@code D = A B + C} by a whole warp, {@code A[16, K]}
 * and {@code B[K, 8]} of f16 or bf16, {@code C} and {@code D[16, 8]} of f32, {@code K} 8 or 16.
 * Each lane holds some elements of each. With {@code g = lane / 4} and {@code t = lane % 4}:
 *
 * <pre>
 *  A, register r: row g + 8 (r % 2), columns 2 t + 8 (r / 2) and the next in its halves
 *  B, register r: rows 2 t + 8 r and the next in its halves, column g
 *  C, register r: row g + 8 (r / 2), column 2 t + r % 2
 * </pre>
 *
 * <p>The ISA says neither in what order products are added nor how sums in between are rounded.
 * Here an element of {@code C} and then the products, which are exact, are added in f64 in the
 * order of {@code k}, and the sum is rounded once. So a card may be less exact, and what is held
 * against these results needs a bound for any order of f32 sums. There is no bound in the ISA to
 * whose edge a result could be moved: {@link LaunchOptions#approximation} changes nothing.
 */
final class TensorOperations {
  private static final int ROWS = 16;
  private static final int COLUMNS = 8;
  private static final int MOST_DEPTH = 16;
  private static final int SUM_REGISTERS = 4;
  private static final int NAN = FloatFormat.F32.nan();

  /** Elements in the halves of a register of all lanes. */
  private static final int PAIR_ELEMENTS = 2 * Warp.LANES;

  /** Of no more than the four lanes that have columns of one row. */
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(
          double.class,
          VectorShape.forBitSize(Math.min(LaneSpecies.DOUBLES.vectorBitSize(), 4 * Double.SIZE)));

  private TensorOperations() {}

  /**
   * The first lanes of the registers of each operand.
   *
   * @param bfloats whether A and B are of bf16
   * @param depth K
   */
  private record Fragments(boolean bfloats, int depth, int[] d, int[] a, int[] b, int[] c) {}

  /**
   * The matrices of one product, in f64. Elements of A and C are in the order of the registers: of
   * A the lower halves of all lanes of a register, then the upper ones. Four lanes of a register of
   * C are the even columns of a row, those of the next register the odd ones; the columns of B's
   * rows are in that order too: 0, 2, 4, 6, 1, 3, 5, 7.
   */
  static final class Matrices {
    private final short[] halves = new short[PAIR_ELEMENTS];
    private final float[] floats = new float[PAIR_ELEMENTS];
    private final double[] a = new double[ROWS * MOST_DEPTH];
    private final double[] unordered = new double[PAIR_ELEMENTS];
    private final double[] b = new double[MOST_DEPTH * COLUMNS];
    private final double[] sums = new double[ROWS * COLUMNS];
  }

  /** {@code mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 d, a, b, c} and its kin. */
  static DecodedOperation multiply(InstructionDecoder decoder) {
    decoder.require("sync");
    decoder.require("aligned");
    int depth =
        switch (decoder.takeAny()) {
          case "m16n8k8" -> 8;
          case "m16n8k16" -> 16;
          default -> throw decoder.unsupported();
        };
    decoder.require("row");
    decoder.require("col");
    decoder.require("f32");
    String factors = decoder.takeAny();
    boolean bfloats = factors.equals("bf16");
    if (!bfloats && !factors.equals("f16")) {
      throw decoder.unsupported();
    }
    decoder.require(factors);
    decoder.require("f32");
    decoder.end(4);
    Type pair = bfloats ? Type.BF16X2 : Type.F16X2;
    int[] a = sources(decoder, 1, depth / 4, pair);
    int[] b = sources(decoder, 2, depth / 8, pair);
    int[] c = sources(decoder, 3, SUM_REGISTERS, Type.F32);
    List<Operand> sums = decoder.vector(0, SUM_REGISTERS);
    int[] d = sums.stream().mapToInt(sum -> decoder.destination(sum, Type.F32, false)).toArray();
    Fragments fragments = new Fragments(bfloats, depth, d, a, b, c);
    return DecodedOperation.wholeWarp((warp, mask) -> multiply(warp, fragments));
  }

  private static int[] sources(InstructionDecoder decoder, int operand, int count, Type type) {
    return decoder.vector(operand, count).stream()
        .mapToInt(element -> decoder.source(element, type, false))
        .toArray();
  }

  /** All lanes' registers are read before any is written: D may be A, B or C. */
  private static void multiply(Warp warp, Fragments fragments) {
    Matrices matrices = warp.worker.matrices();
    int[] words = warp.words;
    gather(words, fragments, matrices);
    addProducts(matrices, fragments.depth);
    float[] floats = matrices.floats;
    for (int r = 0; r < SUM_REGISTERS; r++) {
      int from = Warp.LANES * r;
      for (int i = 0; i < Warp.LANES; i++) {
        floats[i] = (float) matrices.sums[from + i];
      }
      int place = fragments.d[r];
      for (int i = 0; i < Warp.LANES; i++) {
        words[place + i] = floats[i] == floats[i] ? Float.floatToRawIntBits(floats[i]) : NAN;
      }
    }
  }

  // Loops with nothing but one step in them, which the Java machine makes vectors of.

  private static void gather(int[] words, Fragments fragments, Matrices matrices) {
    for (int r = 0; r < fragments.a.length; r++) {
      unpack(words, fragments.a[r], fragments.bfloats, matrices, matrices.a, PAIR_ELEMENTS * r);
    }
    double[] unordered = matrices.unordered;
    double[] b = matrices.b;
    for (int r = 0; r < fragments.b.length; r++) {
      unpack(words, fragments.b[r], fragments.bfloats, matrices, unordered, 0);
      for (int lane = 0; lane < Warp.LANES; lane++) {
        int column = lane >> 2;
        int at = (8 * r + 2 * (lane & 3)) * COLUMNS + 4 * (column & 1) + (column >> 1);
        b[at] = unordered[lane];
        b[at + COLUMNS] = unordered[Warp.LANES + lane];
      }
    }
    float[] floats = matrices.floats;
    for (int r = 0; r < SUM_REGISTERS; r++) {
      int place = fragments.c[r];
      for (int i = 0; i < Warp.LANES; i++) {
        floats[i] = Float.intBitsToFloat(words[place + i]);
      }
      int to = Warp.LANES * r;
      for (int i = 0; i < Warp.LANES; i++) {
        matrices.sums[to + i] = floats[i];
      }
    }
  }

  private static void unpack(
      int[] words, int place, boolean bfloats, Matrices matrices, double[] to, int at) {
    float[] floats = matrices.floats;
    if (bfloats) {
      for (int i = 0; i < Warp.LANES; i++) {
        floats[i] = Float.intBitsToFloat(words[place + i] << 16);
      }
      for (int i = 0; i < Warp.LANES; i++) {
        floats[Warp.LANES + i] = Float.intBitsToFloat(words[place + i] & 0xFFFF0000);
      }
    } else {
      short[] halves = matrices.halves;
      for (int i = 0; i < Warp.LANES; i++) {
        halves[i] = (short) words[place + i];
      }
      for (int i = 0; i < Warp.LANES; i++) {
        halves[Warp.LANES + i] = (short) (words[place + i] >>> 16);
      }
      for (int i = 0; i < PAIR_ELEMENTS; i++) {
        floats[i] = Float.float16ToFloat(halves[i]);
      }
    }
    for (int i = 0; i < PAIR_ELEMENTS; i++) {
      to[at + i] = floats[i];
    }
  }

  /** A product of two such factors is exact in f64, so it need not be fused with the sum. */
  private static void addProducts(Matrices matrices, int depth) {
    double[] a = matrices.a;
    double[] b = matrices.b;
    double[] sums = matrices.sums;
    for (int k = 0; k < depth; k += 8) {
      for (int row = 0; row < ROWS; row++) {
        int lane = 4 * (row & 7);
        // Where the next two factors of the row are, and the register of its even columns.
        int lower = PAIR_ELEMENTS * ((row >> 3) + (k >> 2)) + lane;
        int upper = lower + Warp.LANES;
        int even = 2 * Warp.LANES * (row >> 3) + lane;
        for (int column = 0; column < COLUMNS; column += DOUBLES.length()) {
          int of = k * COLUMNS + column;
          int sumAt = even + (column >> 2) * Warp.LANES + (column & 3);
          DoubleVector sum = DoubleVector.fromArray(DOUBLES, sums, sumAt);
          for (int pair = 0; pair < 4; pair++) {
            int at = of + 2 * COLUMNS * pair;
            sum = sum.add(DoubleVector.fromArray(DOUBLES, b, at).mul(a[lower + pair]));
            sum = sum.add(DoubleVector.fromArray(DOUBLES, b, at + COLUMNS).mul(a[upper + pair]));
          }
          sum.intoArray(sums, sumAt);
        }
      }
    }
  }
}

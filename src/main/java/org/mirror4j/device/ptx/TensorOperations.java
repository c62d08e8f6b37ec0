package org.mirror4j.device.ptx;

import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LaneSpecies;
import org.mirror4j.device.ptx.number.FloatFormat;
import org.mirror4j.device.ptx.number.NarrowFloat;
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
  private static final VectorSpecies<Double> DOUBLES = LaneSpecies.DOUBLES;

  private TensorOperations() {}

  /**
   * The first lanes of the registers of each operand.
   *
   * @param bfloats whether A and B are of bf16
   * @param depth K
   */
  private record Fragments(boolean bfloats, int depth, int[] d, int[] a, int[] b, int[] c) {}

  /** The matrices of one product, by rows. */
  static final class Matrices {
    private final double[] a = new double[ROWS * MOST_DEPTH];
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
    gather(warp.words, fragments, matrices);
    addProducts(matrices, fragments.depth);
    int[] words = warp.words;
    for (int r = 0; r < SUM_REGISTERS; r++) {
      int place = fragments.d[r];
      for (int lane = 0; lane < Warp.LANES; lane++) {
        double sum = matrices.sums[sumIndex(r, lane)];
        words[place + lane] =
            sum == sum ? Float.floatToRawIntBits((float) sum) : FloatFormat.F32.nan();
      }
    }
  }

  private static void gather(int[] words, Fragments fragments, Matrices matrices) {
    boolean bfloats = fragments.bfloats;
    int depth = fragments.depth;
    for (int r = 0; r < fragments.a.length; r++) {
      for (int lane = 0; lane < Warp.LANES; lane++) {
        int pair = words[fragments.a[r] + lane];
        int at = ((lane >> 2) + 8 * (r & 1)) * depth + 2 * (lane & 3) + 8 * (r >> 1);
        matrices.a[at] = lower(pair, bfloats);
        matrices.a[at + 1] = upper(pair, bfloats);
      }
    }
    for (int r = 0; r < fragments.b.length; r++) {
      for (int lane = 0; lane < Warp.LANES; lane++) {
        int pair = words[fragments.b[r] + lane];
        int at = (2 * (lane & 3) + 8 * r) * COLUMNS + (lane >> 2);
        matrices.b[at] = lower(pair, bfloats);
        matrices.b[at + COLUMNS] = upper(pair, bfloats);
      }
    }
    for (int r = 0; r < SUM_REGISTERS; r++) {
      for (int lane = 0; lane < Warp.LANES; lane++) {
        matrices.sums[sumIndex(r, lane)] = Float.intBitsToFloat(words[fragments.c[r] + lane]);
      }
    }
  }

  /** A product of two such factors is exact in f64, so it need not be fused with the sum. */
  private static void addProducts(Matrices matrices, int depth) {
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column += DOUBLES.length()) {
        int at = row * COLUMNS + column;
        DoubleVector sum = DoubleVector.fromArray(DOUBLES, matrices.sums, at);
        for (int k = 0; k < depth; k++) {
          DoubleVector b = DoubleVector.fromArray(DOUBLES, matrices.b, k * COLUMNS + column);
          sum = sum.add(b.mul(matrices.a[row * depth + k]));
        }
        sum.intoArray(matrices.sums, at);
      }
    }
  }

  private static int sumIndex(int register, int lane) {
    return ((lane >> 2) + 8 * (register >> 1)) * COLUMNS + 2 * (lane & 3) + (register & 1);
  }

  private static float lower(int pair, boolean bfloats) {
    short bits = NarrowFloat.lower(pair);
    return bfloats ? NarrowFloat.bfloat16ToFloat(bits) : NarrowFloat.halfToFloat(bits);
  }

  private static float upper(int pair, boolean bfloats) {
    short bits = NarrowFloat.upper(pair);
    return bfloats ? NarrowFloat.bfloat16ToFloat(bits) : NarrowFloat.halfToFloat(bits);
  }
}

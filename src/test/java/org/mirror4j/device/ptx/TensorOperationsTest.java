package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.cuda.Assembler;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.number.NarrowFloat;
import org.mirror4j.device.ptx.report.PtxException;

/**
 * Products of whole matrices by {@code mma}, against the sums written out in f64. Fragments are
 * loaded and stored element by element, as the figures of the ISA place them.
 */
class TensorOperationsTest {
  private static final int ROWS = 16;
  private static final int COLUMNS = 8;
  private static final int LANES = 32;

  /** A format of the factors. */
  private enum Factor {
    F16,
    BF16;

    short bits(float value) {
      return this == F16 ? NarrowFloat.toHalf(value) : NarrowFloat.toBfloat16(value);
    }

    float value(short bits) {
      return this == F16 ? NarrowFloat.halfToFloat(bits) : NarrowFloat.bfloat16ToFloat(bits);
    }

    String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A and B in the bits of their format, C in f32, all by rows. */
  private record Operands(Factor factor, int depth, short[] a, short[] b, float[] c) {
    static Operands random(Factor factor, int depth, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      return new Operands(
          factor,
          depth,
          bits(factor, ROWS * depth, random),
          bits(factor, depth * COLUMNS, random),
          floats(ROWS * COLUMNS, random));
    }

    private static float[] floats(int count, SplittableRandom random) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) Math.scalb(random.nextDouble(-1, 1), random.nextInt(-6, 7));
      }
      return values;
    }

    private static short[] bits(Factor factor, int count, SplittableRandom random) {
      float[] values = floats(count, random);
      short[] bits = new short[count];
      for (int i = 0; i < count; i++) {
        bits[i] = factor.bits(values[i]);
      }
      return bits;
    }

    /** The element of D in f64, and the sum of the sizes of what was added. */
    double[] exact(int row, int column) {
      double sum = c[row * COLUMNS + column];
      double sizes = Math.abs(sum);
      for (int k = 0; k < depth; k++) {
        double x = factor.value(a[row * depth + k]);
        double product = x * factor.value(b[k * COLUMNS + column]);
        sum += product;
        sizes += Math.abs(product);
      }
      return new double[] {sum, sizes};
    }
  }

  /** Names of registers in braces. */
  private static String vector(String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "%" + name + i)
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String mma(Factor factor, int depth) {
    return "mma.sync.aligned.m16n8k%1$d.row.col.f32.%2$s.%2$s.f32 %3$s, %4$s, %5$s, %6$s;"
        .formatted(
            depth,
            factor.label(),
            vector("d", 4),
            vector("a", depth / 4),
            vector("b", depth / 8),
            vector("c", 4));
  }

  /** Words of the fragments, register by register of a lane; the kernel itself knows no layout. */
  private static String kernel(Factor factor, int depth, String body) {
    int factors = depth / 4 + depth / 8;
    String loads =
        IntStream.range(0, factors)
            .mapToObj(
                i ->
                    "ld.global.b32 %%%s%d, [%%rd_in+%d];\n"
                        .formatted(
                            i < depth / 4 ? "a" : "b",
                            i < depth / 4 ? i : i - depth / 4,
                            4 * LANES * i))
            .collect(Collectors.joining());
    for (int i = 0; i < 4; i++) {
      loads += "ld.global.f32 %%c%d, [%%rd_in+%d];\n".formatted(i, 4 * LANES * (factors + i));
    }
    String stores =
        IntStream.range(0, 4)
            .mapToObj(i -> "st.global.f32 [%%rd_out+%d], %%d%d;\n".formatted(4 * LANES * i, i))
            .collect(Collectors.joining());
    return """
    .visible .entry test(
        .param .u64 .ptr .global .align 4 out, .param .u64 .ptr .global .align 4 in)
    {
        .reg .pred %p;
        .reg .b32 %t, %a<4>, %b<2>;
        .reg .f32 %c<4>, %d<4>;
        .reg .b64 %rd_in, %rd_out;
        mov.u32 %t, %tid.x;
        ld.param.u64 %rd_out, [out];   mad.wide.u32 %rd_out, %t, 4, %rd_out;
        ld.param.u64 %rd_in, [in];   mad.wide.u32 %rd_in, %t, 4, %rd_in;
    """
        + loads
        + body
        + "\n"
        + stores
        + "ret;\n}\n";
  }

  /** Where lanes keep the matrices, from the tables of the ISA: groupID and threadID_in_group. */
  private static int[] fragments(Operands operands) {
    int depth = operands.depth();
    int[] words = new int[LANES * (depth / 4 + depth / 8 + 4)];
    for (int lane = 0; lane < LANES; lane++) {
      int group = lane / 4;
      int thread = lane % 4;
      for (int i = 0; i < depth / 2; i++) {
        int row = i < 2 || i >= 4 && i < 6 ? group : group + 8;
        int column = thread * 2 + (i & 1) + (i < 4 ? 0 : 8);
        put(words, i / 2 * LANES + lane, i & 1, operands.a()[row * depth + column]);
      }
      for (int i = 0; i < depth / 4; i++) {
        int row = thread * 2 + (i & 1) + (i < 2 ? 0 : 8);
        int at = (depth / 4 + i / 2) * LANES + lane;
        put(words, at, i & 1, operands.b()[row * COLUMNS + group]);
      }
      for (int i = 0; i < 4; i++) {
        int row = i < 2 ? group : group + 8;
        float c = operands.c()[row * COLUMNS + thread * 2 + (i & 1)];
        words[(depth / 4 + depth / 8 + i) * LANES + lane] = Float.floatToRawIntBits(c);
      }
    }
    return words;
  }

  private static void put(int[] words, int at, int half, short bits) {
    words[at] |= (bits & 0xFFFF) << 16 * half;
  }

  /** D by rows, from the words that lanes have stored. */
  private static float[] matrix(int[] words) {
    float[] d = new float[ROWS * COLUMNS];
    for (int lane = 0; lane < LANES; lane++) {
      for (int i = 0; i < 4; i++) {
        int row = lane / 4 + (i < 2 ? 0 : 8);
        d[row * COLUMNS + lane % 4 * 2 + (i & 1)] = Float.intBitsToFloat(words[i * LANES + lane]);
      }
    }
    return d;
  }

  private static float[] product(Operands operands, String body) {
    PtxProgram program = KernelBench.program(kernel(operands.factor(), operands.depth(), body));
    float[] first = null;
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice out = bench.words("out", 4 * LANES);
        bench.launch(program, 1, LANES, options, out, bench.words("in", fragments(operands)));
        assertThat(bench.findings.list()).isEmpty();
        float[] got = matrix(bench.words(out));
        first = first == null ? got : first;
        assertThat(got).containsExactly(first);
      }
    }
    return first;
  }

  private static void require(Operands operands, float[] d) {
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        double[] exact = operands.exact(row, column);
        // One rounding to f32, and as many to f64 as there are terms.
        double bound = Math.ulp((float) exact[0]) / 2 + 20 * Math.ulp(exact[1]);
        assertThat(Math.abs(d[row * COLUMNS + column] - exact[0]))
            .as("row %d, column %d", row, column)
            .isLessThanOrEqualTo(bound);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F16, 8", "F16, 16", "BF16, 8", "BF16, 16"})
  void multipliesMatrices(Factor factor, int depth) {
    for (int seed = 0; seed < 3; seed++) {
      Operands operands = Operands.random(factor, depth, seed);
      require(operands, product(operands, mma(factor, depth)));
    }
  }

  /** Element (row, k) of A is seen by itself, at row k of B, and each place has its own number. */
  @ParameterizedTest
  @CsvSource({"F16, 8", "F16, 16", "BF16, 8", "BF16, 16"})
  void everyElementHasItsPlace(Factor factor, int depth) {
    for (int shift = 0; shift < depth; shift += 8) {
      short[] a = new short[ROWS * depth];
      short[] identity = new short[depth * COLUMNS];
      for (int i = 0; i < a.length; i++) {
        // Integers up to 256 are exact in bf16, too.
        a[i] = factor.bits(i);
      }
      for (int i = 0; i < COLUMNS; i++) {
        identity[(i + shift) * COLUMNS + i] = factor.bits(1);
      }
      float[] c = new float[ROWS * COLUMNS];
      for (int i = 0; i < c.length; i++) {
        c[i] = 1000 * i;
      }
      float[] d = product(new Operands(factor, depth, a, identity, c), mma(factor, depth));
      for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) {
          assertThat(d[row * COLUMNS + column])
              .isEqualTo(1000f * (row * COLUMNS + column) + row * depth + column + shift);
        }
      }
    }
  }

  @Test
  void resultsMayOverwriteWhatIsAdded() {
    Operands operands = Operands.random(Factor.F16, 16, 5);
    String body =
        mma(Factor.F16, 16).replace(vector("d", 4), vector("c", 4))
            + IntStream.range(0, 4)
                .mapToObj(i -> " mov.f32 %%d%d, %%c%d;".formatted(i, i))
                .collect(Collectors.joining());
    require(operands, product(operands, body));
  }

  @Test
  void specialValuesGoThrough() {
    Operands operands = Operands.random(Factor.F16, 16, 6);
    operands.a()[0] = NarrowFloat.toHalf(Float.POSITIVE_INFINITY);
    operands.b()[0] = 0;
    operands.c()[2 * COLUMNS + 3] = Float.NEGATIVE_INFINITY;
    float[] d = product(operands, mma(Factor.F16, 16));
    assertThat(d[0]).isNaN();
    assertThat(d[1]).isEqualTo(operands.b()[1] < 0 ? -1 / 0f : 1 / 0f);
    assertThat(d[2 * COLUMNS + 3]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(d[COLUMNS]).isFinite();
  }

  private static String failure(String body, int block, Schedule schedule, PtxEngine engine) {
    PtxProgram program = KernelBench.program(kernel(Factor.F16, 8, body));
    LaunchOptions options =
        KernelBench.options(schedule, CtaOrder.FORWARD, 7, 1, null).withEngine(engine);
    try (KernelBench bench = new KernelBench()) {
      Slice out = bench.words("out", 4 * LANES);
      Slice in = bench.words("in", fragments(Operands.random(Factor.F16, 8, 1)));
      bench.launch(program, 1, block, options, out, in);
      return bench.findings.list().getFirst().toString();
    } catch (PtxException thrown) {
      return thrown.getMessage();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          setp.lt.u32 %p, %t, 16; @%p bra A;                | 32 | lanes 0xffff0000 are elsewhere
          setp.ge.u32 %p, %t, 30; @%p ret;                  | 32 | lanes 0xc0000000 have left
          mov.u32 %t, 0;                                    | 31 | lanes 0x80000000 are past the end of the block
          """)
  void aWarpThatIsNotWholeIsFound(String before, int block, String message) {
    String body = before + "\nA: " + mma(Factor.F16, 8);
    if (before.contains("bra")) {
      // The other half goes another way: it comes to the same place later.
      body = before + "\n" + mma(Factor.F16, 8) + "\nbra B;\nA: " + mma(Factor.F16, 8) + "\nB:";
      message = "lanes 0xffff0000 are elsewhere";
    }
    for (PtxEngine engine : PtxEngine.values()) {
      assertThat(failure(body, block, Schedule.LOCKSTEP, engine))
          .contains("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32: takes the whole warp, but ")
          .contains(message);
      assertThat(failure(body, block, Schedule.LANE_SERIAL, engine)).contains("warp mask: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a1", "b0", "c3"})
  void anUndefinedRegisterOfALaneIsFound(String register) {
    String kind = register.startsWith("c") ? "f32" : "b32";
    String body =
        ".reg .%s %%undefined; setp.ne.u32 %%p, %%t, 19; @%%p mov.%1$s %%undefined, %%%s;\n"
                .formatted(kind, register)
            + mma(Factor.F16, 8).replace("%" + register, "%undefined");
    for (Schedule schedule : Schedule.values()) {
      for (PtxEngine engine : PtxEngine.values()) {
        assertThat(failure(body, 32, schedule, engine))
            .contains("register %undefined is read before it is written")
            .contains("lane 19");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F16, 8, 7.0, sm_75",
    "F16, 16, 7.0, sm_80",
    "BF16, 8, 7.0, sm_80",
    "BF16, 16, 7.0, sm_80"
  })
  void theAssemblerTakesTheSameTexts(Factor factor, int depth, String version, String target) {
    String text =
        ".version %s\n.target %s\n.address_size 64\n%s"
            .formatted(version, target, kernel(factor, depth, mma(factor, depth)));
    assertThat(Assembler.assemble("test.ptx", text, target).spills()).isFalse();
  }

  private static PtxException refusal(String statement) {
    try {
      KernelBench.program(kernel(Factor.F16, 16, statement));
    } catch (PtxException refused) {
      return refused;
    }
    throw new AssertionError(statement + " was taken");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16",
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f16",
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.bf16.f32",
        "mma.sync.aligned.m16n8k16.row.row.f32.f16.f16.f32",
        "mma.sync.aligned.m16n8k16.col.col.f32.f16.f16.f32",
        "mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32",
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32",
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32",
        "mma.sync.m16n8k16.row.col.f32.f16.f16.f32",
        "mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32",
        "movmatrix.sync.aligned.m8n8.b16",
        "movmatrix.aligned.m8n8.trans.b16",
      })
  void whatIsNotKnownIsRefusedByName(String name) {
    String statement = name + " {%d0}, {%a0}, {%b0}, {%c0};";
    assertThat(refusal(statement)).hasMessageEndingWith(": unsupported '" + name + "'");
  }

  @Test
  void operandsMustBeFragments() {
    String good = mma(Factor.F16, 16);
    assertThat(refusal(good.replace(", %a3}", "}")))
        .hasMessageEndingWith(
            "operand 2 of 'mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32' has 3 registers,"
                + " expected 4");
    assertThat(refusal(good.replace("{%b0, %b1}", "%b0")))
        .hasMessageEndingWith(
            "operand 3 of 'mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32' is no vector,"
                + " expected one of 2 registers");
    assertThat(refusal(good.replace("%a3", "%c0"))).hasMessageContaining("'%c0' is .f32");
    assertThat(refusal(mma(Factor.BF16, 16).replace("%a3", "%c0")))
        .hasMessageContaining("'%c0' is .f32");
    assertThat(refusal(good.replace("%d3", "%rd_in"))).hasMessageContaining("'%rd_in' is .b64");
  }
}

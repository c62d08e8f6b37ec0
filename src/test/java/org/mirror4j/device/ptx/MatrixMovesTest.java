package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntBinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.cuda.Assembler;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.count.LaunchCounts;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.PtxException;

/** Matrices of halves from shared memory into registers, and across registers. */
class MatrixMovesTest {
  private static final int LANES = 32;

  /** Bytes from one row to the next: more than a row, so that rows do not share banks. */
  private static final int PITCH = 48;

  private static final int ROWS = 32;
  private static final int HALVES = ROWS * PITCH / 2;

  /**
   * Fills a tile with {@code tile[i] = i}, halves, by every lane a part; has the address of row
   * {@code lane} in {@code %at}, and stores {@code %d0..%d3}.
   */
  private static String kernel(String body) {
    String fill =
        IntStream.range(0, HALVES / 2 / LANES)
            .mapToObj(
                i ->
                    "st.shared.b32 [%%to+%d], %%v; add.u32 %%v, %%v, 0x00400040;\n"
                        .formatted(4 * LANES * i))
            .collect(Collectors.joining());
    String stores =
        IntStream.range(0, 4)
            .mapToObj(i -> "st.global.b32 [%%rd_out+%d], %%d%d;\n".formatted(4 * LANES * i, i))
            .collect(Collectors.joining());
    return """
    .visible .entry test(.param .u64 .ptr .global .align 4 out)
    {
        .shared .align 16 .b8 tile[TILE];
        .reg .pred %p;
        .reg .b32 %t, %to, %at, %v, %d<4>;
        .reg .b64 %rd_out;
        mov.u32 %t, %tid.x;   and.b32 %t, %t, 31;
        ld.param.u64 %rd_out, [out];   mad.wide.u32 %rd_out, %t, 4, %rd_out;
        mov.u32 %at, tile;   mad.lo.u32 %at, %t, PITCH, %at;
        mov.u32 %to, tile;   mad.lo.u32 %to, %t, 4, %to;
        mad.lo.u32 %v, %t, 0x00020002, 0x00010000;
        mov.u32 %d0, 0; mov.u32 %d1, 0; mov.u32 %d2, 0; mov.u32 %d3, 0;
    FILL
    BODY
    STORES
        ret;
    }
    """
        .replace("TILE", Integer.toString(ROWS * PITCH))
        .replace("PITCH", Integer.toString(PITCH))
        .replace("FILL", fill)
        .replace("BODY", body)
        .replace("STORES", stores);
  }

  private static int[] run(String body) {
    PtxProgram program = KernelBench.program(kernel(body));
    int[] first = null;
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice out = bench.words("out", 4 * LANES);
        bench.launch(program, 1, LANES, options, out);
        assertThat(bench.findings.list()).isEmpty();
        int[] got = bench.words(out);
        first = first == null ? got : first;
        assertThat(got).containsExactly(first);
      }
    }
    return first;
  }

  /** The half in row {@code r} and column {@code c} of the tile. */
  private static int half(int r, int c) {
    return r * PITCH / 2 + c;
  }

  private static void require(int[] words, int matrix, IntBinaryOperator elements) {
    for (int lane = 0; lane < LANES; lane++) {
      int row = lane / 4;
      int column = 2 * (lane % 4);
      int expected = elements.applyAsInt(row, column) | elements.applyAsInt(row, column + 1) << 16;
      assertThat(words[matrix * LANES + lane])
          .as("lane %d of matrix %d", lane, matrix)
          .isEqualTo(expected);
    }
  }

  private static String load(int count, String trans) {
    String registers =
        IntStream.range(0, count).mapToObj(i -> "%d" + i).collect(Collectors.joining(", "));
    return "ldmatrix.sync.aligned.m8n8.x%d%s.shared.b16 {%s}, [%%at];"
        .formatted(count, trans, registers);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void loadsMatricesAndTransposesThem(int count) {
    String barrier = "bar.warp.sync 0xffffffff;\n";
    int[] plain = run(barrier + load(count, ""));
    int[] turned = run(barrier + load(count, ".trans"));
    for (int m = 0; m < 4; m++) {
      int first = 8 * m;
      boolean is = m < count;
      require(plain, m, (r, c) -> is ? half(first + r, c) : 0);
      require(turned, m, (r, c) -> is ? half(first + c, r) : 0);
    }
  }

  @Test
  void aResultMayOverwriteTheAddress() {
    int[] got =
        run(
            "bar.sync 0;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%at}, [%at+16];\n"
                + "mov.b32 %d0, %at;");
    require(got, 0, (r, c) -> half(r, c + 8));
  }

  @Test
  void transposesInRegisters() {
    int[] got =
        run(
            "bar.sync 0;\n"
                + load(1, "")
                + " movmatrix.sync.aligned.m8n8.trans.b16 %d1, %d0;"
                + " movmatrix.sync.aligned.m8n8.trans.b16 %d0, %d1;");
    require(got, 1, (r, c) -> half(c, r));
    require(got, 0, (r, c) -> half(r, c));
  }

  private static String first(String body, int block, Schedule schedule, PtxEngine engine) {
    PtxProgram program = KernelBench.program(kernel(body));
    LaunchOptions options =
        KernelBench.options(schedule, CtaOrder.FORWARD, 7, 1, null).withEngine(engine);
    try (KernelBench bench = new KernelBench()) {
      bench.launch(program, 1, block, options, bench.words("out", 4 * LANES));
      return bench.findings.list().isEmpty() ? "none" : bench.findings.list().getFirst().toString();
    } catch (PtxException thrown) {
      return thrown.getMessage();
    }
  }

  private static void requireFinding(String body, int block, String message) {
    for (Schedule schedule : Schedule.values()) {
      for (PtxEngine engine : PtxEngine.values()) {
        assertThat(first(body, block, schedule, engine)).contains(message);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          setp.eq.u32 %p, %t, 5; @%p add.u32 %at, %at, 8;     | 16 bytes at shared[248] is 8 past a multiple of 16; cta 0, warp 0, lane 5
          setp.eq.u32 %p, %t, 30; @%p add.u32 %at, %at, 4;    | 16 bytes at shared[1444] is 4 past a multiple of 16; cta 0, warp 0, lane 30
          setp.eq.u32 %p, %t, 6; @%p mov.u32 %at, 1536;       | 16 bytes at shared[1536..1551] outside 1536 bytes of shared memory; cta 0, warp 0, lane 6
          setp.lt.u32 %p, %t, 16; @%p mov.u32 %v, 0; @!%p ret; | takes the whole warp, but lanes 0xffff0000 have left
          """)
  void wrongAddressesAreFound(String before, String message) {
    requireFinding("bar.sync 0;\n" + before + "\n" + load(2, ""), LANES, message);
  }

  @Test
  void rowsMustHaveBeenWritten() {
    String body = "bar.sync 0; setp.eq.u32 %p, %t, 9; @%p mov.u32 %at, 1536;\n" + load(2, ".trans");
    PtxProgram program = KernelBench.program(kernel(body).replace("tile[1536]", "tile[1600]"));
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        bench.launch(program, 1, LANES, options, bench.words("out", 4 * LANES));
        assertThat(bench.findings.list())
            .singleElement()
            .asString()
            .startsWith("uninitialised: ")
            .contains(
                " ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16:"
                    + " 16 bytes at shared[1536..1551] were never written; cta 0, warp 0, lane 9");
      }
    }
  }

  /** Without a barrier after the stores, whoever has stored; also where it is one's own row. */
  @Test
  void storesMustBeOrderedBeforeIt() {
    requireFinding(load(4, ""), LANES, "read by the warp, written by warp 0, lane ");
    String own = "bar.sync 0;\nst.shared.v4.b32 [%at], {%t, %t, %t, %t};\n";
    requireFinding(
        own + load(1, ""),
        LANES,
        "shared[0..15] read by the warp, written by warp 0, lane 0 with no barrier between");
    requireFinding(own + "bar.warp.sync 0xffffffff;\n" + load(1, ""), LANES, "none");
  }

  @Test
  void storesAfterItMustBeOrderedAfterIt() {
    String body = "bar.sync 0;\n" + load(1, "") + "\nBARRIERst.shared.b32 [%at], %t;";
    requireFinding(body.replace("BARRIER", ""), LANES, "shared race: ");
    requireFinding(body.replace("BARRIER", "bar.warp.sync 0xffffffff; "), LANES, "none");
  }

  @Test
  void anotherWarpNeedsABarrierOfTheBlock() {
    String body = "bar.warp.sync 0xffffffff;\n" + load(1, "");
    requireFinding(body, 64, "shared race: ");
  }

  private static LaunchCounts counts(String body, PtxEngine engine) {
    LaunchCounter counter = new LaunchCounter();
    LaunchOptions options =
        KernelBench.options(Schedule.LOCKSTEP, CtaOrder.FORWARD, 7, 1, counter).withEngine(engine);
    try (KernelBench bench = new KernelBench()) {
      PtxProgram program = KernelBench.program(kernel(body));
      bench.launch(program, 1, LANES, options, bench.words("out", 4 * LANES));
      assertThat(bench.findings.list()).isEmpty();
    }
    return counter.counts();
  }

  /** Rows 48 bytes apart lie on all banks once; 32 bytes apart two share one; at one place none. */
  @ParameterizedTest
  @CsvSource({
    "1, 48, 1, 0",
    "2, 48, 2, 0",
    "4, 48, 4, 0",
    "4, 32, 8, 4",
    "2, 128, 16, 14",
    "4, 0, 4, 0"
  })
  void eachMatrixIsAPassOfItsRows(int count, int pitch, int wavefronts, int excess) {
    String address = "and.b32 %%v, %%t, 7;   mul.lo.u32 %%at, %%v, %d;\n".formatted(pitch);
    for (PtxEngine engine : PtxEngine.values()) {
      LaunchCounts before = counts("bar.sync 0;\n" + address, engine);
      LaunchCounts counts = counts("bar.sync 0;\n" + address + load(count, ".trans"), engine);
      assertThat(added(before, counts, Counter.SHARED_REQUESTS)).isEqualTo(1);
      assertThat(added(before, counts, Counter.SHARED_WAVEFRONTS)).isEqualTo(wavefronts);
      assertThat(added(before, counts, Counter.SHARED_EXCESS_WAVEFRONTS)).isEqualTo(excess);
      assertThat(added(before, counts, Counter.LOAD_STORE_INSTRUCTIONS)).isEqualTo(1);
      assertThat(counts.get(Counter.ATOMICS)).isZero();
    }
  }

  private static long added(LaunchCounts before, LaunchCounts counts, Counter counter) {
    return counts.get(counter) - before.get(counter);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ldmatrix.sync.aligned.m8n8.x3.shared.b16",
        "ldmatrix.sync.aligned.m8n8.x1.b16",
        "ldmatrix.sync.aligned.m8n8.x1.shared.trans.b16",
        "ldmatrix.sync.aligned.m8n8.x1.shared.b8",
        "ldmatrix.sync.aligned.m8n16.x1.shared.b16",
        "ldmatrix.aligned.m8n8.x1.shared.b16",
        "stmatrix.sync.aligned.m8n8.x1.shared.b16",
      })
  void whatIsNotKnownIsRefusedByName(String name) {
    assertThat(refusal(name + " {%d0}, [%at];")).endsWith(": unsupported '" + name + "'");
  }

  @Test
  void registersMustBeAsManyAsMatrices() {
    String name = "'ldmatrix.sync.aligned.m8n8.x2.shared.b16'";
    assertThat(refusal(load(2, "").replace(", %d1", "")))
        .endsWith("operand 1 of " + name + " has 1 registers, expected 2");
    assertThat(refusal(load(2, "").replace("{%d0, %d1}", "%d0")))
        .endsWith("operand 1 of " + name + " is no vector, expected one of 2 registers");
    assertThat(refusal(load(2, "").replace("%d1", "%rd_out"))).contains("'%rd_out' is .b64");
  }

  private static String refusal(String statement) {
    try {
      KernelBench.program(kernel(statement));
    } catch (PtxException refused) {
      return refused.getMessage();
    }
    return "taken: " + statement;
  }

  @Test
  void theAssemblerTakesTheSameTexts() {
    String body =
        IntStream.of(1, 2, 4)
            .mapToObj(count -> load(count, "") + load(count, ".trans"))
            .collect(Collectors.joining("\n"));
    String turn = " movmatrix.sync.aligned.m8n8.trans.b16 %d1, %d0;";
    String head = ".version %s\n.target sm_75\n.address_size 64\n";
    Assembler.assemble("test.ptx", head.formatted("7.0") + kernel(body), "sm_75");
    Assembler.assemble("test.ptx", head.formatted("7.8") + kernel(body + turn), "sm_75");
  }
}

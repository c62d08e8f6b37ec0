package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.cuda.Assembler;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.count.LaunchCounts;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.PtxException;

/** Copies from global to shared memory that go on beside the lane that has begun them. */
class AsyncCopiesTest {
  private static final int WORDS = 256;
  private static final int THREADS = 64;

  /** Lane's source {@code %rd_x} and target {@code %to}, 16 bytes each; {@code %v} is stored. */
  private static String kernel(String body) {
    return """
    .visible .entry test(
        .param .u64 .ptr .global .align 16 out, .param .u64 .ptr .global .align 16 x)
    {
        .shared .align 16 .b8 tile[2048];
        .reg .pred %p;
        .reg .b32 %t, %to, %other, %size, %v, %w;
        .reg .b64 %rd_x, %rd_out;
        mov.u32 %t, %tid.x;
        ld.param.u64 %rd_out, [out];   mad.wide.u32 %rd_out, %t, 4, %rd_out;
        ld.param.u64 %rd_x, [x];   mad.wide.u32 %rd_x, %t, 16, %rd_x;
        mov.u32 %to, tile;   mad.lo.u32 %to, %t, 16, %to;
        xor.b32 %other, %t, 33;   mov.u32 %v, tile;   mad.lo.u32 %other, %other, 16, %v;
        mov.u32 %v, 0;
    BODY
        st.global.b32 [%rd_out], %v;
        ret;
    }
    """
        .replace("BODY", body);
  }

  private static int[] input() {
    return IntStream.range(0, WORDS).map(i -> 0x01010101 * (i % 250 + 1)).toArray();
  }

  private static int[] run(String body) {
    PtxProgram program = KernelBench.program(kernel(body));
    int[] first = null;
    for (CheckLevel level : CheckLevel.values()) {
      for (LaunchOptions options : KernelBench.allOptions()) {
        try (KernelBench bench = new KernelBench(level)) {
          Slice out = bench.words("out", THREADS);
          Slice x = bench.words("x", input());
          bench.launch(program, 1, THREADS, options, out, x.readOnly());
          assertThat(bench.findings.list()).isEmpty();
          int[] got = bench.words(out);
          first = first == null ? got : first;
          assertThat(got).containsExactly(first);
        }
      }
    }
    return first;
  }

  private static final String COPY = "cp.async.cg.shared.global [%to], [%rd_x], 16;\n";
  private static final String COMMIT = "cp.async.commit_group;\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cp.async.commit_group;\ncp.async.wait_group 0;",
        "cp.async.wait_all;",
        // what is not committed is not in a group yet: the group before is the youngest
        "cp.async.commit_group;\ncp.async.commit_group;\ncp.async.wait_group 1;"
      })
  void anotherThreadReadsAfterWaitAndBarrier(String wait) {
    int[] got = run(COPY + wait + "\nbar.sync 0;\nld.shared.b32 %v, [%other+12];");
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).as("thread %d", i).isEqualTo(input()[4 * (i ^ 33) + 3]);
    }
  }

  /** Two buffers, of which one is read while the other is filled. */
  @Test
  void groupsEndInTheOrderTheyBegan() {
    String body =
        COPY
            + COMMIT
            + "cp.async.ca.shared.global [%to+1024], [%rd_x+4], 4;\n"
            + COMMIT
            + "cp.async.wait_group 1;\nbar.sync 0;\nld.shared.b32 %v, [%other+8];\n"
            + "cp.async.wait_group 0;\nbar.sync 0;\nld.shared.b32 %w, [%other+1024];\n"
            + "xor.b32 %v, %v, %w;";
    int[] got = run(body);
    for (int i = 0; i < THREADS; i++) {
      int other = 4 * (i ^ 33);
      assertThat(got[i]).isEqualTo(input()[other + 2] ^ input()[other + 1]);
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 0", "4, 3", "4, 4", "8, 5", "8, 6", "8, 8", "16, 1", "16, 7", "16, 8", "16, 15"})
  void whatIsNotReadIsZero(int bytes, int size) {
    String copy = "cp.async.ca.shared.global [%%to], [%%rd_x], %d, %%size;\n".formatted(bytes);
    for (int word = 0; word < bytes / 4; word++) {
      int[] got =
          run(
              "mov.u32 %%size, %d;\n".formatted(size)
                  + copy
                  + "cp.async.wait_all;\nld.shared.b32 %%v, [%%to+%d];".formatted(4 * word));
      int read = Math.clamp(size - 4 * word, 0, 4);
      int mask = read == 4 ? -1 : (1 << 8 * read) - 1;
      for (int i = 0; i < THREADS; i++) {
        assertThat(got[i]).isEqualTo(input()[4 * i + word] & mask);
      }
    }
  }

  /** The last row that is there, and lanes past it that read nothing, from no address. */
  @Test
  void sizesDifferFromLaneToLane() {
    String body =
        "setp.lt.u32 %p, %t, 20;   selp.b32 %size, 16, 0, %p;   @!%p mov.u64 %rd_x, 0;\n"
            + "setp.eq.u32 %p, %t, 19;   @%p mov.u32 %size, 6;\n"
            + "cp.async.cg.shared.global.L2::128B [%to], [%rd_x], 16, %size;\n"
            + "cp.async.wait_all;\nld.shared.b32 %v, [%to+4];";
    int[] got = run(body);
    for (int i = 0; i < THREADS; i++) {
      int word = input()[4 * i + 1];
      assertThat(got[i]).isEqualTo(i < 19 ? word : i == 19 ? word & 0xFFFF : 0);
    }
  }

  @Test
  void aPredicateMayIgnoreTheSource() {
    String body =
        "setp.gt.u32 %p, %t, 19;   @%p mov.u64 %rd_x, 0;\n"
            + "cp.async.ca.shared.global [%to], [%rd_x], 8, %p;\n"
            + "cp.async.wait_all;\nld.shared.b32 %v, [%to+4];";
    int[] got = run(body);
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).isEqualTo(i < 20 ? input()[4 * i + 1] : 0);
    }
  }

  private static String findings(String body, Schedule schedule, PtxEngine engine) {
    PtxProgram program = KernelBench.program(kernel(body));
    LaunchOptions options =
        KernelBench.options(schedule, CtaOrder.FORWARD, 7, 1, null).withEngine(engine);
    try (KernelBench bench = new KernelBench()) {
      Slice out = bench.words("out", THREADS);
      try {
        bench.launch(program, 1, 32, options, out, bench.words("x", input()).readOnly());
      } catch (PtxException thrown) {
        return bench.findings + thrown.getMessage();
      }
      return bench.findings.toString();
    }
  }

  private static void requireFinding(String body, String... messages) {
    for (Schedule schedule : Schedule.values()) {
      for (PtxEngine engine : PtxEngine.values()) {
        assertThat(findings(body, schedule, engine)).contains(messages);
      }
    }
  }

  private static void requireClean(String body) {
    for (Schedule schedule : Schedule.values()) {
      for (PtxEngine engine : PtxEngine.values()) {
        assertThat(findings(body, schedule, engine)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // no wait at all before the read
        "cp.async.commit_group;\n",
        "cp.async.commit_group;\ncp.async.wait_group 1;\n",
        // what is not committed is waited for by no group
        "cp.async.wait_group 0;\n"
      })
  void readingBeforeTheWaitIsFound(String wait) {
    requireFinding(
        COPY + wait + "ld.shared.b32 %v, [%to+8];\ncp.async.wait_all;",
        "pending copy: ",
        " ld.shared.b32: shared[",
        "] is being copied to by warp 0, lane ",
        ", which has not waited for that; cta 0, warp 0, lane ",
        "(32 times)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ld.shared.u8 %v, [%to+15];",
        "ld.shared.v4.b32 {%v, %w, %v, %w}, [%to];",
        "st.shared.b32 [%to+8], %v;",
        "red.shared.add.u32 [%to+8], 1;",
        "cp.async.ca.shared.global [%to+8], [%rd_x], 8;",
        "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%w}, [%to];",
      })
  void touchingTheTargetBeforeTheWaitIsFound(String statement) {
    requireFinding(
        COPY + statement + "\ncp.async.wait_all;",
        "pending copy: ",
        "is being copied to by warp 0, lane ");
  }

  @Test
  void othersNeedABarrierAfterTheWait() {
    String exchange = "xor.b32 %other, %to, 16;\n";
    String read = "ld.shared.b32 %v, [%other];";
    requireFinding(
        exchange + COPY + "cp.async.wait_all;\n" + read,
        "shared race: ",
        "read, written by warp 0, lane ",
        " with no barrier between");
    // A barrier before the wait is none after it.
    requireFinding(
        exchange + COPY + "bar.sync 0;\ncp.async.wait_all;\n" + read,
        "shared race: ",
        "read, written by warp 0, lane ");
    requireClean(exchange + COPY + "cp.async.wait_all;\nbar.sync 0;\n" + read);
    requireClean(exchange + COPY + "cp.async.wait_all;\nbar.warp.sync -1;\n" + read);
  }

  /** The copy could begin while others still read what was there. */
  @Test
  void othersMustHaveReadBeforeItBegins() {
    String read =
        "xor.b32 %other, %to, 16;\nst.shared.v4.b32 [%to], {%t, %t, %t, %t};\nbar.sync 0;\n"
            + "ld.shared.b32 %v, [%other];\n";
    requireFinding(
        read + COPY + "cp.async.wait_all;",
        "shared race: ",
        " cp.async.cg.shared.global: shared[",
        "written, read or written by warp 0, lane ");
    requireClean(read + "bar.sync 0;\n" + COPY + "cp.async.wait_all;");
  }

  @Test
  void aCopyThatIsNeverWaitedForIsFound() {
    requireFinding(
        COPY + COMMIT,
        "pending copy: ",
        " cp.async.cg.shared.global: the copy into shared[0..15] is never waited for; cta 0, warp"
            + " 0, lane 0",
        "(32 times)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          @%p add.u32 %to, %to, 8; cp.async.cg.shared.global [%to], [%rd_x], 16; | 16 bytes at shared[56] is 8 past a multiple of 16
          mov.u32 %to, 2040; cp.async.ca.shared.global [%to], [%rd_x+8], 16;  | 16 bytes at shared[2040..2055] outside 2048 bytes of shared memory
          cp.async.ca.shared.global [%to], [%rd_x+4], 8;                      | is 4 past a multiple of 8; cta 0, warp 0, lane
          cp.async.ca.shared.global [%to], [%rd_x+4], 8, 4;                   | source is 4 past a multiple of 8
          cp.async.ca.shared.global [%to], [%rd_x], 8, 9;                     | reads 9 bytes for a copy of 8
          mov.u32 %size, -1; cp.async.ca.shared.global [%to], [%rd_x], 8, %size; | reads 4294967295 bytes for a copy of 8
          @%p add.u64 %rd_x, %rd_x, 976; cp.async.cg.shared.global [%to], [%rd_x], 16; | 16 bytes at x[256..259] past the end of 'x' u32[256]
          @%p add.u64 %rd_x, %rd_x, 976; cp.async.cg.shared.global [%to], [%rd_x], 16, 2; | 2 bytes at x[256] past the end of 'x' u32[256]
          mov.u64 %rd_x, 0; cp.async.cg.shared.global [%to], [%rd_x], 16;     | 16 bytes at 0x0, outside every allocation
          setp.ne.u32 %p, %t, 3; @%p mov.u32 %size, 16; cp.async.cg.shared.global [%to], [%rd_x], 16, %size; | register %size is read before it is written; cta 0, warp 0, lane 3
          """)
  void wrongCopiesAreFound(String statement, String message) {
    requireFinding("setp.eq.u32 %p, %t, 3;\n" + statement + "\ncp.async.wait_all;", message);
  }

  /** A loop that copies to one place for ever would keep all it has begun. */
  @Test
  void copiesUnderWayAreNoMoreThanFit() {
    requireFinding(
        "A: " + COPY + "bra A;",
        "budget: ",
        "more copies are under way than there are words of shared memory");
  }

  private static LaunchCounts counts(String body, PtxEngine engine) {
    LaunchCounter counter = new LaunchCounter();
    LaunchOptions options =
        KernelBench.options(Schedule.LOCKSTEP, CtaOrder.FORWARD, 7, 1, counter).withEngine(engine);
    try (KernelBench bench = new KernelBench()) {
      PtxProgram program = KernelBench.program(kernel(body));
      Slice out = bench.words("out", THREADS);
      bench.launch(program, 1, 32, options, out, bench.words("x", input()).readOnly());
      assertThat(bench.findings.list()).isEmpty();
    }
    return counter.counts();
  }

  @Test
  void aCopyIsALoadAndAStore() {
    for (PtxEngine engine : PtxEngine.values()) {
      LaunchCounts plain = counts("", engine);
      LaunchCounts copy = counts(COPY + "cp.async.wait_all;", engine);
      assertThat(copy.get(Counter.GLOBAL_LOAD_REQUESTS)).isEqualTo(1);
      assertThat(copy.get(Counter.GLOBAL_LOAD_SECTORS)).isEqualTo(16);
      assertThat(copy.get(Counter.GLOBAL_LOAD_IDEAL_SECTORS)).isEqualTo(16);
      assertThat(copy.get(Counter.SHARED_REQUESTS)).isEqualTo(1);
      assertThat(copy.get(Counter.SHARED_WAVEFRONTS)).isEqualTo(4);
      assertThat(copy.get(Counter.SHARED_EXCESS_WAVEFRONTS)).isZero();
      assertThat(copy.get(Counter.ATOMICS)).isZero();
      assertThat(copy.bytesTouched() - plain.bytesTouched()).isEqualTo(512);
      assertThat(copy.get(Counter.WARP_INSTRUCTIONS) - plain.get(Counter.WARP_INSTRUCTIONS))
          .isEqualTo(2);
      // Lanes 4 and on read nothing; 16 bytes every 128 into one group of banks.
      LaunchCounts few =
          counts(
              "setp.lt.u32 %p, %t, 4;   selp.b32 %size, 16, 0, %p;   and.b32 %v, %t, 7;\n"
                  + "mul.lo.u32 %to, %v, 128;   shr.u32 %v, %t, 3;   mad.lo.u32 %to, %v, 16, %to;\n"
                  + COPY.replace("16;", "16, %size;")
                  + "cp.async.wait_all;",
              engine);
      assertThat(few.get(Counter.GLOBAL_LOAD_REQUESTS)).isEqualTo(1);
      assertThat(few.get(Counter.GLOBAL_LOAD_SECTORS)).isEqualTo(2);
      assertThat(few.get(Counter.SHARED_WAVEFRONTS)).isEqualTo(32);
      assertThat(few.get(Counter.SHARED_EXCESS_WAVEFRONTS)).isEqualTo(28);
      assertThat(few.bytesTouched() - plain.bytesTouched()).isEqualTo(64);
    }
  }

  /** Lane 3 reads five bytes and the lanes after it none: one request, and 53 bytes. */
  @Test
  void ofAPartOnlyItsBytesAreTouched() {
    String sizes =
        "setp.lt.u32 %p, %t, 3;   selp.b32 %size, 16, 0, %p;\n"
            + "setp.eq.u32 %p, %t, 3;   @%p mov.u32 %size, 5;\n";
    for (PtxEngine engine : PtxEngine.values()) {
      LaunchCounts plain = counts("", engine);
      LaunchCounts part =
          counts(sizes + COPY.replace("16;", "16, %size;") + "cp.async.wait_all;", engine);
      assertThat(part.get(Counter.GLOBAL_LOAD_REQUESTS)).isEqualTo(1);
      assertThat(part.get(Counter.GLOBAL_LOAD_SECTORS)).isEqualTo(2);
      assertThat(part.bytesTouched() - plain.bytesTouched()).isEqualTo(3 * 16 + 5);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cp.async.cg.shared.global [%to], [%rd_x], 8      | size of a copy must be the constant 16
          cp.async.ca.shared.global [%to], [%rd_x], 12     | size of a copy must be the constant 4, 8 or 16
          cp.async.ca.shared.global [%to], [%rd_x], %size  | size of a copy must be the constant 4, 8 or 16
          cp.async.ca.shared.global [%to], [%rd_x]         | 'cp.async.ca.shared.global' has 2 operands, expected 3
          cp.async.ca.global.shared [%rd_x], [%to], 16     | unsupported 'cp.async.ca.global.shared'
          cp.async.shared.global [%to], [%rd_x], 16        | unsupported 'cp.async.shared.global'
          cp.async.ca.shared.global.L2::cache_hint [%to], [%rd_x], 16, %rd_x | unsupported 'cp.async.ca.shared.global.L2::cache_hint'
          cp.async.wait_group %size                        | number of groups must be a constant from 0 on
          cp.async.wait_group -1                           | number of groups must be a constant from 0 on
          cp.async.wait_all 0                              | 'cp.async.wait_all' has 1 operands, expected 0
          cp.async.mbarrier.arrive.shared.b64 [%to]        | unsupported 'cp.async.mbarrier.arrive.shared.b64'
          cp.reduce.async.bulk.commit_group                | unsupported 'cp.reduce.async.bulk.commit_group'
          """)
  void whatIsNotKnownIsRefusedByName(String statement, String message) {
    String refused = "taken";
    try {
      KernelBench.program(kernel(statement + ";"));
    } catch (PtxException thrown) {
      refused = thrown.getMessage();
    }
    assertThat(refused).endsWith(": " + message);
  }

  @Test
  void theAssemblerTakesTheSameTexts() {
    String body =
        String.join(
            "\n",
            Arrays.asList(
                "cp.async.ca.shared.global [%to], [%rd_x], 4;",
                "cp.async.ca.shared.global [%to+16], [%rd_x], 8, %t;",
                "cp.async.ca.shared.global.L2::128B [%to+32], [%rd_x], 16, 3;",
                "cp.async.cg.shared.global [%to+48], [%rd_x], 16, %t;",
                "cp.async.commit_group;",
                "cp.async.wait_group 0;",
                "cp.async.wait_all;"));
    String head = ".version 7.4\n.target sm_80\n.address_size 64\n";
    Assembler.assemble("test.ptx", head + kernel(body), "sm_80");
  }
}

package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.memory.Slice;

/** Shuffles, votes and reductions of whole warps against the rules of the ISA written out. */
class WarpExchangeTest {
  private static final int THREADS = 64;
  private static final int[] VALUES =
      new SplittableRandom(3).ints(THREADS, 0, 7).map(i -> i - 3).toArray();

  private static int[] run(String body) {
    PtxProgram program =
        KernelBench.program(
            """
            .visible .entry test(
                .param .u64 .ptr .global .align 4 out, .param .u64 .ptr .global .align 4 in)
            {
                .reg .pred %p, %q;
                .reg .b32 %r_tid, %r_in, %r_out, %r_flag;
                .reg .b64 %rd_out, %rd_in;
                mov.u32 %r_tid, %tid.x;
                ld.param.u64 %rd_out, [out];   mad.wide.u32 %rd_out, %r_tid, 4, %rd_out;
                ld.param.u64 %rd_in, [in];   mad.wide.u32 %rd_in, %r_tid, 4, %rd_in;
                ld.global.u32 %r_in, [%rd_in];   setp.gt.s32 %p, %r_in, 0;
                BODY
                st.global.u32 [%rd_out], %r_out;
                ret;
            }
            """
                .replace("BODY", body));
    int[] first = null;
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice out = bench.words("out", THREADS);
        bench.launch(program, 1, THREADS, options, out, bench.words("in", VALUES).readOnly());
        assertThat(bench.findings.list()).isEmpty();
        int[] got = bench.words(out);
        first = first == null ? got : first;
        assertThat(got).containsExactly(first);
      }
    }
    return first;
  }

  private static void require(int[] got, IntUnaryOperator expected) {
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).as("thread %d", i).isEqualTo(expected.applyAsInt(i));
    }
  }

  /** In-range lanes give value + 1000, the others their own value. */
  @ParameterizedTest
  @CsvSource({
    "up, 1, 0x0000",
    "up, 5, 0x0000",
    "up, 3, 0x1800",
    "up, 0, 0x0000",
    "up, 31, 0x1800",
    "down, 1, 0x001f",
    "down, 7, 0x001f",
    "down, 3, 0x1807",
    "down, 2, 0x100f",
    "bfly, 16, 0x001f",
    "bfly, 1, 0x001f",
    "bfly, 9, 0x181f",
    "bfly, 4, 0x1803",
    "idx, 0, 0x001f",
    "idx, 31, 0x001f",
    "idx, 5, 0x181f",
    "idx, 6, 0x1803",
    "idx, 3, 0x0001"
  })
  void shuffles(String mode, int b, String written) {
    int c = Integer.decode(written);
    int[] got =
        run(
            "shfl.sync.%s.b32 %%r_out|%%q, %%r_in, %d, %d, 0xffffffff;   ".formatted(mode, b, c)
                + "selp.u32 %r_flag, 1000, 0, %q;   add.u32 %r_out, %r_out, %r_flag;");
    require(got, thread -> shuffled(mode, b, c, thread));
  }

  /** The ISA's own lines for shfl. */
  private static int shuffled(String mode, int b, int c, int thread) {
    int lane = thread & 31;
    int clamp = c & 31;
    int segment = c >> 8 & 31;
    int most = lane & segment | clamp & ~segment & 31;
    int least = lane & segment;
    int source =
        switch (mode) {
          case "up" -> lane - b;
          case "down" -> lane + b;
          case "bfly" -> lane ^ b;
          default -> least | b & ~segment & 31;
        };
    boolean inRange = mode.equals("up") ? source >= most : source <= most;
    int from = inRange ? source : lane;
    return VALUES[(thread & 32) + from] + (inRange ? 1000 : 0);
  }

  @Test
  void aShuffleMayOverwriteItsSource() {
    int[] got =
        run("shfl.sync.bfly.b32 %r_in, %r_in, 31, 31, 0xffffffff;   mov.u32 %r_out, %r_in;");
    require(got, thread -> VALUES[thread ^ 31]);
  }

  @Test
  void votes() {
    int[] ballots = {0, 0};
    for (int i = 0; i < THREADS; i++) {
      ballots[i / 32] |= VALUES[i] > 0 ? 1 << i : 0;
    }
    require(run("vote.sync.ballot.b32 %r_out, %p, 0xffffffff;"), i -> ballots[i / 32]);
    require(run("vote.sync.ballot.b32 %r_out, !%p, 0xffffffff;"), i -> ~ballots[i / 32]);
    String select = "   selp.u32 %r_out, 1, 0, %q;";
    require(run("vote.sync.any.pred %q, %p, 0xffffffff;" + select), i -> 1);
    require(run("vote.sync.all.pred %q, %p, 0xffffffff;" + select), i -> 0);
    require(run("vote.sync.uni.pred %q, %p, 0xffffffff;" + select), i -> 0);
    String never = "setp.gt.s32 %p, %r_in, 100;   vote.sync.";
    require(run(never + "any.pred %q, %p, 0xffffffff;" + select), i -> 0);
    require(run(never + "all.pred %q, !%p, 0xffffffff;" + select), i -> 1);
    require(run(never + "uni.pred %q, %p, 0xffffffff;" + select), i -> 1);
  }

  @ParameterizedTest
  @CsvSource({
    "add, s32",
    "min, s32",
    "max, s32",
    "min, u32",
    "max, u32",
    "and, b32",
    "or, b32",
    "xor, b32"
  })
  void reductions(String name, String type) {
    int[] got = run("redux.sync.%s.%s %%r_out, %%r_in, 0xffffffff;".formatted(name, type));
    require(
        got,
        thread -> {
          int result = VALUES[thread & 32];
          for (int i = (thread & 32) + 1; i < (thread & 32) + 32; i++) {
            result = combine(name + type, result, VALUES[i]);
          }
          return result;
        });
  }

  private static int combine(String operation, int a, int b) {
    return switch (operation) {
      case "adds32" -> a + b;
      case "mins32" -> Math.min(a, b);
      case "maxs32" -> Math.max(a, b);
      case "minu32" -> (int) Math.min(a & 0xFFFFFFFFL, b & 0xFFFFFFFFL);
      case "maxu32" -> (int) Math.max(a & 0xFFFFFFFFL, b & 0xFFFFFFFFL);
      case "andb32" -> a & b;
      case "orb32" -> a | b;
      default -> a ^ b;
    };
  }

  @Test
  void matches() {
    int[] got = run("match.any.sync.b32 %r_out, %r_in, 0xffffffff;");
    require(
        got,
        thread -> {
          int same = 0;
          for (int lane = 0; lane < 32; lane++) {
            same |= VALUES[(thread & 32) + lane] == VALUES[thread] ? 1 << lane : 0;
          }
          return same;
        });
  }
}

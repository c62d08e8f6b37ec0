package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Finding;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;

/** Lanes that part and meet again, leave, wait and exchange values. */
class DivergenceTest {
  private static final int THREADS = 96;

  /** A kernel of THREADS threads that leaves a word a thread in %r_out. */
  private static PtxProgram program(String body) {
    return KernelBench.program(
        """
        .visible .entry test(.param .u64 .ptr .global .align 4 out)
        {
            .shared .align 16 .b32 words[128];
            .reg .pred %p, %q;
            .reg .b32 %r_tid, %r_lane, %r_out, %r_i, %r_a, %r_b, %r_at;
            .reg .b64 %rd_out;
            mov.u32 %r_tid, %tid.x;   mov.u32 %r_lane, %laneid;
            ld.param.u64 %rd_out, [out];   mad.wide.u32 %rd_out, %r_tid, 4, %rd_out;
            mov.u32 %r_at, words;   mad.lo.u32 %r_at, %r_tid, 4, %r_at;
            mov.u32 %r_out, 0;
        BODY
            st.global.u32 [%rd_out], %r_out;
            ret;
        }
        """
            .replace("BODY", body));
  }

  /** Runs in every schedule and order; all must give the same, without a finding. */
  private static int[] run(String body) {
    PtxProgram program = program(body);
    int[] first = null;
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice out = bench.words("out", new int[THREADS]);
        bench.launch(program, 1, THREADS, options, out);
        assertThat(bench.findings.list()).isEmpty();
        int[] got = bench.words(out);
        first = first == null ? got : first;
        assertThat(got).containsExactly(first);
      }
    }
    return first;
  }

  private static List<Finding> findings(String body) {
    return findings(body, Schedule.LOCKSTEP);
  }

  private static List<Finding> findings(String body, Schedule schedule) {
    try (KernelBench bench = new KernelBench()) {
      Slice out = bench.words("out", new int[THREADS]);
      LaunchOptions options = KernelBench.options(schedule, CtaOrder.FORWARD, 1, 1, null);
      try {
        bench.launch(program(body), 1, THREADS, options, out);
      } catch (org.mirror4j.device.ptx.report.PtxException ended) {
        assertThat(ended.finding()).isPresent();
      }
      return bench.findings.list();
    }
  }

  private static void requireOnly(Check check, List<Finding> findings) {
    assertThat(findings).extracting(Finding::check).containsExactly(check);
  }

  @Test
  void sidesOfABranchMeet() {
    int[] got =
        run(
            """
            and.b32 %r_a, %r_lane, 1;   setp.eq.u32 %p, %r_a, 0;
            @%p bra EVEN;
            mov.u32 %r_out, 100;   bra JOIN;
            EVEN: mov.u32 %r_out, 200;
            JOIN: vote.sync.ballot.b32 %r_b, %p, 0xffffffff;   add.u32 %r_out, %r_out, %r_b;
            """);
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).isEqualTo((i % 2 == 0 ? 200 : 100) + 0x55555555);
    }
  }

  @Test
  void loopsOfDifferentLengthMeet() {
    int[] got =
        run(
            """
            mov.u32 %r_i, 0;
            OUTER: setp.gt.u32 %p, %r_i, %r_lane;   @%p bra DONE;
            {
                .reg .b32 %r_j;
                mov.u32 %r_j, 0;
            INNER: setp.ge.u32 %q, %r_j, %r_i;   @%q bra NEXT;
                add.u32 %r_out, %r_out, 1;   add.u32 %r_j, %r_j, 1;   bra INNER;
            NEXT: add.u32 %r_i, %r_i, 1;
            }
            bra OUTER;
            DONE: shfl.sync.idx.b32 %r_out, %r_out, %r_lane, 31, 0xffffffff;
            """);
    for (int i = 0; i < THREADS; i++) {
      int n = i % 32;
      assertThat(got[i]).isEqualTo(n * (n + 1) / 2);
    }
  }

  @Test
  void lanesThatLeaveAreNotWaitedFor() {
    int[] got =
        run(
            """
            setp.ge.u32 %p, %r_lane, 20;   @%p ret;
            setp.lt.u32 %q, %r_lane, 10;   @%q bra LOW;
            setp.eq.u32 %p, %r_lane, 15;   @%p ret;
            LOW: vote.sync.ballot.b32 %r_out, %q, 0xffffffff;
            """);
    for (int i = 0; i < THREADS; i++) {
      int lane = i % 32;
      assertThat(got[i]).isEqualTo(lane >= 20 || lane == 15 ? 0 : 0x3FF);
    }
  }

  /** The loop's only way out is a guarded return: lanes must still meet inside it. */
  @Test
  void lanesMeetInALoopThatOnlyReturns() {
    int[] got =
        run(
            """
            AGAIN:
            and.b32 %r_a, %r_lane, 1;   setp.eq.u32 %p, %r_a, 0;   @%p bra EVEN;
            add.u32 %r_out, %r_out, 1;
            EVEN: vote.sync.ballot.b32 %r_b, %p, 0xffffffff;   add.u32 %r_out, %r_out, 2;
            st.global.u32 [%rd_out], %r_out;
            setp.ge.u32 %q, %r_out, 6;   @%q ret;
            bra AGAIN;
            """);
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).isEqualTo(6);
    }
  }

  @Test
  void guardedInstructionsKeepOtherLanes() {
    int[] got =
        run(
            """
            mov.u32 %r_out, 5;   setp.lt.u32 %p, %r_lane, 3;
            @%p mov.u32 %r_out, 7;   @!%p add.u32 %r_out, %r_out, 1;
            """);
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).isEqualTo(i % 32 < 3 ? 7 : 6);
    }
  }

  @Test
  void branchDeclaredUniformMustBe() {
    requireOnly(
        Check.NON_UNIFORM_BRANCH,
        findings("setp.lt.u32 %p, %r_lane, 3;   @%p bra.uni OUT;   mov.u32 %r_out, 1;   OUT:"));
  }

  @Test
  void barriersOrderSharedMemory() {
    int[] got =
        run(
            """
            st.shared.u32 [%r_at], %r_tid;   bar.sync 0;
            sub.u32 %r_a, 95, %r_tid;   mov.u32 %r_b, words;   mad.lo.u32 %r_b, %r_a, 4, %r_b;
            ld.shared.u32 %r_out, [%r_b];
            """);
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).isEqualTo(95 - i);
    }
  }

  @Test
  void missingBarrierIsARace() {
    for (Schedule schedule : Schedule.values()) {
      List<Finding> found =
          findings(
              """
              st.shared.u32 [%r_at], %r_tid;   bar.sync 0;
              ld.shared.u32 %r_out, [words+4];   st.shared.u32 [%r_at], %r_out;
              """,
              schedule);
      requireOnly(Check.SHARED_RACE, found);
    }
  }

  @Test
  void barrierInADivergentBranchIsAnError() {
    String skipped = "setp.lt.u32 %p, %r_lane, 3;   @%p bra OUT;   bar.sync 0;   OUT:";
    requireOnly(Check.BARRIER, findings(skipped));
    // Alone, the lanes that skip it run on to the end, and are not there when the others come.
    requireOnly(Check.EXIT_BEFORE_BARRIER, findings(skipped, Schedule.LANE_SERIAL));
  }

  @Test
  void warpsAtDifferentBarriersAreAnError() {
    requireOnly(
        Check.BARRIER,
        findings(
            """
            setp.lt.u32 %p, %r_tid, 32;   @%p bra.uni FIRST;
            bar.sync 1;   bra.uni OUT;
            FIRST: bar.sync 0;
            OUT:
            """));
  }

  @Test
  void leavingBeforeABarrierIsReported() {
    List<Finding> found = findings("setp.ge.u32 %p, %r_tid, 64;   @%p ret;   bar.sync 0;");
    requireOnly(Check.EXIT_BEFORE_BARRIER, found);
    assertThat(found.getFirst().message()).contains("lanes 0xffffffff of warp 2 have left before");
  }

  @Test
  void shuffleMaskMustNameTheLanesThatAreHere() {
    for (Schedule schedule : Schedule.values()) {
      requireOnly(
          Check.WARP_MASK,
          findings(
              """
              setp.lt.u32 %p, %r_lane, 16;   @%p bra OUT;
              shfl.sync.bfly.b32 %r_out, %r_tid, 1, 31, 0xffffffff;
              OUT: bar.warp.sync 0xffffffff;
              """,
              schedule));
    }
  }

  @Test
  void shuffleFromALaneOutsideTheMaskIsAnError() {
    requireOnly(
        Check.WARP_MASK,
        findings(
            """
            setp.ge.u32 %p, %r_lane, 16;   @%p bra OUT;
            shfl.sync.bfly.b32 %r_out, %r_tid, 16, 31, 0x0000ffff;
            OUT:
            """));
  }

  @Test
  void halvesOfAWarpMeetSeparately() {
    int[] got =
        run(
            """
            setp.lt.u32 %p, %r_lane, 16;   selp.b32 %r_a, 0x0000ffff, 0xffff0000, %p;
            shfl.sync.down.b32 %r_out, %r_tid, 1, 0x100f, %r_a;
            """);
    for (int i = 0; i < THREADS; i++) {
      assertThat(got[i]).isEqualTo(i % 16 == 15 ? i : i + 1);
    }
  }

  @Test
  void aLoopWithoutEndIsStopped() {
    requireOnly(Check.BUDGET, findings("AGAIN: bra.uni AGAIN;"));
  }

  @Test
  void aRegisterReadBeforeItIsWrittenIsReported() {
    List<Finding> found =
        findings("setp.lt.u32 %p, %r_lane, 3;   @%p mov.u32 %r_a, 1;   mov.u32 %r_out, %r_a;");
    requireOnly(Check.UNINITIALISED, found);
    assertThat(found.getFirst().message())
        .contains("register %r_a is read before it is written")
        .contains("lane 3");
  }

  /** What one lane leaves in shared memory for the next of its warp is luck without a barrier. */
  @Test
  void schedulesDifferWhereAKernelReliesOnLockstep() {
    String luck = "activemask.b32 %r_out;";
    int[] values = new int[Schedule.values().length];
    for (Schedule schedule : Schedule.values()) {
      try (KernelBench bench = new KernelBench()) {
        Slice out = bench.words("out", new int[THREADS]);
        bench.launch(
            program(luck),
            1,
            THREADS,
            KernelBench.options(schedule, CtaOrder.FORWARD, 1, 1, null),
            out);
        values[schedule.ordinal()] = bench.words(out)[0];
      }
    }
    assertThat(values[Schedule.LOCKSTEP.ordinal()]).isEqualTo(-1);
    assertThat(values[Schedule.LANE_SERIAL.ordinal()]).isNotEqualTo(-1);
  }

  @Test
  void listenerSeesInstructionsBranchesAndAccesses() {
    List<String> seen = new ArrayList<>();
    ExecutionListener listener =
        new ExecutionListener() {
          @Override
          public void executed(Instruction instruction, int active, int executing) {
            if (instruction.opcode().equals("st")) {
              seen.add("%s %08x %08x".formatted(instruction.name(), active, executing));
            }
          }

          @Override
          public void diverged(Instruction instruction, int taken, int notTaken) {
            seen.add("branch %08x %08x".formatted(taken, notTaken));
          }

          @Override
          public void accessed(
              Instruction instruction,
              StateSpace space,
              int executing,
              long[] addresses,
              int bytes) {
            seen.add("%s %d".formatted(space, bytes));
          }
        };
    String body =
        """
        setp.lt.u32 %p, %r_lane, 4;   @%p bra OUT;   mov.u32 %r_out, 1;
        OUT: @%p st.shared.u32 [%r_at], %r_out;
        """;
    try (KernelBench bench = new KernelBench()) {
      Slice out = bench.words("out", new int[32]);
      bench.launch(
          program(body),
          1,
          32,
          KernelBench.options(Schedule.LOCKSTEP, CtaOrder.FORWARD, 1, 1, () -> listener),
          out);
    }
    assertThat(seen)
        .containsExactly(
            "branch 0000000f fffffff0",
            ".shared 4",
            "st.shared.u32 ffffffff 0000000f",
            ".global 4",
            "st.global.u32 ffffffff ffffffff");
  }

  @Test
  void launchMustFitTheEntry() {
    PtxProgram program =
        KernelBench.program(".visible .entry k(.param .u32 n) .reqntid 64, 1, 1 { ret; }");
    try (KernelBench bench = new KernelBench()) {
      LaunchOptions options = LaunchOptions.defaults();
      assertThatThrownBy(() -> bench.launch(program, 1, 32, options, 1))
          .hasMessage("test.ptx: launch of k: block is 32x1x1, expected 64x1x1 (.reqntid)");
      assertThatThrownBy(() -> bench.launch(program, 0, 64, options, 1))
          .hasMessage("test.ptx: launch of k: grid is 0x1x1");
      assertThatThrownBy(() -> bench.launch(program, 1, 64, options))
          .hasMessage("test.ptx: launch of k: 0 arguments, expected 1");
      assertThatThrownBy(() -> bench.launch(program, 1, 64, options, 1f))
          .hasMessage("test.ptx: launch of k: parameter 'n' is .u32, not a float");
      assertThatThrownBy(() -> bench.launch(program, 1, 64, 16, options, 1))
          .hasMessageContaining("16 bytes of dynamic shared memory, but no .extern .shared array");
    }
  }
}

package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.PtxException;

/** Accesses of whole warps move the same words, and cost and report the same, in both engines. */
class WarpAccessTest {
  private static final int LANES = 32;
  private static final int WARPS = 3;
  private static final int SLOTS = 80;

  /** Each lane loads from the slot it is given, by way of shared memory stores to another. */
  private static final String KERNEL =
      """
      .visible .entry test(.param .u64 .ptr .global .align 16 out, .param .u64 .ptr .global .align 16 in,
          .param .u64 .ptr .global .align 4 from, .param .u64 .ptr .global .align 4 to)
      {
          .shared .align 16 .b8 tile[%d];
          .reg .b64 %%rd_out, %%rd_in, %%rd_at, %%rd_from, %%rd_to;
          .reg .b32 %%t, %%from, %%to, %%at, %%x<4>;
          .reg .pred %%p;
          ld.param.u64 %%rd_out, [out];   ld.param.u64 %%rd_in, [in];
          ld.param.u64 %%rd_from, [from];   ld.param.u64 %%rd_to, [to];
          mov.u32 %%t, %%tid.x;   mul.wide.u32 %%rd_at, %%t, 4;
          add.u64 %%rd_from, %%rd_from, %%rd_at;   add.u64 %%rd_to, %%rd_to, %%rd_at;
          ld.global.u32 %%from, [%%rd_from];   ld.global.u32 %%to, [%%rd_to];
          mul.wide.u32 %%rd_at, %%from, BYTES;   add.u64 %%rd_at, %%rd_at, %%rd_in;
          ld.global.WORDS REGISTERS, [%%rd_at];
          mov.u32 %%at, tile;   mad.lo.u32 %%at, %%to, BYTES, %%at;
          setp.lt.u32 %%p, %%t, LANES;
          @%%p st.shared.WORDS [%%at], REGISTERS;
          @%%p ld.shared.WORDS REGISTERS, [%%at];
          mul.wide.u32 %%rd_at, %%to, BYTES;   add.u64 %%rd_out, %%rd_out, %%rd_at;
          @%%p st.global.WORDS [%%rd_out], REGISTERS;
          ret;
      }
      """
          .formatted(16 * SLOTS);

  private static String kernel(int words, int lanes) {
    String registers = words == 1 ? "%x0" : words == 2 ? "{%x0,%x1}" : "{%x0,%x1,%x2,%x3}";
    return KERNEL
        .replace("BYTES", String.valueOf(4 * words))
        .replace("WORDS", words == 1 ? "b32" : "v" + words + ".b32")
        .replace("REGISTERS", registers)
        .replace("LANES", String.valueOf(lanes));
  }

  private static IntUnaryOperator pattern(String name) {
    SplittableRandom random = new SplittableRandom(5);
    int[] drawn = random.ints(LANES, 0, SLOTS).toArray();
    return switch (name) {
      case "contiguous" -> lane -> lane;
      case "shifted" -> lane -> lane + 3;
      case "halves exchanged" -> lane -> lane ^ 16;
      case "eighths exchanged" -> lane -> lane ^ 8;
      case "eighths apart" -> lane -> lane + lane / 8 * 11;
      case "fours exchanged" -> lane -> lane ^ 4;
      case "pairs exchanged" -> lane -> lane ^ 2;
      case "pairs apart" -> lane -> lane + lane / 2;
      case "twos" -> lane -> lane / 2;
      case "one for all" -> lane -> 9;
      case "eight for all" -> lane -> 20 + lane % 8;
      case "overlapping" -> lane -> lane + lane / 8 * -4;
      case "reversed" -> lane -> LANES - 1 - lane;
      case "every second" -> lane -> 2 * lane;
      default -> lane -> drawn[lane];
    };
  }

  private static int[] slots(String name) {
    return IntStream.range(0, LANES).map(pattern(name)).toArray();
  }

  private record Outcome(int[] out, String counts) {}

  private static Outcome run(
      CheckLevel level, PtxEngine engine, int words, int lanes, int[] from, int[] to) {
    LaunchCounter counter = new LaunchCounter();
    try (KernelBench bench = new KernelBench(level)) {
      int[] values = IntStream.range(0, words * SLOTS).map(i -> 7 * i + 1).toArray();
      Slice in = bench.words("in", values);
      Slice out = bench.words("out", new int[words * SLOTS]);
      LaunchOptions options =
          KernelBench.options(Schedule.LOCKSTEP, CtaOrder.FORWARD, 7, 1, null)
              .withEngine(engine)
              .withListener(counter);
      PtxProgram program = KernelBench.program(kernel(words, lanes));
      bench.launch(
          program, 1, LANES, options, out, in, bench.words("from", from), bench.words("to", to));
      assertThat(bench.findings.list()).isEmpty();
      return new Outcome(bench.words(out), counter.counts().byName().toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "contiguous, contiguous",
    "shifted, contiguous",
    "contiguous, shifted",
    "halves exchanged, contiguous",
    "contiguous, halves exchanged",
    "eighths exchanged, eighths apart",
    "eighths apart, eighths exchanged",
    "fours exchanged, pairs apart",
    "pairs apart, fours exchanged",
    "pairs exchanged, reversed",
    "twos, pairs exchanged",
    "one for all, reversed",
    "eight for all, every second",
    "every second, reversed",
    "random, contiguous",
    "random, shifted"
  })
  void movesAndCountsTheSame(String from, String to) {
    for (CheckLevel level : CheckLevel.values()) {
      for (int words : new int[] {1, 2, 4}) {
        for (int lanes : new int[] {LANES, LANES - 9}) {
          Outcome expected = run(level, PtxEngine.REFERENCE, words, lanes, slots(from), slots(to));
          Outcome found = run(level, PtxEngine.COMPILED, words, lanes, slots(from), slots(to));
          assertThat(found.out()).as("%s, %d words", level, words).isEqualTo(expected.out());
          assertThat(found.counts()).as("%s, %d words", level, words).isEqualTo(expected.counts());
        }
      }
    }
  }

  /** Lanes that store to one place are in no order on a card; here the last one always wins. */
  @ParameterizedTest
  @CsvSource({"one for all", "eight for all", "overlapping"})
  void theLastOfSeveralStoresWins(String to) {
    for (int words : new int[] {1, 2, 4}) {
      Outcome expected =
          run(CheckLevel.BOUNDS, PtxEngine.REFERENCE, words, LANES, slots("random"), slots(to));
      Outcome found =
          run(CheckLevel.BOUNDS, PtxEngine.COMPILED, words, LANES, slots("random"), slots(to));
      assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }
  }

  @Test
  void reportsTheLaneThatLeavesItsBuffer() {
    int[] from = slots("contiguous");
    from[21] = SLOTS;
    for (CheckLevel level : CheckLevel.values()) {
      for (PtxEngine engine : PtxEngine.values()) {
        for (int words : new int[] {1, 2, 4}) {
          assertThatThrownBy(() -> run(level, engine, words, LANES, from, slots("contiguous")))
              .isInstanceOf(PtxException.class)
              .hasMessageContaining("past the end of 'in'")
              .hasMessageContaining("lane 21");
        }
      }
    }
  }

  /** Another CTA's words are found, though a warp's are looked at together. */
  @Test
  void findsRacesBetweenBlocks() {
    String kernel =
        """
        .visible .entry test(.param .u64 .ptr .global .align 16 out)
        {
            .reg .b64 %rd_out, %rd_at;
            .reg .b32 %t, %x;
            ld.param.u64 %rd_out, [out];   mov.u32 %t, %tid.x;   mul.wide.u32 %rd_at, %t, 4;
            add.u64 %rd_out, %rd_out, %rd_at;   mov.u32 %x, 3;
            ACCESS
            ret;
        }
        """;
    for (String access :
        new String[] {
          "st.global.u32 [%rd_out], %x;",
          "ld.global.u32 %x, [%rd_out]; st.global.u32 [%rd_out], %x;"
        }) {
      for (PtxEngine engine : PtxEngine.values()) {
        try (KernelBench bench = new KernelBench()) {
          Slice out = bench.words("out", new int[LANES]);
          LaunchOptions options =
              KernelBench.options(Schedule.LOCKSTEP, CtaOrder.FORWARD, 7, 1, null)
                  .withEngine(engine);
          PtxProgram program = KernelBench.program(kernel.replace("ACCESS", access));
          bench.launch(program, WARPS, LANES, options, out);
          assertThat(bench.findings.toString()).as("%s", engine).contains("in the same launch");
        }
      }
    }
  }
}

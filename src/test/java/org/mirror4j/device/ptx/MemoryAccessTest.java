package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Finding;

/** Loads, stores and atomics of every width and space, and where addresses come from. */
class MemoryAccessTest {
  private static final String HEAD =
      """
      .const .align 8 .f32 table[4] = {0f3F800000, 2.0, 0f40400000};
      .const .b8 bytes[4] = {1, 2, 255, 4};
      .extern .shared .align 16 .b8 dynamic[];
      .visible .entry test(.param .u64 .ptr .global .align 4 out, .param .u64 .ptr .global .align 4 in)
      {
          .shared .b32 guard;
          .reg .pred %p;
          .reg .b16 %h<4>;
          .reg .b32 %r_tid, %r_out, %r_a, %r_b, %r_at;
          .reg .b64 %rd_out, %rd_in, %rd_a, %rd_b;
          .reg .f32 %f_a, %f_b;
          mov.u32 %r_tid, %tid.x;
          ld.param.u64 %rd_out, [out];   mad.wide.u32 %rd_out, %r_tid, 4, %rd_out;
          ld.param.u64 %rd_in, [in];
      """;

  private static int[] run(String body, int threads, int... in) {
    PtxProgram program =
        KernelBench.program(HEAD + body + "\nst.global.b32 [%rd_out], %r_out;\nret;\n}\n");
    try (KernelBench bench = new KernelBench()) {
      Slice out = bench.words("out", new int[threads]);
      Slice input = bench.words("in", in.length == 0 ? new int[1] : in);
      bench.launch(program, 1, threads, 256, LaunchOptions.defaults(), out, input);
      assertThat(bench.findings.list()).isEmpty();
      int[] all = Arrays.copyOf(bench.words(out), threads + in.length);
      System.arraycopy(bench.words(input), 0, all, threads, in.length);
      return all;
    }
  }

  @Test
  void narrowLoadsExtendAsTheirTypeSays() {
    String load = "ld.global.%s %%r_out, [%%rd_in+%d];";
    assertThat(run(load.formatted("u8", 3), 1, 0x80FF7F01)[0]).isEqualTo(0x80);
    assertThat(run(load.formatted("s8", 3), 1, 0x80FF7F01)[0]).isEqualTo(0xFFFFFF80);
    assertThat(run(load.formatted("u16", 2), 1, 0x80FF7F01)[0]).isEqualTo(0x80FF);
    assertThat(run(load.formatted("s16", 2), 1, 0x80FF7F01)[0]).isEqualTo(0xFFFF80FF);
    assertThat(run(load.formatted("nc.b32", 0), 1, 0x80FF7F01)[0]).isEqualTo(0x80FF7F01);
  }

  @Test
  void narrowStoresWriteTheirBytesOnly() {
    String store = "mov.u32 %r_out, 0x11223344;   st.global.b8 [%rd_in+1], %r_out;";
    assertThat(run(store, 1, -1)[1]).isEqualTo(0xFFFF44FF);
    String half = "mov.u32 %r_out, 0;   mov.b16 %h0, 0x1234;   st.global.b16 [%rd_in+2], %h0;";
    assertThat(run(half, 1, -1)[1]).isEqualTo(0x1234FFFF);
  }

  @Test
  void vectorsOfHalvesAndDoubleWords() {
    String body =
        """
        ld.global.v4.b16 {%h0,%h1,%h2,%h3}, [%rd_in];
        mov.b32 %r_a, {%h3, %h0};   st.global.v2.b16 [%rd_in], {%h1, %h2};
        ld.global.v2.b64 {%rd_a, %rd_b}, [%rd_in];
        cvt.u32.u64 %r_b, %rd_b;   add.u32 %r_out, %r_a, %r_b;
        """;
    int[] got = run(body, 1, 0x00020001, 0x00040003, 100, 0);
    assertThat(got[0]).isEqualTo(0x00010004 + 100);
    assertThat(got[1]).isEqualTo(0x00030002);
  }

  @Test
  void constantsHaveTheirInitialValues() {
    assertThat(run("ld.const.f32 %r_out, [table+4];", 1)[0]).isEqualTo(Float.floatToRawIntBits(2));
    assertThat(run("ld.const.b32 %r_out, [table+12];", 1)[0]).isZero();
    String computed =
        "mov.u32 %r_at, bytes;   add.u32 %r_at, %r_at, 2;   ld.const.s8 %r_out, [%r_at];";
    assertThat(run(computed, 1)[0]).isEqualTo(-1);
    assertThatThrownBy(() -> run("ld.const.b32 %r_out, [table+20];", 1))
        .hasMessageContaining("outside 20 bytes of constant memory");
  }

  @Test
  void dynamicSharedMemoryLiesBehindTheStatic() {
    String body =
        """
        mov.u32 %r_at, dynamic;   mad.lo.u32 %r_at, %r_tid, 4, %r_at;
        st.shared.b32 [%r_at], %r_tid;   mov.u32 %r_out, dynamic;
        """;
    assertThat(run(body, 64)[0]).isEqualTo(16);
    assertThatThrownBy(() -> run(body, 65))
        .hasMessageContaining("outside 272 bytes of shared memory");
  }

  @Test
  void atomicsGiveTheOldValueAndLoseNothing() {
    int[] got = run("atom.global.add.u32 %r_out, [%rd_in], 1;", 96, 5);
    int[] olds = Arrays.copyOf(got, 96);
    Arrays.sort(olds);
    for (int i = 0; i < 96; i++) {
      assertThat(olds[i]).isEqualTo(5 + i);
    }
    assertThat(got[96]).isEqualTo(101);
    assertThat(run("mov.u32 %r_out, 0;   red.global.max.u32 [%rd_in], %r_tid;", 96, 5)[96])
        .isEqualTo(95);
    assertThat(run("mov.u32 %r_out, 0;   red.global.min.s32 [%rd_in], -7;", 1, 5)[1]).isEqualTo(-7);
    assertThat(run("atom.global.cas.b32 %r_out, [%rd_in], 5, 9;", 1, 5)).containsExactly(5, 9);
    assertThat(run("atom.global.cas.b32 %r_out, [%rd_in], 6, 9;", 1, 5)).containsExactly(5, 5);
  }

  @Test
  void atomicAddOfFloatsFlushesOnGlobalMemoryOnly() {
    int subnormal = 1;
    String global =
        """
        ld.global.f32 %f_a, [%rd_in];   atom.global.add.f32 %f_b, [%rd_in+4], %f_a;
        mov.b32 %r_out, %f_b;
        """;
    assertThat(run(global, 1, subnormal, subnormal)).containsExactly(1, 1, 0);
    String shared =
        """
        ld.global.f32 %f_a, [%rd_in];   st.shared.f32 [guard], %f_a;
        red.shared.add.f32 [guard], %f_a;   ld.shared.b32 %r_out, [guard];
        """;
    assertThat(run(shared, 1, subnormal)[0]).isEqualTo(2);
  }

  @Test
  void anAddressKeepsItsOriginThroughArithmetic() {
    String ways =
        """
        mov.u32 %r_a, 1;   setp.eq.u32 %p, %r_a, 1;
        cvta.to.global.u64 %rd_a, %rd_in;   add.s64 %rd_a, %rd_a, 8;   sub.s64 %rd_a, %rd_a, 4;
        mov.u64 %rd_b, %rd_a;   mad.wide.u32 %rd_b, %r_a, 4, %rd_b;   selp.b64 %rd_b, %rd_b, %rd_out, %p;
        ld.global.u32 %r_out, [%rd_b+OFFSET];
        """;
    assertThat(run(ways.replace("OFFSET", "0"), 1, 1, 2, 3)[0]).isEqualTo(3);
    assertThatThrownBy(() -> run(ways.replace("OFFSET", "4"), 1, 1, 2, 3))
        .hasMessageContaining("in[3]")
        .hasMessageContaining("past the end of 'in' u32[3]");
  }

  @Test
  void aStoreThroughAReadOnlySliceIsRefused() {
    PtxProgram program = KernelBench.program(HEAD + "st.global.b32 [%rd_in], %r_tid;\nret;\n}\n");
    try (KernelBench bench = new KernelBench()) {
      Slice in = bench.words("in", new int[1]).readOnly();
      assertThatThrownBy(() -> bench.launch(program, 1, 1, 16, LaunchOptions.defaults(), in, in))
          .hasMessageContaining("may only be read");
    }
  }

  /** Every lane has its own, and each line that uses it is a finding. */
  @Test
  void localMemoryWorksAndIsReported() {
    PtxProgram program =
        KernelBench.program(
            HEAD
                + """
                .local .align 16 .b32 spill[4];
                st.local.v2.b32 [spill+8], {0, %r_tid};
                mov.u64 %rd_a, spill;   ld.local.b32 %r_out, [%rd_a+12];
                st.global.b32 [%rd_out], %r_out;
                ret;
                }
                """);
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice out = bench.words("out", 40);
        bench.launch(program, 1, 40, 16, options, out, bench.words("in", 1));
        assertThat(bench.words(out)).isEqualTo(IntStream.range(0, 40).toArray());
        assertThat(bench.findings.list())
            .extracting(Finding::check)
            .containsExactly(Check.LOCAL_MEMORY, Check.LOCAL_MEMORY);
        assertThat(bench.findings.list().getFirst().message())
            .startsWith(
                "test.ptx:19 st.local.v2.b32: 8 bytes at local[8..15]: a spill by hand; cta");
      }
    }
  }

  @Test
  void localMemoryIsChecked() {
    String spill = ".local .b32 spill[2];\n";
    assertThatThrownBy(() -> run(spill + "ld.local.b32 %r_out, [spill+8];", 1))
        .hasMessageContaining("4 bytes at local[8..11]: outside 8 bytes of local memory");
    assertThatThrownBy(() -> run(spill + "st.local.b32 [spill+2], %r_tid;", 1))
        .hasMessageContaining("4 bytes at local[2..5]: not at a multiple of 4");
    assertThatThrownBy(() -> run(spill + "ld.local.b32 %r_out, [spill];", 1))
        .hasMessageContaining("uninitialised: test.ptx:19 ld.local.b32: 4 bytes at local[0..3]");
  }
}

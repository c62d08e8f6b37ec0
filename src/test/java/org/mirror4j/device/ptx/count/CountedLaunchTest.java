package org.mirror4j.device.ptx.count;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.ptx.CtaOrder;
import org.mirror4j.device.ptx.Interpreter;
import org.mirror4j.device.ptx.KernelArgument;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxEngine;
import org.mirror4j.device.ptx.PtxModule;
import org.mirror4j.device.ptx.Schedule;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.syntax.Dim3;

/** A kernel whose every count can be worked out by hand. */
class CountedLaunchTest {
  /** y[i] = 2 x[i] through shared memory, 64 threads a CTA; line 16 has two-way bank conflicts. */
  private static final String KERNEL =
      """
      .version 7.0
      .target sm_75
      .address_size 64
      .visible .entry k(.param .u64 .ptr .global .align 16 y, .param .u64 .ptr .global .align 16 x, .param .u32 n)
      {
          .reg .pred %p;
          .reg .b32 %r_i, %r_t, %r_n, %r_s;
          .reg .b64 %rd_x, %rd_y, %rd_o;
          .reg .f32 %f;
          .shared .align 4 .b8 words[512];
          mov.u32 %r_t, %tid.x;   mov.u32 %r_i, %ctaid.x;
          mad.lo.u32 %r_i, %r_i, 64, %r_t;
          ld.param.u32 %r_n, [n];   setp.ge.u32 %p, %r_i, %r_n;
          mov.u32 %r_s, words;   mad.lo.u32 %r_s, %r_t, 8, %r_s;
          mov.f32 %f, 0f00000000;   mul.wide.u32 %rd_o, %r_i, 4;
          st.shared.f32 [%r_s], %f;
          bar.sync 0;
          @%p bra DONE;
          ld.param.u64 %rd_x, [x];   add.u64 %rd_x, %rd_x, %rd_o;
          ld.global.f32 %f, [%rd_x];
          add.rn.f32 %f, %f, %f;
          ld.param.u64 %rd_y, [y];   add.u64 %rd_y, %rd_y, %rd_o;
          st.global.f32 [%rd_y], %f;
      DONE:
          ret;
      }
      """;

  private static LaunchCounts launch(int n, int threads) {
    Findings findings = new Findings();
    LaunchCounter counter = new LaunchCounter();
    try (GlobalMemory memory = new GlobalMemory(CheckLevel.ALL, findings)) {
      Slice x = memory.allocate("x", 4L * n);
      Slice y = memory.allocate("y", 4L * n);
      memory.fill(x.address(), x.bytes(), (byte) 0);
      LaunchOptions options =
          new LaunchOptions(
              Schedule.LOCKSTEP,
              CtaOrder.FORWARD,
              0,
              Approximation.NOMINAL,
              PtxEngine.COMPILED,
              threads,
              1000,
              Long.MAX_VALUE,
              counter);
      new Interpreter(memory)
          .launch(
              PtxModule.parse("k.ptx", KERNEL).program("k"),
              new Dim3((n + 63) / 64, 1, 1),
              new Dim3(64, 1, 1),
              0,
              List.of(KernelArgument.of(y), KernelArgument.of(x), KernelArgument.of(n)),
              options);
    }
    assertThat(findings.list()).isEmpty();
    return counter.counts();
  }

  @Test
  void countsWhatTheSourceSays() {
    // 16 CTAs of two warps; of the last warp 8 lanes are left. 13 instructions for all, 7 for
    // those.
    LaunchCounts counts = launch(1000, 1);
    assertThat(counts.get(Counter.WARP_INSTRUCTIONS)).isEqualTo(32 * 20);
    assertThat(counts.get(Counter.THREAD_INSTRUCTIONS)).isEqualTo(1024 * 13 + 1000 * 7);
    assertThat(counts.get(Counter.DIVERGENT_BRANCHES)).isEqualTo(1);
    assertThat(counts.get(Counter.GLOBAL_LOAD_REQUESTS)).isEqualTo(32);
    assertThat(counts.get(Counter.GLOBAL_LOAD_SECTORS)).isEqualTo(125);
    assertThat(counts.get(Counter.GLOBAL_LOAD_IDEAL_SECTORS)).isEqualTo(125);
    assertThat(counts.get(Counter.GLOBAL_STORE_SECTORS)).isEqualTo(125);
    assertThat(counts.get(Counter.SHARED_WAVEFRONTS)).isEqualTo(64);
    assertThat(counts.get(Counter.SHARED_EXCESS_WAVEFRONTS)).isEqualTo(32);
    assertThat(counts.get(Counter.BARRIERS)).isEqualTo(32);
    assertThat(counts.bytesTouched()).isEqualTo(8000);
    assertThat(counts.bytesMoved()).isEqualTo(8000);
    assertThat(counts.lines().get(16).get(Counter.SHARED_EXCESS_WAVEFRONTS)).isEqualTo(32);
    assertThat(counts.lines().get(18).get(Counter.DIVERGENT_BRANCHES)).isEqualTo(1);
    assertThat(counts.lines()).doesNotContainKeys(1, 5, 24);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void countsDoNotDependOnThreads(int threads) {
    assertThat(launch(1000, threads)).isEqualTo(launch(1000, 1));
  }
}

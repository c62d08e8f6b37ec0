package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.ptx.memory.LaunchMemory;
import org.mirror4j.device.ptx.memory.Slice;

/** Two kernels as the engine has them, whole: element by element with a tail, and row by row. */
class WholeKernelTest {
  /** Four elements a thread, 16-byte accesses; the last 1 to 3 elements by predicate. */
  private static final String ADD =
      """
      .visible .entry add_f32(
          .param .u64 .ptr .global .align 16 y, .param .u64 .ptr .global .align 16 a,
          .param .u64 .ptr .global .align 16 b, .param .u32 n)
      .reqntid 64, 1, 1
      {
          .reg .pred %p_past, %p_tail, %p_has<4>;
          .reg .b32  %r_cta, %r_tid, %r_i, %r_n, %r_left;
          .reg .b64  %rd_bytes, %rd_y, %rd_a, %rd_b;
          .reg .f32  %f_a<4>, %f_b<4>;
          mov.u32 %r_cta, %ctaid.x;   mov.u32 %r_tid, %tid.x;
          mad.lo.u32 %r_i, %r_cta, 64, %r_tid;   shl.b32 %r_i, %r_i, 2;
          ld.param.u32 %r_n, [n];   setp.ge.u32 %p_past, %r_i, %r_n;   @%p_past ret;
          mul.wide.u32 %rd_bytes, %r_i, 4;
          ld.param.u64 %rd_y, [y];   add.u64 %rd_y, %rd_y, %rd_bytes;
          ld.param.u64 %rd_a, [a];   add.u64 %rd_a, %rd_a, %rd_bytes;
          ld.param.u64 %rd_b, [b];   add.u64 %rd_b, %rd_b, %rd_bytes;
          sub.u32 %r_left, %r_n, %r_i;   setp.lt.u32 %p_tail, %r_left, 4;   @%p_tail bra TAIL;
          ld.global.v4.f32 {%f_a0,%f_a1,%f_a2,%f_a3}, [%rd_a];
          ld.global.v4.f32 {%f_b0,%f_b1,%f_b2,%f_b3}, [%rd_b];
          add.rn.f32 %f_a0, %f_a0, %f_b0;   add.rn.f32 %f_a1, %f_a1, %f_b1;
          add.rn.f32 %f_a2, %f_a2, %f_b2;   add.rn.f32 %f_a3, %f_a3, %f_b3;
          st.global.v4.f32 [%rd_y], {%f_a0,%f_a1,%f_a2,%f_a3};
          ret;
      TAIL:
          setp.gt.u32 %p_has1, %r_left, 1;   setp.gt.u32 %p_has2, %r_left, 2;
          ld.global.f32 %f_a0, [%rd_a];   ld.global.f32 %f_b0, [%rd_b];
          add.rn.f32 %f_a0, %f_a0, %f_b0;   st.global.f32 [%rd_y], %f_a0;
          @%p_has1 ld.global.f32 %f_a1, [%rd_a+4];
          @%p_has1 ld.global.f32 %f_b1, [%rd_b+4];
          @%p_has1 add.rn.f32 %f_a1, %f_a1, %f_b1;
          @%p_has1 st.global.f32 [%rd_y+4], %f_a1;
          @%p_has2 ld.global.f32 %f_a2, [%rd_a+8];
          @%p_has2 ld.global.f32 %f_b2, [%rd_b+8];
          @%p_has2 add.rn.f32 %f_a2, %f_a2, %f_b2;
          @%p_has2 st.global.f32 [%rd_y+8], %f_a2;
          ret;
      }
      """;

  /** A row a CTA of four warps: sum by butterfly, one shared word a warp, two barriers, twice. */
  private static final String NORMALIZE =
      """
      .visible .entry normalize_f32(
          .param .u64 .ptr .global .align 4 y, .param .u64 .ptr .global .align 4 x,
          .param .u32 hidden, .param .f32 eps)
      .reqntid 128, 1, 1
      {
          .shared .align 16 .f32 partial[4];
          .reg .pred %p_more, %p_first;
          .reg .b32  %r_row, %r_tid, %r_i, %r_hidden, %r_slot, %r_lane, %r_pass;
          .reg .b64  %rd_y, %rd_x, %rd_base, %rd_at;
          .reg .f32  %f_x, %f_sum, %f_other, %f_mean, %f_n, %f_var, %f_eps, %f_part<4>;
          mov.u32 %r_row, %ctaid.x;   mov.u32 %r_tid, %tid.x;   mov.u32 %r_lane, %laneid;
          ld.param.u32 %r_hidden, [hidden];   ld.param.f32 %f_eps, [eps];
          ld.param.u64 %rd_x, [x];   ld.param.u64 %rd_y, [y];
          mul.lo.u32 %r_i, %r_row, %r_hidden;   mul.wide.u32 %rd_base, %r_i, 4;
          add.s64 %rd_x, %rd_x, %rd_base;   add.s64 %rd_y, %rd_y, %rd_base;
          cvt.rn.f32.u32 %f_n, %r_hidden;
          mov.f32 %f_mean, 0f00000000;   mov.u32 %r_pass, 0;
      PASS:
          // pass 0 sums x, pass 1 sums (x - mean)^2
          mov.f32 %f_sum, 0f00000000;   mov.u32 %r_i, %r_tid;
      SUM:
          setp.ge.u32 %p_more, %r_i, %r_hidden;   @%p_more bra SUMMED;
          mad.wide.u32 %rd_at, %r_i, 4, %rd_x;   ld.global.f32 %f_x, [%rd_at];
          sub.rn.f32 %f_x, %f_x, %f_mean;   setp.eq.u32 %p_first, %r_pass, 0;
          @!%p_first mul.rn.f32 %f_x, %f_x, %f_x;
          add.rn.f32 %f_sum, %f_sum, %f_x;   add.u32 %r_i, %r_i, 128;
          bra SUM;
      SUMMED:
          shfl.sync.bfly.b32 %f_other, %f_sum, 16, 31, 0xffffffff;  add.rn.f32 %f_sum, %f_sum, %f_other;
          shfl.sync.bfly.b32 %f_other, %f_sum, 8, 31, 0xffffffff;   add.rn.f32 %f_sum, %f_sum, %f_other;
          shfl.sync.bfly.b32 %f_other, %f_sum, 4, 31, 0xffffffff;   add.rn.f32 %f_sum, %f_sum, %f_other;
          shfl.sync.bfly.b32 %f_other, %f_sum, 2, 31, 0xffffffff;   add.rn.f32 %f_sum, %f_sum, %f_other;
          shfl.sync.bfly.b32 %f_other, %f_sum, 1, 31, 0xffffffff;   add.rn.f32 %f_sum, %f_sum, %f_other;
          {
              .reg .b32 %r_at;
              .reg .pred %p_lane;
              shr.u32 %r_slot, %r_tid, 5;   shl.b32 %r_slot, %r_slot, 2;
              mov.u32 %r_at, partial;   add.u32 %r_at, %r_at, %r_slot;
              setp.eq.u32 %p_lane, %r_lane, 0;
              @%p_lane st.shared.f32 [%r_at], %f_sum;
          }
          bar.sync 0;
          ld.shared.v4.f32 {%f_part0,%f_part1,%f_part2,%f_part3}, [partial];
          bar.sync 0;
          add.rn.f32 %f_part0, %f_part0, %f_part1;   add.rn.f32 %f_part2, %f_part2, %f_part3;
          add.rn.f32 %f_part0, %f_part0, %f_part2;   div.rn.f32 %f_var, %f_part0, %f_n;
          setp.eq.u32 %p_first, %r_pass, 0;   @%p_first bra.uni NEXT;
          bra.uni WRITE;
      NEXT:
          mov.f32 %f_mean, %f_var;   mov.u32 %r_pass, 1;   bra.uni PASS;
      WRITE:
          add.rn.f32 %f_var, %f_var, %f_eps;   sqrt.rn.f32 %f_var, %f_var;   rcp.rn.f32 %f_var, %f_var;
          mov.u32 %r_i, %r_tid;
      STORE:
          setp.ge.u32 %p_more, %r_i, %r_hidden;   @%p_more ret;
          mad.wide.u32 %rd_at, %r_i, 4, %rd_x;   ld.global.f32 %f_x, [%rd_at];
          sub.rn.f32 %f_x, %f_x, %f_mean;   mul.rn.f32 %f_x, %f_x, %f_var;
          mad.wide.u32 %rd_at, %r_i, 4, %rd_y;   st.global.f32 [%rd_at], %f_x;
          add.u32 %r_i, %r_i, 128;   bra STORE;
      }
      """;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 31, 33, 127, 255, 256, 257, 769, 1025})
  void addsWithATail(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] a = new float[n];
    float[] b = new float[n];
    float[] expected = new float[n];
    for (int i = 0; i < n; i++) {
      a[i] = (float) random.nextGaussian();
      b[i] = (float) random.nextGaussian();
      expected[i] = a[i] + b[i];
    }
    PtxProgram program = KernelBench.program(ADD);
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice y = bench.floats("y", n);
        Slice first = bench.floats("a", a).readOnly();
        Slice second = bench.floats("b", b).readOnly();
        LaunchMemory launched =
            bench.launch(program, (n + 255) / 256, 64, options, y, first, second, n);
        launched.requireAllWritten(1, "test.ptx");
        assertThat(bench.findings.list()).isEmpty();
        assertThat(bench.floats(y)).containsExactly(expected);
      }
    }
  }

  @Test
  void oneRowTooFarIsSeen() {
    try (KernelBench bench = new KernelBench()) {
      Slice y = bench.floats("y", 7);
      Slice a = bench.floats("a", new float[7]);
      PtxProgram program = KernelBench.program(ADD);
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> bench.launch(program, 1, 64, LaunchOptions.defaults(), y, a, a, 8))
          .hasMessageContaining("test.ptx:21 ld.global.v4.f32")
          .hasMessageContaining("past the end of 'a' f32[7]");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 127, 128, 129, 769})
  void normalizesRows(int hidden) {
    int rows = 5;
    SplittableRandom random = new SplittableRandom(hidden);
    float[] x = new float[rows * hidden];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (3 + random.nextGaussian());
    }
    PtxProgram program = KernelBench.program(NORMALIZE);
    float[] first = null;
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice y = bench.floats("y", x.length);
        Slice in = bench.floats("x", x).readOnly();
        bench.launch(program, rows, 128, options, y, in, hidden, 1e-5f);
        assertThat(bench.findings.list()).isEmpty();
        float[] got = bench.floats(y);
        first = first == null ? got : first;
        // Fixed order of every sum: the schedule must not show in a single bit.
        assertThat(got).containsExactly(first);
      }
    }
    for (int row = 0; row < rows; row++) {
      requireNormalized(x, first, row * hidden, hidden);
    }
  }

  /**
   * A sum in f32 of n terms by 128 threads passes n / 128 + 8 additions, each off by 2^-24 of the
   * running sum; mean and variance are of order 3 and 1, and a value of size 4 is divided by the
   * root of the variance: 16 times that covers all steps. For hidden 1 the variance is 0 and the
   * difference of x and its own mean is exactly 0.
   */
  private static void requireNormalized(float[] x, float[] y, int from, int hidden) {
    double mean = 0;
    for (int i = 0; i < hidden; i++) {
      mean += x[from + i] / (double) hidden;
    }
    double variance = 0;
    for (int i = 0; i < hidden; i++) {
      variance += Math.pow(x[from + i] - mean, 2) / hidden;
    }
    double bound = 16 * (hidden / 128 + 8) * 0x1p-24 * 4;
    for (int i = 0; i < hidden; i++) {
      double expected = (x[from + i] - mean) / Math.sqrt(variance + 1e-5f);
      assertThat((double) y[from + i])
          .isCloseTo(expected, org.assertj.core.data.Offset.offset(bound));
    }
  }
}

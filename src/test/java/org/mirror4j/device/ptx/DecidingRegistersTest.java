package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.mirror4j.device.ptx.memory.Slice;

/** What reports say of the registers behind an access. */
class DecidingRegistersTest {
  private static final String HEAD =
      """
      .visible .entry test(.param .u64 .ptr .global .align 4 x, .param .u32 rows)
      {
          .shared .f32 words[4];
          .reg .pred %p_past, %p_first, %p_both;
          .reg .b32 %r_row, %r_rows, %r_t;
          .reg .u32 %u_big;
          .reg .b64 %rd_x, %rd_at;
          .reg .f32 %f_x, %f_y;
          mov.u32 %r_row, %ctaid.x;   ld.param.u32 %r_rows, [rows];   ld.param.u64 %rd_x, [x];
      """;

  private static void run(KernelBench bench, String body, int grid, int rows) {
    PtxProgram program = KernelBench.program(HEAD + body + "\nret;\n}\n");
    Slice x = bench.floats("x", new float[rows]);
    bench.launch(program, grid, 1, LaunchOptions.defaults(), x, rows);
  }

  /** {@code gt} for {@code ge}: the row and the number of rows show it. */
  @Test
  void theAddressIsToldByWhatItWasMadeOf() {
    String body =
        """
        setp.gt.u32 %p_past, %r_row, %r_rows;   @%p_past ret;
        mul.wide.u32 %rd_at, %r_row, 4;   add.u64 %rd_at, %rd_x, %rd_at;
        ld.global.f32 %f_x, [%rd_at];
        """;
    try (KernelBench bench = new KernelBench()) {
      assertThatThrownBy(() -> run(bench, body, 9, 8))
          .hasMessageContaining("past the end of 'x' f32[8]; cta 8, warp 0, lane 0")
          .hasMessageEndingWith(", %r_row = 8, %r_rows = 8");
    }
  }

  @Test
  void guardsAreToldByWhatWasCompared() {
    String body =
        """
        setp.ne.u32 %p_past, %r_rows, 0;   setp.eq.u32 %p_first, %r_row, 0;
        and.pred %p_both, %p_past, %p_first;   mov.u32 %r_t, 16;
        @%p_both st.shared.f32 [%r_t], 0f00000000;
        """;
    try (KernelBench bench = new KernelBench()) {
      assertThatThrownBy(() -> run(bench, body, 1, 8))
          .hasMessageEndingWith("lane 0, %r_t = 16, %r_row = 0, %r_rows = 8");
    }
  }

  /** The row was counted on since the address was made: its value now would mislead. */
  @Test
  void whatChangedSinceIsLeftOut() {
    String body =
        """
        mad.wide.u32 %rd_at, %r_rows, 4, %rd_x;   add.u32 %r_rows, %r_rows, 1;
        ld.global.f32 %f_x, [%rd_at];
        """;
    try (KernelBench bench = new KernelBench()) {
      assertThatThrownBy(() -> run(bench, body, 1, 8)).hasMessageEndingWith("warp 0, lane 0");
    }
  }

  @Test
  void valuesAreWrittenAsTheirTypesHaveThem() {
    String body =
        """
        mov.u32 %u_big, 0xffffffff;   mov.u32 %r_t, -1;   mov.f32 %f_x, 0f40200000;
        cvt.rn.f32.u32 %f_x, %u_big;   add.s32 %r_t, %r_t, %u_big;
        add.rn.f32 %f_x, %f_x, %f_y;
        """;
    try (KernelBench bench = new KernelBench()) {
      run(bench, body, 1, 1);
      assertThat(bench.findings.list())
          .singleElement()
          .asString()
          .endsWith("lane 0, %f_x = 4.2949673E9, %f_y = undefined");
    }
  }
}

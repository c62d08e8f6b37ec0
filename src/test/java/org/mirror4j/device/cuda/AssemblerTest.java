package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.cuda.Assembler.Assembled;
import org.mirror4j.device.launch.source.KernelException;

class AssemblerTest {
  private static final String HEADER =
      """
      .version 7.0
      .target sm_75
      .address_size 64
      .visible .entry k(.param .u64 x)
      """;

  @ParameterizedTest
  @ValueSource(strings = {"sm_75", "sm_80", "sm_90"})
  void tellsRegistersAndSharedMemory(String architecture) {
    String text =
        HEADER
            + """
            {
                .shared .align 4 .b8 words[512];
                .reg .b32 %r_t, %r_a;
                .reg .b64 %rd_x;
                .reg .f32 %f_x;
                mov.u32 %r_t, %tid.x;
                and.b32 %r_t, %r_t, 127;
                shl.b32 %r_t, %r_t, 2;
                mov.u32 %r_a, words;
                add.u32 %r_a, %r_a, %r_t;
                ld.param.u64 %rd_x, [x];
                ld.global.f32 %f_x, [%rd_x];
                st.shared.f32 [%r_a], %f_x;
                bar.sync 0;
                ld.shared.f32 %f_x, [words];
                st.global.f32 [%rd_x], %f_x;
                ret;
            }
            """;
    Assembled assembled = Assembler.assemble("k.ptx", text, architecture);
    assertThat(assembled.architecture()).isEqualTo(architecture);
    assertThat(assembled.registers()).isBetween(4, 32);
    assertThat(assembled.sharedBytes()).isEqualTo(512);
    assertThat(assembled.spills()).isFalse();
    assertThat(assembled.stackBytes()).isZero();
  }

  /** A hundred values alive at once, in at most 24 registers. */
  @Test
  void tellsSpills() {
    StringBuilder text = new StringBuilder(HEADER);
    text.append(".maxnreg 24\n{\n.reg .b64 %rd_x;\n.reg .f32 %f<100>;\nld.param.u64 %rd_x, [x];\n");
    for (int i = 0; i < 100; i++) {
      text.append("ld.volatile.global.f32 %f")
          .append(i)
          .append(", [%rd_x+")
          .append(4 * i)
          .append("];\n");
    }
    for (int i = 99; i >= 0; i--) {
      text.append("st.volatile.global.f32 [%rd_x+")
          .append(4 * i)
          .append("], %f")
          .append(i)
          .append(";\n");
    }
    Assembled assembled = Assembler.assemble("k.ptx", text.append("ret;\n}\n").toString(), "sm_75");
    assertThat(assembled.registers()).isLessThanOrEqualTo(24);
    assertThat(assembled.spills()).isTrue();
    assertThat(assembled.stackBytes()).isPositive();
  }

  @Test
  void errorsNameFileAndLine() {
    String wrong = HEADER + "{\n    .reg .b32 %r;\n    add.u32 %r, %r, %r_missing;\n    ret;\n}\n";
    assertThatThrownBy(() -> Assembler.assemble("k.ptx", wrong, "sm_80"))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith("k.ptx:7: sm_80: ")
        .hasMessageContaining("r_missing");
    assertThatThrownBy(
            () -> Assembler.assemble("k.ptx", HEADER.replace("7.0", "8.1") + "{ ret; }", "sm_80"))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("8.1");
  }

  /** A comment of any length stands before the directives. */
  @Test
  void commentsInFrontTakeNoStack() {
    String text = "// comment\n\n \n".repeat(20_000) + HEADER + "{ ret; }";
    assertThat(Assembler.assemble("k.ptx", text, "sm_80").registers()).isPositive();
    String head = ".version 7.0\n.target sm_75\n.address_size 64\n";
    assertThatThrownBy(() -> Assembler.assemble("k.ptx", head, "sm_80"))
        .isInstanceOf(KernelException.class)
        .hasMessage("k.ptx: sm_80: there is no entry");
  }

  /** The library would end the process over these. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        ".version x",
        ".version 7.0\n.entry k()",
        ".target sm_75\n{ ret; }"
      })
  void aTextWithoutItsFirstDirectivesIsRefused(String text) {
    assertThatThrownBy(() -> Assembler.assemble("k.ptx", text, "sm_80"))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith("k.ptx:1: does not begin with .version and .target");
  }
}

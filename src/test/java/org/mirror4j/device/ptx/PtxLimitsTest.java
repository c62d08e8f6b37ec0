package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.ModuleSyntax;

/** Programs that ask for more memory or time than a kernel needs. */
class PtxLimitsTest {
  private static final String BEGIN = ".entry k(.param .u64 x)\n{ .reg .b32 %r; .reg .pred %p;\n";

  /** Also without the parser, which need not know all that goes to the assembler. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          .reg .f32 %f<2000000000>         | 2000000002 registers, at most 10000
          .reg .f32 %f<5000>, %g<5000>     | 10002 registers, at most 10000
          .local .align 4 .b8 a[300000000] | 300000000 bytes in .local, at most 16384
          .local .b8 a[100000][100000]     | 2147483647 or more bytes in .local, at most 16384
          .local .b32 a[4096], b           | 16388 bytes in .local, at most 16384
          .local .v4 .b32 a[1025]          | 16400 bytes in .local, at most 16384
          .local .b8 a[100 * (1000 + 1)]   | 100100 bytes in .local, at most 16384
          .shared .f64 a[6145]             | 49160 bytes in .shared, at most 49152
          .const .b8 a[65537]              | 65537 bytes in .const, at most 65536
          L: .local .b8 a[16385]           | 16385 bytes in .local, at most 16384
          """)
  void declarationsAreBounded(String statement, String message) {
    String text = BEGIN + statement + ";\nret; }";
    assertThatThrownBy(() -> KernelBench.program(text))
        .isInstanceOf(PtxException.class)
        .hasMessageStartingWith("test.ptx:" + KernelBench.line(3) + ": " + message);
    assertThatThrownBy(() -> ModuleSyntax.requireLimits("test.ptx", text))
        .hasMessageContaining(message);
  }

  @Test
  void whatOnlyUsesMemoryDeclaresNone() {
    String uses = "ld.shared.b32 %r, [words+100000]; @%p st.local.b32 [90000], %r; ";
    ModuleSyntax.requireLimits(
        "k.ptx", BEGIN + uses.repeat(100) + " mma.sync {%r,%r}, [x]; ret; }");
  }

  @Test
  void textIsBounded() {
    requireRefused("mov.u32 %r, 1;\n".repeat(10_000), "10001 statements, at most 10000");
    requireRefused("{".repeat(60) + "}".repeat(60), "51 braces inside one another, at most 50");
    for (String open : new String[] {"(", "-", "~"}) {
      requireRefused(
          "mov.u32 %r, " + open.repeat(20_000) + "1;",
          "more than 50 signs and parentheses inside one another");
    }
    requireRefused("mov.u32 %r, " + "a".repeat(201), "a word of 201 characters, at most 200");
    requireRefused(".pragma \"" + "a".repeat(201) + "\";", "a word of 201 characters, at most 200");
    requireRefused("mov" + ".u32".repeat(17) + " %r, 1;", "more than 16 modifiers");
    requireRefused("mov.b32 {" + "%r,".repeat(8) + "%r}, %r;", "a vector of more than 8 elements");
    requireRefused(
        ".shared .align 2048 .b8 a[4];",
        "alignment is 2048, expected a power of two of at most 1024");
    requireRefused(
        ".shared .align 1024 .b8 a, b, c, d[46081];",
        "'d' ends at byte 49153 of .shared, at most 49152");
  }

  @Test
  void aPointerIsAlignedToSomething() {
    assertThatThrownBy(
            () -> KernelBench.program(".entry k(.param .u64 .ptr .global .align 0 x) { ret; }"))
        .hasMessageEndingWith("alignment is 0, expected a power of two of at most 1024");
  }

  private static void requireRefused(String body, String message) {
    assertThatThrownBy(() -> KernelBench.program(BEGIN + body + "\nret; }"))
        .isInstanceOf(PtxException.class)
        .hasMessageEndingWith(message);
  }

  /** Each warp stays below its own limit of a million, and 64 together are beyond the launch's. */
  @Test
  void aWholeLaunchIsBounded() {
    PtxProgram program =
        KernelBench.program(
            """
            .entry k(.param .u64 x)
            {
                .reg .u32 %r;   .reg .pred %p;
                mov.u32 %r, 0;
            AGAIN:
                add.u32 %r, %r, 1;   setp.lt.u32 %p, %r, 30000;   @%p bra AGAIN;
                ret;
            }
            """);
    for (LaunchOptions options : KernelBench.allOptions()) {
      try (KernelBench bench = new KernelBench()) {
        Slice x = bench.words("x", 1);
        assertThatThrownBy(() -> bench.launch(program, 8, 256, options, x))
            .isInstanceOf(PtxException.class)
            .hasMessageContaining("the launch takes more than 4000000 instructions of warps");
        assertThat(bench.launch(program, 1, 64, options, x)).isNotNull();
      }
    }
  }

  /** Blocks without an instruction: what is emptied for each counts as well. */
  @Test
  void manyBlocksAreBounded() {
    PtxProgram program =
        KernelBench.program(".entry k(.param .u64 x) { .reg .f32 %f<10000>; ret; }");
    try (KernelBench bench = new KernelBench()) {
      Slice x = bench.words("x", 1);
      LaunchOptions options = KernelBench.allOptions().getFirst();
      assertThatThrownBy(() -> bench.launch(program, 1 << 20, 32, options, x))
          .hasMessageContaining("the launch takes more than 4000000 instructions of warps");
      assertThatThrownBy(() -> bench.launch(program, 200_000_000, 32, options, x))
          .hasMessageContaining("grid is 200000000x1x1, at most 16777216 blocks are interpreted");
    }
  }
}

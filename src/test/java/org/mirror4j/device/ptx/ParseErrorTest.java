package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.report.PtxException;

/** Whatever is outside the subset is an error that names its line; nothing is skipped. */
class ParseErrorTest {
  private static final String DECLARATIONS =
      """
      .visible .entry k(.param .u64 .ptr .global x, .param .u32 n)
      {
      .shared .f32 words[8];
      .reg .pred %p; .reg .b16 %h; .reg .b32 %r; .reg .u32 %u; .reg .f32 %f; .reg .b64 %rd;
      """;

  /** The statement stands in line 8 of the file. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          add.f32 %f, %f, %f                | unsupported 'add.f32'
          mul.f32 %f, %f, %f                | unsupported 'mul.f32'
          fma.f32 %f, %f, %f, %f            | unsupported 'fma.f32'
          add.rz.f32 %f, %f, %f             | unsupported 'add.rz.f32'
          div.f32 %f, %f, %f                | unsupported 'div.f32'
          red.global.add.noftz.f16x2 [%rd], %r | unsupported 'red.global.add.noftz.f16x2'
          frobnicate.u32 %r, %r             | unsupported 'frobnicate.u32'
          add.u32.wild %r, %r, %r           | unsupported 'add.u32.wild'
          ld.f32 %f, [%rd]                  | unsupported 'ld.f32'
          ld.global.v4.f64 %f, [%rd]        | unsupported 'ld.global.v4.f64'
          atom.local.add.u32 %r, [%rd], %r  | unsupported 'atom.local.add.u32'
          cp.async.bulk.commit_group        | unsupported 'cp.async.bulk.commit_group'
          wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32 {%f}, {%r}, {%r}, {%f} | unsupported 'wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32'
          fma.rn.f16x2 %r, %r, %r, %r       | unsupported 'fma.rn.f16x2'
          cvt.f16.f32 %h, %f                | unsupported 'cvt.f16.f32'
          cvt.rn.f32.f16 %f, %h             | unsupported 'cvt.rn.f32.f16'
          cvt.s32.f32 %r, %f                | unsupported 'cvt.s32.f32'
          cvt.f32.u32 %f, %u                | unsupported 'cvt.f32.u32'
          cvt.rni.f32.u32 %f, %u            | unsupported 'cvt.rni.f32.u32'
          shfl.bfly.b32 %r, %r, 1, 31       | unsupported 'shfl.bfly.b32'
          bar.red.popc.u32 %r, 0, %p        | unsupported 'bar.red.popc.u32'
          setp.lt.b32 %p, %r, %r            | unsupported 'setp.lt.b32'
          shl.u32 %r, %r, 1                 | unsupported 'shl.u32'
          call foo                          | 'foo' is not declared
          mov.u32 %r, %clock                | '%clock' is neither declared nor a supported special register
          mov.u32 %r, %q                    | '%q' is neither declared nor a supported special register
          add.rn.f32 %f, %f, %u             | '%u' is .u32, but add.rn.f32 works on .f32
          add.u32 %r, %r, %f                | '%f' is .f32, but add.u32 works on .u32
          mov.u32 %r, %rd                   | '%rd' is .b64, but mov.u32 works on .u32
          add.u32 %r, %r, 0f3F800000        | floating-point constant where .u32 is expected
          add.rn.f32 %f, %f, 1              | constant 1 is no .f32
          add.u32 %r, %r, 4294967296        | constant 4294967296 is no .u32
          mov.u32 %r, 0f123                 | '0f123' is no floating-point constant, expected 0f and 8 hexadecimal digits, 0d and 16, or a decimal number
          add.u32 %r, %r                    | 'add.u32' has 2 operands, expected 3
          ld.global.f32 %f, [words]         | address is not one in .global
          ld.global.f32 %f, [%r]            | '%r' is .b32, expected an address in .global
          st.param.u32 [n], %r              | unsupported 'st.param.u32'
          bar.sync 16                       | barrier must be a constant from 0 to 15
          bra NOWHERE                       | label 'NOWHERE' is not defined
          @%r ret                           | guard '%r' is .b32, expected .pred
          lop3.b32 %r, %r, %r, %r, 256      | table of lop3 must be a constant from 0 to 255
          .tex .u32 spill                   | unsupported '.tex'
          .reg .b8 %b                       | unsupported register type .b8
          .reg .b32 %r                      | '%r' is declared twice
          """)
  void namesFileLineAndWhatIsWrong(String statement, String message) {
    String text = DECLARATIONS + statement + ";\nret;\n}\n";
    assertThatThrownBy(() -> KernelBench.program(text))
        .isInstanceOf(PtxException.class)
        .hasMessage("test.ptx:" + KernelBench.line(5) + ": " + message);
  }

  @Test
  void headerMustBeThere() {
    assertThatThrownBy(() -> PtxModule.parse("a.ptx", ".target sm_75"))
        .hasMessage("a.ptx:1: found '.target', expected '.version'");
    assertThatThrownBy(
            () -> PtxModule.parse("a.ptx", ".version 7.0\n.target sm_75\n.address_size 32\n"))
        .hasMessage("a.ptx:4: address size is 32, expected 64");
    assertThatThrownBy(() -> KernelBench.program("// nothing\n"))
        .hasMessage("test.ptx:5: no .entry in this file");
  }

  /** Whole, though it takes two characters of Java: half of one cannot be shown. */
  @Test
  void aForeignCharacterIsNamed() {
    assertThatThrownBy(() -> KernelBench.program(".entry k() { \ud83d\ude00 ret; }"))
        .hasMessage("test.ptx:4: unexpected character '\ud83d\ude00'");
  }

  @Test
  void whatHasNoEndIsNamed() {
    assertThatThrownBy(() -> KernelBench.program("/* comment"))
        .hasMessage("test.ptx:4: comment has no end, expected '*/'");
    assertThatThrownBy(() -> KernelBench.program(".entry k() { ret;"))
        .hasMessage("test.ptx:4: found 'end of file', expected an instruction");
    assertThatThrownBy(() -> KernelBench.program(".entry k() { ret }"))
        .hasMessage("test.ptx:4: found '}', expected an operand");
    assertThatThrownBy(() -> KernelBench.program(".entry k() { bra A A: ret; }"))
        .hasMessage("test.ptx:4: found 'A', expected ';'");
  }

  @Test
  void moduleVariablesMustBeSharedOrConstant() {
    assertThatThrownBy(() -> KernelBench.program(".global .f32 x[4];\n.entry k() { ret; }"))
        .hasMessage("test.ptx:4: unsupported '.global'");
    assertThatThrownBy(() -> KernelBench.program(".func f() { ret; }"))
        .hasMessage("test.ptx:4: unsupported '.func'");
    assertThatThrownBy(() -> KernelBench.program(".shared .b32 x[];\n.entry k() { ret; }"))
        .hasMessage("test.ptx:4: 'x' must be .extern and without a size, or neither");
  }
}

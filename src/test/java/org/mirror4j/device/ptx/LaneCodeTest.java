package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.tensor.DType;

/** Instructions as vectors give the bits of the reference, in all lanes and in some. */
class LaneCodeTest {
  private static final int WARP = 32;
  private static final int COUNT = 64 * WARP;

  /** A method up to here may be put into its callers (FreqInlineSize of the Java machine). */
  private static final int LONGEST_INLINED = 325;

  private static final int[] SPECIAL = {
    0,
    0x80000000,
    1,
    0x80000001,
    0x007FFFFF,
    0x00800000,
    0x80800000,
    0x3F800000,
    0xBF800000,
    0x3F000000,
    0x42FE0000,
    0xC2FE0000,
    0xC3180000,
    0x7E800000,
    0x7F7FFFFF,
    0xFF7FFFFF,
    0x7F800000,
    0xFF800000,
    0x7FC00000,
    0x7F800001,
    31,
    32,
    33,
    0x7FFFFFFF,
    -1,
    0x33003C00,
    0x7C00FC01,
  };

  private static final String KERNEL =
      """
      .visible .entry test(.param .u64 .ptr .global .align 4 out, .param .u64 .ptr .global .align 4 in)
      {
          .reg .b64 %%rd_out, %%rd_in, %%rd_at, %%w, %%v, %%x;
          .reg .b32 %%a, %%b, %%c, %%d, %%e, %%t, %%cta;
          .reg .b16 %%h, %%g;
          .reg .pred %%p, %%q, %%guard;
          ld.param.u64 %%rd_out, [out];   ld.param.u64 %%rd_in, [in];
          mov.u32 %%t, %%tid.x;   mov.u32 %%cta, %%ctaid.x;
          setp.ne.u32 %%guard, %%t, 0;
          mad.lo.u32 %%cta, %%cta, %d, %%t;   mul.wide.u32 %%rd_at, %%cta, 4;   add.u64 %%rd_in, %%rd_in, %%rd_at;
          ld.global.u32 %%a, [%%rd_in];   ld.global.u32 %%b, [%%rd_in+%d];   ld.global.u32 %%c, [%%rd_in+%d];
          and.b32 %%e, %%c, 4;   setp.ne.u32 %%p, %%e, 0;   and.b32 %%e, %%t, MASK;   setp.ne.u32 %%guard, %%e, 0;
          mov.b64 %%w, {%%a, %%b};   mov.b64 %%v, {%%c, %%a};   mov.b64 %%x, {%%c, %%b};
          mov.b32 {%%h, %%g}, %%a;   mov.b32 %%d, 77;   mov.b32 %%e, 78;   setp.ne.u32 %%q, %%d, 77;
          BODY
          mul.wide.u32 %%rd_at, %%cta, 28;   add.u64 %%rd_out, %%rd_out, %%rd_at;
          st.global.u32 [%%rd_out], %%d;   st.global.u32 [%%rd_out+4], %%e;
          mov.b64 {%%d, %%e}, %%x;   st.global.u32 [%%rd_out+8], %%d;   st.global.u32 [%%rd_out+12], %%e;
          mov.b32 %%d, {%%h, %%g};   st.global.u32 [%%rd_out+16], %%d;
          selp.b32 %%d, 1, 0, %%q;   st.global.u32 [%%rd_out+20], %%d;   st.global.u32 [%%rd_out+24], %%cta;
          ret;
      }
      """
          .formatted(WARP, 4 * COUNT, 8 * COUNT);

  /** Instructions that {@link LaneCode} knows, with their operands. */
  private static final List<String> INSTRUCTIONS =
      List.of(
          "add.rn.f32 %d, %a, %b",
          "sub.rn.f32 %d, %a, %b",
          "mul.rn.f32 %d, %a, %b",
          "fma.rn.f32 %d, %a, %b, %c",
          "min.f32 %d, %a, %b",
          "max.f32 %d, %a, %b",
          "neg.f32 %d, %a",
          "abs.f32 %d, %a",
          "div.rn.f32 %d, %a, %b",
          "add.u32 %d, %a, %b",
          "add.s32 %d, %a, %b",
          "sub.u32 %d, %a, %b",
          "sub.s32 %d, %a, %b",
          "mul.lo.u32 %d, %a, %b",
          "mul.lo.s32 %d, %a, %b",
          "mad.lo.u32 %d, %a, %b, %c",
          "mad.lo.s32 %d, %a, %b, %c",
          "min.s32 %d, %a, %b",
          "max.s32 %d, %a, %b",
          "min.u32 %d, %a, %b",
          "max.u32 %d, %a, %b",
          "selp.b32 %d, %a, %b, %p",
          "selp.u32 %d, %a, %b, %p",
          "selp.s32 %d, %a, %b, %p",
          "selp.f32 %d, %a, %b, %p",
          "mov.b32 %d, %a",
          "mov.u32 %d, %tid.x",
          "mov.s32 %d, -7",
          "mov.f32 %d, 0f3F800000",
          "and.b32 %d, %a, %b",
          "or.b32 %d, %a, %b",
          "xor.b32 %d, %a, %b",
          "not.b32 %d, %a",
          "shl.b32 %d, %a, %b",
          "shr.u32 %d, %a, %b",
          "shr.b32 %d, %a, %b",
          "shr.s32 %d, %a, %b",
          "lop3.b32 %d, %a, %b, %c, 0x96",
          "add.rn.f32 %d, %d, %d",
          "fma.rn.f32 %a, %b, %a, %a",
          "mov.b64 {%d, %d}, %w",
          "add.u64 %x, %w, %v",
          "add.s64 %x, %w, %v",
          "mov.u64 %x, %w",
          "mov.b64 %x, %w",
          "cvt.u64.u32 %x, %a",
          "mul.wide.u32 %x, %a, %b",
          "mad.wide.u32 %x, %a, %b, %w",
          "mov.b64 {%d, %e}, %w",
          "mov.b32 %d, {%g, %h}",
          "mov.b32 {%g, %h}, %b",
          "cvt.f32.f16 %d, %h",
          "cvt.f32.bf16 %d, %h",
          "cvt.rn.f16.f32 %h, %a",
          "cvt.rn.bf16.f32 %h, %a",
          "cvt.rn.f16x2.f32 %d, %a, %b",
          "cvt.rn.bf16x2.f32 %d, %a, %b",
          "ex2.approx.f32 %d, %a",
          "ex2.approx.ftz.f32 %d, %a",
          "rcp.approx.f32 %d, %a",
          "rcp.approx.ftz.f32 %d, %a",
          "rsqrt.approx.f32 %d, %a",
          "rsqrt.approx.ftz.f32 %d, %a");

  private static final List<String> COMPARISONS =
      List.of(
          "eq.u32", "eq.s32", "eq.b32", "ne.u32", "ne.s32", "ne.b32", "lt.s32", "ge.s32", "le.s32",
          "gt.s32", "lt.u32", "ge.u32", "le.u32", "gt.u32", "eq.f32", "neu.f32", "ne.f32",
          "equ.f32", "lt.f32", "gt.f32", "geu.f32", "leu.f32", "le.f32", "ge.f32", "gtu.f32",
          "ltu.f32");

  static Stream<String> instructions() {
    Stream<String> alone = COMPARISONS.stream().map("setp.%s %%q, %%a, %%b"::formatted);
    Stream<String> combined =
        COMPARISONS.stream().map(name -> "setp." + name.replace(".", ".and.") + " %q, %a, %b, %p");
    return Stream.of(INSTRUCTIONS.stream(), alone, combined).flatMap(all -> all);
  }

  private static String kernel(String instruction, boolean guarded) {
    return KERNEL
        .replace("BODY", (guarded ? "@%guard " : "") + instruction + ";")
        .replace("MASK", guarded ? "5" : "0");
  }

  private static Instruction find(PtxProgram program, String instruction) {
    String name = instruction.substring(0, instruction.indexOf(' '));
    // The kernel around it has some of the same name; the one in question is behind 'mov 78'.
    List<Instruction> all = program.syntax().instructions();
    return all.stream()
        .filter(one -> one.line() == line(instruction, program))
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static int line(String instruction, PtxProgram program) {
    List<String> lines = kernel(instruction, false).lines().toList();
    int at = lines.indexOf("    " + instruction + ";");
    return KernelBench.line(at + 1);
  }

  private static int[] values() {
    SplittableRandom random = new SplittableRandom(11);
    int[] values = new int[3 * COUNT];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (random.nextInt(4)) {
            case 0, 1 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 2 -> Float.floatToRawIntBits((random.nextFloat() - 0.5f) * random.nextInt(1, 300));
            default -> random.nextInt();
          };
    }
    return values;
  }

  private static int[] run(String kernel, PtxEngine engine, Approximation approximation) {
    try (KernelBench bench = new KernelBench()) {
      Slice in = bench.words("in", values());
      Slice out = bench.words("out", 7 * COUNT);
      LaunchOptions options =
          new LaunchOptions(
              Schedule.LOCKSTEP,
              CtaOrder.FORWARD,
              7,
              approximation,
              engine,
              1,
              1_000_000,
              4_000_000,
              null);
      bench.launch(KernelBench.program(kernel), COUNT / WARP, WARP, options, out, in);
      assertThat(bench.findings.list()).isEmpty();
      return bench.words(out);
    }
  }

  @ParameterizedTest
  @MethodSource("instructions")
  void hasTheBitsOfTheReference(String instruction) {
    PtxProgram program = KernelBench.program(kernel(instruction, false));
    Instruction tested = find(program, instruction);
    assertThat(LaneCode.of(program.syntax(), program.files(), tested)).isNotNull();
    for (boolean guarded : new boolean[] {false, true}) {
      for (Approximation approximation : List.of(Approximation.NOMINAL, Approximation.LOW)) {
        String kernel = kernel(instruction, guarded);
        int[] expected = run(kernel, PtxEngine.REFERENCE, approximation);
        int[] found = run(kernel, PtxEngine.COMPILED, approximation);
        assertThat(found).as("%s, guarded %s", instruction, guarded).isEqualTo(expected);
      }
    }
  }

  @Test
  void allThatKernelsUseIsTested() {
    TreeSet<String> tested = new TreeSet<>();
    instructions().forEach(one -> tested.add(one.substring(0, one.indexOf(' '))));
    TreeSet<String> used = new TreeSet<>();
    for (KernelSource source : KernelLibrary.bundled().all()) {
      for (DType storage : source.contract().storages()) {
        PtxProgram program =
            PtxModule.parse(source.file(), source.ptx(storage))
                .program(source.contract().entry(storage));
        program.syntax().instructions().stream()
            .filter(one -> LaneCode.of(program.syntax(), program.files(), one) != null)
            .forEach(one -> used.add(one.name()));
      }
    }
    assertThat(used).isNotEmpty().isSubsetOf(tested);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        FloatLanes.class,
        WordLanes.class,
        BitLanes.class,
        WideLanes.class,
        ComparisonLanes.class,
        ApproximateLanes.class
      })
  void isTooLongToBePutIntoItsCallers(Class<?> lanes) throws IOException {
    List<Integer> lengths = new ArrayList<>();
    try (InputStream in = lanes.getResourceAsStream(lanes.getSimpleName() + ".class")) {
      ClassFile.of().parse(in.readAllBytes()).methods().stream()
          .filter(method -> method.methodName().equalsString("apply"))
          .flatMap(method -> method.code().stream())
          .forEach(code -> lengths.add(((CodeAttribute) code).codeLength()));
    }
    assertThat(lengths).hasSize(1).allMatch(length -> length > LONGEST_INLINED);
  }
}

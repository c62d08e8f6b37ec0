package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.tensor.DType;

/** Whatever a kernel does wrong, both engines say the same of it and count the same. */
class EngineAgreementTest {
  /** Methods of more bytes are never compiled by the Java machine (HugeMethodLimit). */
  private static final int LONGEST_COMPILED = 8_000;

  private static final int FLOATS = 64;

  private static final String HEAD =
      """
      .visible .entry test(.param .u64 .ptr .global .align 4 x, .param .u32 n)
      {
          .shared .align 16 .b8 tile[128];
          .reg .b64 %rd_x, %rd_at;
          .reg .pred %p, %q;
          .reg .b32 %t, %u, %v, %w, %n, %at, %d<100>;
          ld.param.u64 %rd_x, [x];   ld.param.u32 %n, [n];
          mov.u32 %t, %tid.x;   mul.wide.u32 %rd_at, %t, 4;   add.u64 %rd_at, %rd_at, %rd_x;
          shl.b32 %at, %t, 2;   setp.lt.u32 %p, %t, 16;
      """;

  private record Outcome(
      int[] out, String failure, String findings, String counts, long instructions) {}

  private static Outcome run(
      PtxProgram program, CheckLevel level, int block, LaunchOptions options) {
    LaunchCounter counter = new LaunchCounter();
    try (KernelBench bench = new KernelBench(level)) {
      Slice x = bench.words("x", IntStream.range(0, FLOATS).toArray());
      String failure = "none";
      try {
        bench.launch(program, 2, block, options.withListener(counter), x, FLOATS);
      } catch (RuntimeException thrown) {
        failure = thrown.getClass() + ": " + thrown.getMessage();
      }
      String counts = counter.counts().lines() + " " + counter.counts().byName();
      return new Outcome(
          bench.words(x), failure, bench.findings.toString(), counts, bench.instructions());
    }
  }

  private static LaunchOptions options(Schedule schedule, PtxEngine engine, long perWarp) {
    LaunchOptions plain = KernelBench.options(schedule, CtaOrder.FORWARD, 3, 1, null);
    return new LaunchOptions(
        plain.schedule(),
        plain.order(),
        plain.seed(),
        plain.approximation(),
        engine,
        1,
        perWarp,
        plain.instructionsPerLaunch(),
        null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // nothing wrong but for blocks that are longer than the buffer
        "ld.global.u32 %u, [%rd_at]; add.u32 %u, %u, %n; mov.u32 %v, %u; st.global.u32 [%rd_at],"
            + " %v;",
        // a register that some lanes have not written, read once and again
        "@%p mov.u32 %u, 1; add.u32 %v, %u, 1; mov.u32 %w, %v; add.u32 %w, %u, %w; st.global.u32"
            + " [%rd_at], %w;",
        // a guard that was never set, and what it guards
        "mov.u32 %u, 3; @%q add.u32 %u, %u, 1; @!%q add.u32 %u, %u, 2; st.global.u32 [%rd_at], %u;",
        // shared memory that was not written, and past its end
        "mov.u32 %u, 5; @%p st.shared.u32 [%at], %u; ld.shared.u32 %v, [%at]; add.u32 %v, %v, 1;"
            + " st.global.u32 [%rd_at], %v;",
        // a race of lanes
        "mov.u32 %u, 0; mov.u32 %v, 4; st.shared.u32 [%u], %t; ld.shared.u32 %w, [%u]; add.u32 %w,"
            + " %w, %v;",
        // misaligned
        "add.u64 %rd_at, %rd_at, 2; mov.u32 %u, 1; ld.global.u32 %v, [%rd_at]; add.u32 %v, %v, %u;",
        // an address of nowhere
        "mov.u64 %rd_at, 4096; mov.u32 %u, 1; ld.global.u32 %v, [%rd_at]; add.u32 %v, %v, %u;",
        // lanes that part, meet and part again, with a barrier of all in between
        "@%p bra A; mov.u32 %u, 1; mov.u32 %v, 2; bra B; A: mov.u32 %u, 3; mov.u32 %v, 4; B:"
            + " add.u32 %u, %u, %v; bar.sync 0; @!%p ret; add.u32 %u, %u, 1; st.global.u32"
            + " [%rd_at], %u;",
        // warps at different barriers
        "setp.lt.u32 %q, %t, 32; @%q bra A; mov.u32 %u, 1; mov.u32 %v, 2; bar.sync 1; mov.u32 %u,"
            + " 2; ret; A: bar.sync 0; mov.u32 %u, 4; mov.u32 %v, 4;",
        // an exchange of half a warp for which the others do not come
        "mov.u32 %u, 1; mov.u32 %v, 2; @%p shfl.sync.bfly.b32 %w, %u, 1, 31, -1; add.u32 %v, %v,"
            + " %u;",
        // a product of matrices, by whole warps alone, of registers of which some lanes have none
        "@%p mov.u32 %v, 1; mov.u32 %u, 0x3C003C00;"
            + " mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%d0, %d1, %d2, %d3}, {%u, %t},"
            + " {%u}, {%v, %v, %t, %t}; st.global.u32 [%rd_at], %d1;",
        // rows of a matrix: others' words without a barrier, then with one, and past the end
        "mov.u32 %u, 5; st.shared.u32 [%at], %u; and.b32 %w, %t, 7; shl.b32 %w, %w, 4;"
            + " ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%v}, [%w]; bar.warp.sync -1;"
            + " ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%v, %u}, [%w]; add.u32 %u, %u, %v;"
            + " ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%v}, [%w+64]; st.global.u32 [%rd_at],"
            + " %u;",
        // copies that are read too early, waited for, and left
        "cp.async.ca.shared.global [%at], [%rd_at], 4; cp.async.commit_group; ld.shared.u32 %u,"
            + " [%at]; cp.async.wait_group 0; ld.shared.u32 %v, [%at]; add.u32 %u, %u, %v; @%p"
            + " cp.async.ca.shared.global [%at], [%rd_at], 4, 1; st.global.u32 [%rd_at], %u;",
        // a loop that does not end
        "mov.u32 %u, 0; A: add.u32 %u, %u, 1; add.u32 %v, %u, 1; bra A;",
      })
  void saysAndCountsTheSame(String body) {
    PtxProgram program = KernelBench.program(HEAD + body.replace("; ", ";\n") + "\nret;\n}\n");
    for (Schedule schedule : Schedule.values()) {
      for (CheckLevel level : CheckLevel.values()) {
        for (int block : List.of(1, 31, 32, 33, 40, 64)) {
          for (int perWarp = 1; perWarp < 40; perWarp += schedule == Schedule.LOCKSTEP ? 1 : 7) {
            Outcome expected =
                run(program, level, block, options(schedule, PtxEngine.REFERENCE, perWarp));
            Outcome found =
                run(program, level, block, options(schedule, PtxEngine.COMPILED, perWarp));
            assertThat(found)
                .as("%s, %s, %d threads, at most %d", schedule, level, block, perWarp)
                .usingRecursiveComparison()
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  /** Each look at a register is code, and so is each mark. */
  private static String manyLooks() {
    String adds =
        IntStream.range(0, 100)
            .mapToObj("add.u32 %%d%d, %%u, %%v;\n"::formatted)
            .collect(Collectors.joining());
    return HEAD
        + "@%p mov.u32 %u, 1; @!%p mov.u32 %u, 2;\n@%p mov.u32 %v, 1; @!%p mov.u32 %v, 2;\n"
        + adds
        + "ret;\n}\n";
  }

  @Test
  void aRunThatLooksAtManyRegistersIsParted() {
    PtxProgram program = KernelBench.program(manyLooks());
    requireShortMethods(program);
    Outcome expected =
        run(program, CheckLevel.ALL, 32, options(Schedule.LOCKSTEP, PtxEngine.REFERENCE, 1000));
    Outcome found =
        run(program, CheckLevel.ALL, 32, options(Schedule.LOCKSTEP, PtxEngine.COMPILED, 1000));
    assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    assertThat(found.failure()).isEqualTo("none");
  }

  @Test
  void noMethodOfAKernelIsTooLongToBeCompiled() {
    for (KernelSource source : KernelLibrary.bundled().all()) {
      for (DType storage : source.contract().storages()) {
        requireShortMethods(
            PtxModule.parse(source.file(), source.ptx(storage))
                .program(source.contract().entry(storage)));
      }
    }
  }

  private static void requireShortMethods(PtxProgram program) {
    DefiniteAssignment assignment = new DefiniteAssignment(program.syntax(), program.code());
    List<StraightRun> runs = StraightRun.of(program.syntax(), program.code(), assignment);
    byte[] made = CodeGenerator.bytes(program, assignment, runs);
    assertThat(ClassFile.of().parse(made).methods())
        .hasSize(runs.size() + 2)
        .allSatisfy(
            method ->
                assertThat(((CodeAttribute) method.code().orElseThrow()).codeLength())
                    .isLessThanOrEqualTo(LONGEST_COMPILED));
  }

  /** A jump forward and as many back: each register's state goes through all of them once. */
  @Test
  void findsWhatIsAssignedInAChainOfJumpsBack() {
    int jumps = 3000;
    StringBuilder text = new StringBuilder();
    text.append(".visible .entry test()\n{\n.reg .b32 %r<2000>;\nmov.u32 %r0, 1;\nbra L")
        .append(jumps);
    text.append(";\nL0: mov.u32 %r1, %r0; mov.u32 %r2, %r1; ret;\n");
    for (int i = 1; i <= jumps; i++) {
      text.append("L%d: bra L%d;\n".formatted(i, i - 1));
    }
    PtxProgram program = KernelBench.program(text.append("}\n").toString());
    DefiniteAssignment assignment = new DefiniteAssignment(program.syntax(), program.code());
    assertThat(assignment.isAssigned(2, 0)).isTrue();
    assertThat(assignment.isAssigned(2, 1)).isFalse();
    assertThat(assignment.isAssigned(3, 1)).isTrue();
  }
}

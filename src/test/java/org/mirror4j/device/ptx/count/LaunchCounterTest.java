package org.mirror4j.device.ptx.count;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.ExecutionListener;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;

class LaunchCounterTest {
  private static Instruction instruction(int index, int line, String name) {
    List<String> parts = List.of(name.split("\\."));
    return new Instruction(
        "k.ptx", line, index, parts.getFirst(), parts.subList(1, parts.size()), null, List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "fma.rn.f32, FMA",
    "add.rn.f32, FMA",
    "mul.lo.u32, FMA",
    "mad.wide.u32, FMA",
    "add.u32, ALU",
    "add.u64, ALU",
    "min.f32, ALU",
    "setp.lt.f32, ALU",
    "selp.f64, ALU",
    "mov.f64, ALU",
    "mov.b32, ALU",
    "ld.param.u64, ALU",
    "ld.const.f32, ALU",
    "cvt.u64.u32, ALU",
    "cvt.rn.f16.f32, ALU",
    "cvt.f32.bf16, ALU",
    "cvt.rn.f32.u32, SFU",
    "cvt.rzi.s32.f32, SFU",
    "div.rn.f32, SFU",
    "ex2.approx.f32, SFU",
    "rsqrt.approx.f32, SFU",
    "popc.b32, SFU",
    "add.f64, F64",
    "fma.rn.f64, F64",
    "cvt.f64.f32, F64",
    "ld.global.v4.f32, LOAD_STORE",
    "st.shared.f32, LOAD_STORE",
    "atom.global.add.u32, LOAD_STORE",
    "shfl.sync.bfly.b32, SHUFFLE",
    "vote.sync.all.pred, SHUFFLE",
    "movmatrix.sync.aligned.m8n8.trans.b16, SHUFFLE",
    "ldmatrix.sync.aligned.m8n8.x4.shared.b16, LOAD_STORE",
    "cp.async.cg.shared.global, LOAD_STORE",
    "cp.async.commit_group, CONTROL",
    "cp.async.wait_group, CONTROL",
    "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32, TENSOR",
    "bra.uni, CONTROL",
    "bar.sync, CONTROL",
    "bar.warp.sync, CONTROL",
    "ret, CONTROL",
    "membar.gl, CONTROL"
  })
  void sortsInstructionsByTheUnitTheyUse(String name, InstructionClass expected) {
    assertThat(InstructionClass.of(instruction(0, 1, name))).isEqualTo(expected);
  }

  /** Two threads, as a launch would tell them. */
  private static LaunchCounts launch() {
    Instruction load = instruction(3, 10, "ld.global.f32");
    Instruction fma = instruction(4, 10, "fma.rn.f32");
    Instruction store = instruction(70, 12, "st.shared.f32");
    Instruction branch = instruction(71, 13, "bra");
    Instruction barrier = instruction(72, 14, "bar.sync");
    Instruction warpBarrier = instruction(73, 14, "bar.warp.sync");
    Instruction atomic = instruction(74, 15, "atom.global.add.u32");
    LaunchCounter counter = new LaunchCounter();
    long[] addresses = new long[32];
    for (int thread = 0; thread < 2; thread++) {
      ExecutionListener listener = counter.get();
      for (int lane = 0; lane < 32; lane++) {
        addresses[lane] = 4096 + 4 + 4L * lane;
      }
      listener.accessed(load, StateSpace.GLOBAL, -1, addresses, 4);
      listener.executed(load, -1, -1);
      listener.executed(fma, -1, 0xFFFF);
      for (int lane = 0; lane < 32; lane++) {
        addresses[lane] = 8L * lane;
      }
      listener.accessed(store, StateSpace.SHARED, -1, addresses, 4);
      listener.executed(store, -1, -1);
      listener.diverged(branch, 1, -2);
      listener.executed(branch, -1, 1);
      listener.executed(barrier, -1, -1);
      listener.executed(warpBarrier, -1, -1);
      java.util.Arrays.fill(addresses, 8192);
      listener.accessed(atomic, StateSpace.GLOBAL, 0xF, addresses, 4);
      listener.executed(atomic, 0xF, 0xF);
    }
    return counter.counts();
  }

  @Test
  void addsUpThreadsAndLines() {
    LaunchCounts counts = launch();
    assertThat(counts.get(Counter.WARP_INSTRUCTIONS)).isEqualTo(14);
    assertThat(counts.get(Counter.THREAD_INSTRUCTIONS)).isEqualTo(2 * (6 * 32 + 4));
    assertThat(counts.get(Counter.PREDICATED_ON_THREAD_INSTRUCTIONS))
        .isEqualTo(2 * (4 * 32 + 16 + 1 + 4));
    assertThat(counts.get(Counter.FMA_INSTRUCTIONS)).isEqualTo(2);
    assertThat(counts.get(Counter.LOAD_STORE_INSTRUCTIONS)).isEqualTo(6);
    assertThat(counts.get(Counter.CONTROL_INSTRUCTIONS)).isEqualTo(6);
    assertThat(counts.get(Counter.DIVERGENT_BRANCHES)).isEqualTo(2);
    assertThat(counts.get(Counter.GLOBAL_LOAD_REQUESTS)).isEqualTo(2);
    assertThat(counts.get(Counter.GLOBAL_LOAD_SECTORS)).isEqualTo(10);
    assertThat(counts.get(Counter.GLOBAL_LOAD_IDEAL_SECTORS)).isEqualTo(8);
    assertThat(counts.get(Counter.GLOBAL_STORE_SECTORS)).isEqualTo(2);
    assertThat(counts.get(Counter.SHARED_REQUESTS)).isEqualTo(2);
    assertThat(counts.get(Counter.SHARED_WAVEFRONTS)).isEqualTo(4);
    assertThat(counts.get(Counter.SHARED_EXCESS_WAVEFRONTS)).isEqualTo(2);
    assertThat(counts.get(Counter.ATOMICS)).isEqualTo(2);
    assertThat(counts.get(Counter.ATOMIC_COLLISIONS)).isEqualTo(6);
    assertThat(counts.get(Counter.BARRIERS)).isEqualTo(2);
    // 128 bytes loaded twice, 4 bytes read and written by the atomics.
    assertThat(counts.bytesTouched()).isEqualTo(128 + 4 + 4);
    assertThat(counts.sectorBytesTouched()).isEqualTo(32 * (5 + 1 + 1));
    assertThat(counts.bytesMoved()).isEqualTo(32 * 12);
    assertThat(counts.lines().keySet()).containsExactly(10, 12, 13, 14, 15);
    assertThat(counts.lines().get(10).get(Counter.WARP_INSTRUCTIONS)).isEqualTo(4);
    assertThat(counts.total().averageActiveLanes()).isEqualTo(196.0 / 7);
  }

  /** Two for each of 16 x 8 x k products; no kernel without any has the counters in its file. */
  @Test
  void countsProductsOfMatrices() {
    Instruction deep = instruction(0, 1, "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32");
    Instruction flat = instruction(1, 2, "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32");
    LaunchCounter counter = new LaunchCounter();
    ExecutionListener listener = counter.get();
    listener.executed(deep, -1, -1);
    listener.executed(deep, -1, 0);
    listener.executed(flat, -1, -1);
    LaunchCounts counts = counter.counts();
    assertThat(counts.get(Counter.TENSOR_INSTRUCTIONS)).isEqualTo(3);
    assertThat(counts.get(Counter.TENSOR_OPERATIONS)).isEqualTo(4096 + 2048);
    assertThat(counts.lines().get(2).get(Counter.TENSOR_OPERATIONS)).isEqualTo(2048);
    assertThat(counts.byName())
        .containsEntry("tensorInstructions", 3L)
        .containsEntry("tensorOperations", 6144L);
    assertThat(launch().byName())
        .doesNotContainKeys("tensorInstructions", "tensorOperations")
        .containsEntry("f64Instructions", 0L);
  }

  @Test
  void listsTheSourceWithItsCosts() {
    String source = "a\n".repeat(9) + "load; fma;\n\nstore;\nbranch;\nbarriers;\natomic;\n";
    List<String> listing = AnnotatedListing.of(source, launch());
    assertThat(listing).hasSize(17);
    assertThat(listing.getFirst())
        .isEqualTo("     warps lanes    sectors   excess wavefronts   excess diverged | source");
    assertThat(listing.get(9)).endsWith("| a").doesNotContainPattern("[0-9]");
    assertThat(listing.get(10))
        .isEqualTo(
            "         4  32.0         10        2                              | load; fma;");
    assertThat(listing.get(12))
        .isEqualTo("         2  32.0                              4        2          | store;");
    assertThat(listing.get(13)).endsWith("       2 | branch;");
    assertThat(listing.getLast()).startsWith("        14  28.0         12").endsWith("| total");
  }

  @Test
  void filesKeepCountsAndTellDifferences(@TempDir Path folder) {
    CounterFile file = new CounterFile("k");
    file.put("n=1", launch());
    Path path = folder.resolve("k.json");
    file.write(path);
    CounterFile back = CounterFile.read(path);
    assertThat(back.differences(file)).isEmpty();
    assertThat(back.json()).isEqualTo(file.json());
    assertThat(back.json().at("/shapes/n=1/globalLoadSectors").asLong()).isEqualTo(10);
    assertThat(back.json().at("/shapes/n=1/bytesTouched").asLong()).isEqualTo(136);
    CounterFile other = new CounterFile("k");
    other.put("n=1", new LaunchCounter().counts());
    other.put("n=2", launch());
    assertThat(back.differences(other))
        .contains("k n=1: globalLoadSectors is 0, expected 10", "k n=2: not in the file")
        .doesNotContain("k n=1: f64Instructions is 0, expected 0");
    assertThat(other.differences(back)).contains("k n=2: not counted");
  }
}

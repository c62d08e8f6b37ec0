package org.mirror4j.device.ptx.count;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.ExecutionListener;
import org.mirror4j.device.ptx.syntax.Instruction;

class GpuTest {
  /** Multiprocessors, lanes and clock give the rate that the datasheet prints on its own. */
  @Test
  void ratesAreThoseOfTheDatasheets() {
    assertThat(Gpu.RTX_2080_TI.f32Teraflops()).isCloseTo(13.4, within(0.1));
    assertThat(Gpu.RTX_3090.f32Teraflops()).isCloseTo(35.6, within(0.1));
    assertThat(Gpu.RTX_4090.f32Teraflops()).isCloseTo(82.6, within(0.1));
    assertThat(Gpu.A100.f32Teraflops()).isCloseTo(19.5, within(0.1));
    assertThat(Gpu.H100.f32Teraflops()).isCloseTo(67, within(0.2));
    assertThat(Gpu.H200.f32Teraflops()).isCloseTo(67, within(0.2));
  }

  /** By hand from the tables of technical specifications. */
  @ParameterizedTest
  @CsvSource({
    // 8 warps a CTA; 32 warps resident on Turing, 64 on A100
    "0, 256, 32, 0, 4, warps",
    "3, 256, 32, 0, 8, warps",
    // 64 registers: 8 warps in each quarter
    "0, 256, 64, 0, 4, warps",
    "3, 256, 64, 0, 4, registers",
    "4, 256, 65, 0, 3, registers",
    // 255 registers: 2 warps in each quarter, one CTA of 256 threads
    "1, 256, 255, 0, 1, registers",
    // shared memory: 48 KiB in 64; in 164 with 1 KiB reserved for each
    "0, 64, 32, 49152, 1, shared",
    "3, 64, 32, 49152, 3, shared",
    // one warp each
    "0, 32, 16, 0, 16, ctas",
    "2, 32, 16, 0, 24, ctas",
    "4, 1, 16, 0, 32, ctas"
  })
  void occupancyFollowsFromTheScarcestResource(
      int gpu, int threads, int registers, int shared, int ctas, String limiter) {
    Occupancy occupancy = Occupancy.of(Gpu.ALL.get(gpu), threads, registers, shared);
    assertThat(occupancy.ctas()).isEqualTo(ctas);
    assertThat(occupancy.limiter()).isEqualTo(limiter);
    assertThat(occupancy.warps()).isEqualTo(ctas * ((threads + 31) / 32));
  }

  @Test
  void aCtaThatDoesNotFitIsAnError() {
    assertThatThrownBy(() -> Occupancy.of(Gpu.RTX_2080_TI, 1024, 128, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "RTX 2080 Ti: a CTA of 1024 threads with 128 registers and 0 bytes of shared memory"
                + " does not fit");
    long[][] threadsAndShared = {
      {32, 100 * 1024}, {32, 1L << 40}, {32, -4}, {0, 0}, {-32, 0}, {1025, 0}, {1L << 40, 0}
    };
    for (long[] cta : threadsAndShared) {
      assertThatThrownBy(() -> Occupancy.of(Gpu.RTX_3090, cta[0], 16, cta[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "a CTA of %d threads with 16 registers and %d bytes".formatted(cta[0], cta[1]));
    }
  }

  /** 53.8 TFLOP/s are 53.8 million operations a microsecond. */
  @Test
  void tensorCoresHaveARateOfTheirOwn() {
    LaunchCounter counter = new LaunchCounter();
    ExecutionListener listener = counter.get();
    List<String> name = List.of("sync", "aligned", "m16n8k16", "row", "col", "f32", "f16", "f16");
    Instruction mma = new Instruction("k.ptx", 1, 0, "mma", name, null, List.of());
    for (int i = 0; i < 538_000; i++) {
      listener.executed(mma, -1, -1);
    }
    LowerBound bound = LowerBound.of(counter.counts(), Gpu.RTX_2080_TI);
    assertThat(bound.tensorMicros()).isCloseTo(40.96, within(1e-9));
    assertThat(bound.fmaMicros()).isZero();
    assertThat(bound.limiter()).isEqualTo("tensor");
  }

  @Test
  void theLongestTermBoundsTheTime() {
    LaunchCounts copy = new LaunchCounts(new TreeMap<>(), 616_000_000, 616_000_000);
    LowerBound bound = LowerBound.of(copy, Gpu.RTX_2080_TI);
    assertThat(bound.micros()).isCloseTo(1000, within(1e-9));
    assertThat(bound.limiter()).isEqualTo("memory");

    LaunchCounter counter = new LaunchCounter();
    ExecutionListener listener = counter.get();
    Instruction fma = new Instruction("k.ptx", 1, 0, "fma", List.of("rn", "f32"), null, List.of());
    int instructions = 68 * 1545 * 2;
    for (int i = 0; i < instructions; i++) {
      listener.executed(fma, -1, -1);
    }
    // 64 lanes a clock are two warps; four warps a clock are issued.
    LowerBound busy = LowerBound.of(counter.counts(), Gpu.RTX_2080_TI);
    assertThat(busy.fmaMicros()).isCloseTo(1, within(1e-12));
    assertThat(busy.issueMicros()).isCloseTo(0.5, within(1e-12));
    assertThat(busy.limiter()).isEqualTo("fma");
    assertThat(busy.terms()).containsEntry("sfu", 0.0).containsEntry("tensor", 0.0);
  }
}

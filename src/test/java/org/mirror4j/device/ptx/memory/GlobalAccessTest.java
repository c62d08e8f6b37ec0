package org.mirror4j.device.ptx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;
import org.mirror4j.device.ptx.report.PtxException;

/** Each rule for global memory broken once, and every legal neighbour of it left alone. */
class GlobalAccessTest {
  private static final InstructionSite SITE =
      new InstructionSite("layer_norm_forward_f32.ptx", 61, "ld.global.v4.f32");

  private Findings findings;
  private GlobalMemory memory;
  private final long[] addresses = new long[32];
  private final int[] bindings = new int[32];

  /** Threads that a launch is told of; bookkeeping differs, findings must not. */
  private int threads = 1;

  @BeforeEach
  void open() {
    findings = new Findings();
    memory = new GlobalMemory(CheckLevel.ALL, findings);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private void startOver() {
    close();
    open();
  }

  private Slice floats(String name, int count) {
    Slice block = memory.allocate(name, 4L * count);
    return memory.slice(name, block.address(), 4L * count, "f32", 4, "[" + count + "]");
  }

  private GlobalAccess launch(int granule, Slice... slices) {
    Binding[] bound = new Binding[slices.length];
    for (int i = 0; i < slices.length; i++) {
      bound[i] = new Binding(String.valueOf((char) ('x' + i)), slices[i]);
    }
    return memory.beginLaunch(List.of(bound), 200, granule, threads).access(LaneRegisters.NONE);
  }

  /** Lane {@code l} at {@code first + l * stride}, all of one binding. */
  private void lanes(int binding, long first, long stride) {
    Arrays.fill(bindings, binding);
    for (int lane = 0; lane < 32; lane++) {
      addresses[lane] = first + lane * stride;
    }
  }

  private String only() {
    assertThat(findings.list()).hasSize(1);
    return findings.list().getFirst().toString();
  }

  @Test
  void anAccessPastTheEndNamesTensorAndLane() {
    Slice x = floats("encoder.3.x", 393216);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    GlobalAccess access = launch(4, x);
    access.beginCta(128);
    lanes(1, x.address() + 4 * (393216 - 128), 16);
    access.load(SITE, 0, -1, addresses, bindings, 16);
    assertThat(findings.list()).isEmpty();
    addresses[5] = x.address() + 4 * 393216;
    assertThatThrownBy(() -> access.load(SITE, 0, -1, addresses, bindings, 16))
        .isInstanceOf(PtxException.class)
        .hasMessage(
            "out of bounds: layer_norm_forward_f32.ptx:61 ld.global.v4.f32: 16 bytes at"
                + " x[393216..393219] past the end of 'encoder.3.x' f32[393216]; cta 128, warp 0,"
                + " lane 5");
    // A lane that does not execute may hold any address.
    access.load(SITE, 0, ~(1 << 5), addresses, bindings, 16);
  }

  @Test
  void anAccessMayNotReachTheNeighbourInOneBlock() {
    Slice block = memory.allocate("arena", 64);
    memory.fill(block.address(), 64, (byte) 0);
    Slice first = memory.slice("first", block.address(), 32, "f32", 4, "[8]");
    Slice second = memory.slice("second", block.address() + 32, 32, "f32", 4, "[8]");
    GlobalAccess access = launch(4, first, second);
    lanes(1, block.address() + 32, 0);
    assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("x[8] past the end of 'first' f32[8]");
    lanes(2, block.address() + 28, 0);
    assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("y[-1] before the start of 'second' f32[8]");
    lanes(1, block.address() + 16, 0);
    assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, 32))
        .hasMessageContaining("x[4..11] past the end of 'first'");
    bindings[0] = 0;
    access.load(SITE, 0, 1, addresses, bindings, 16);
    addresses[0] = block.address() + 64;
    assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("outside every allocation");
  }

  @Test
  void aVectorAccessIsAlignedAsAWhole() {
    Slice x = floats("x", 64);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    GlobalAccess access = launch(4, x);
    for (int bytes : new int[] {2, 4, 8, 16}) {
      lanes(1, x.address() + bytes, 0);
      access.load(SITE, 0, 1, addresses, bindings, bytes);
      addresses[0] = x.address() + bytes / 2;
      assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, bytes))
          .isInstanceOf(PtxException.class)
          .hasMessageContaining(
              "is %d past a multiple of %d; cta 0, warp 0, lane 0".formatted(bytes / 2, bytes));
    }
    assertThat(findings.lines(check -> check == Check.MISALIGNED))
        .singleElement()
        .asString()
        .endsWith(" (4 times)");
  }

  @Test
  void freedMemoryIsNotTouched() {
    Slice x = floats("x", 8);
    memory.free(x.address());
    GlobalAccess access = launch(4, x);
    lanes(1, x.address(), 0);
    assertThatThrownBy(() -> access.store(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("x[0] of 'x' f32[8], which was freed");
    bindings[0] = 0;
    assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("use after free");
  }

  @Test
  void readOnlyTensorsAreNotStoredTo() {
    Slice x = floats("x", 8);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    GlobalAccess access = launch(4, x.readOnly());
    lanes(1, x.address(), 0);
    access.load(SITE, 0, 1, addresses, bindings, 4);
    assertThatThrownBy(() -> access.store(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("x[0], but 'x' f32[8] may only be read");
    assertThatThrownBy(() -> access.atomic(SITE, 0, 1, addresses, bindings, 4))
        .hasMessageContaining("read only");
  }

  @Test
  void readsOfUnwrittenBytesAreFound() {
    for (int bytes : new int[] {1, 2, 4, 8, 16}) {
      for (int missing = 0; missing < bytes; missing++) {
        startOver();
        Slice x = floats("x", 8);
        memory.fill(x.address(), missing, (byte) 0);
        memory.fill(x.address() + missing + 1, 31 - missing, (byte) 0);
        GlobalAccess access = launch(1, x);
        lanes(1, x.address(), 0);
        access.load(SITE, 3, 1 << 7, addresses, bindings, bytes);
        assertThat(only()).contains("of 'x' f32[8] were never written; cta 0, warp 3, lane 7");
        access.store(SITE, 3, 1 << 7, addresses, bindings, bytes);
        access.load(SITE, 3, 1 << 7, addresses, bindings, bytes);
        assertThat(findings.toString().lines()).singleElement().isEqualTo(only());
      }
    }
    startOver();
    Slice y = floats("y", 1);
    GlobalAccess access = launch(4, y);
    lanes(1, y.address(), 0);
    access.atomic(SITE, 0, 1, addresses, bindings, 4);
    access.atomic(SITE, 0, 1, addresses, bindings, 4);
    assertThat(findings.toString().lines()).singleElement().isEqualTo(only());
  }

  private interface Access {
    void on(GlobalAccess access, int mask);
  }

  /** What CTA 3 and then CTA 7 do to one word; whether that is a race. */
  private boolean races(Access third, Access seventh) {
    startOver();
    Slice x = floats("x", 8);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    GlobalAccess access = launch(4, x);
    lanes(1, x.address(), 0);
    access.beginCta(3);
    third.on(access, 1);
    access.beginCta(7);
    seventh.on(access, 1);
    return !findings.lines(check -> check == Check.GLOBAL_RACE).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void twoCtasMayNotMeetInAWordIfOneWrites(int count) {
    threads = count;
    Access load = (access, mask) -> access.load(SITE, 0, mask, addresses, bindings, 4);
    Access store = (access, mask) -> access.store(SITE, 0, mask, addresses, bindings, 4);
    Access atomic = (access, mask) -> access.atomic(SITE, 0, mask, addresses, bindings, 4);
    assertThat(races(load, load)).isFalse();
    assertThat(races(atomic, atomic)).isFalse();
    assertThat(races(load, store)).isTrue();
    assertThat(only())
        .endsWith(
            "x[0] of 'x' f32[8] written, read or written by cta 3 in the same launch; cta 7, warp"
                + " 0, lane 0");
    assertThat(races(store, load)).isTrue();
    assertThat(races(store, store)).isTrue();
    assertThat(races(load, atomic)).isTrue();
    assertThat(races(atomic, load)).isTrue();
    assertThat(races(store, atomic)).isTrue();
    assertThat(races(atomic, store)).isTrue();
    // A plain store is not forgotten behind an atomic of the same CTA.
    assertThat(
            races(
                (access, mask) -> {
                  store.on(access, mask);
                  atomic.on(access, mask);
                },
                atomic))
        .isTrue();
  }

  @Test
  void oneCtaMayDoWhatItLikesWithItsWords() {
    Slice x = floats("x", 8);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    for (int launch = 0; launch < 3; launch++) {
      GlobalAccess access = launch(4, x);
      // Another CTA each launch: what earlier launches did is ordered before.
      access.beginCta(launch);
      lanes(1, x.address(), 0);
      for (int round = 0; round < 2; round++) {
        access.load(SITE, 0, -1, addresses, bindings, 4);
        access.store(SITE, 0, -1, addresses, bindings, 4);
        access.atomic(SITE, 0, -1, addresses, bindings, 4);
        access.load(SITE, 1, -1, addresses, bindings, 16);
      }
    }
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void severalReadersAreHeldAgainstAWriterThatReadAsWell() {
    Slice x = floats("x", 8);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    GlobalAccess access = launch(4, x);
    lanes(1, x.address(), 0);
    for (int cta : new int[] {0, 1, 0}) {
      access.beginCta(cta);
      access.load(SITE, 0, 1, addresses, bindings, 4);
    }
    access.store(SITE, 0, 1, addresses, bindings, 4);
    assertThat(only()).contains("written, read or written by several other CTAs");
  }

  @Test
  void halvesOfAWordAreApartIfTheKernelMovesHalves() {
    for (int granule : new int[] {2, 4}) {
      startOver();
      Slice x = floats("x", 8);
      memory.fill(x.address(), x.bytes(), (byte) 0);
      GlobalAccess access = launch(granule, x);
      for (int cta = 0; cta < 2; cta++) {
        access.beginCta(cta);
        lanes(1, x.address() + 2 * cta, 0);
        access.store(SITE, 0, 1, addresses, bindings, 2);
      }
      assertThat(findings.isEmpty()).isEqualTo(granule == 2);
      // A vector access covers both halves; as a whole word, the last writer is this CTA itself.
      String before = findings.toString();
      lanes(1, x.address(), 0);
      access.load(SITE, 0, 1, addresses, bindings, 16);
      assertThat(findings.toString().equals(before)).isEqualTo(granule == 4);
      assertThat(only()).startsWith("global race: ");
    }
  }

  @Test
  void stampsOfEarlierLaunchesStayStaleWhenTheyRunOut() {
    Slice x = floats("x", 8);
    memory.fill(x.address(), x.bytes(), (byte) 0);
    List<Binding> bound = List.of(new Binding("x", x));
    lanes(1, x.address(), 0);
    String before = "";
    for (int launch = 0; launch < 9; launch++) {
      GlobalAccess access = memory.beginLaunch(bound, 1 << 29, 4, 1).access(LaneRegisters.NONE);
      for (int cta : new int[] {0, (1 << 29) - 1}) {
        access.beginCta(cta);
        access.load(SITE, 0, 1, addresses, bindings, 4);
      }
      assertThat(findings.toString()).isEqualTo(before);
      access.store(SITE, 0, 1, addresses, bindings, 4);
      assertThat(findings.toString()).isNotEqualTo(before).startsWith("global race: ");
      before = findings.toString();
    }
  }

  @Test
  void outputsLeftUnwrittenAreListed() {
    Slice x = floats("x", 12);
    LaunchMemory launch = memory.beginLaunch(List.of(new Binding("y", x)), 1, 4, 1);
    GlobalAccess access = launch.access(LaneRegisters.NONE);
    lanes(1, x.address(), 4);
    access.store(SITE, 0, 0b1001_1110_0110, addresses, bindings, 4);
    launch.requireAllWritten(1, "k.ptx");
    assertThat(only())
        .isEqualTo(
            "unwritten output: k.ptx: 5 of 12 elements of output y = 'x' f32[12] not written: [0],"
                + " [3..4], [9..10]");
    access.store(SITE, 0, 0b0110_0001_1001, addresses, bindings, 4);
    launch.requireAllWritten(1, "k.ptx");
    assertThat(findings.toString().lines()).singleElement().isEqualTo(only());
    startOver();
    Slice y = floats("y", 12);
    memory.beginLaunch(List.of(new Binding("y", y)), 1, 4, 1).requireAllWritten(1, "k.ptx");
    assertThat(only()).contains("12 of 12");
  }

  @Test
  void boundsAloneStillProtectMemory() {
    Findings few = new Findings();
    try (GlobalMemory bounds = new GlobalMemory(CheckLevel.BOUNDS, few)) {
      Slice x = bounds.allocate("x", 32);
      LaunchMemory launch = bounds.beginLaunch(List.of(new Binding("x", x)), 4, 4, 1);
      GlobalAccess access = launch.access(LaneRegisters.NONE);
      lanes(1, x.address(), 0);
      for (int cta = 0; cta < 4; cta++) {
        access.beginCta(cta);
        access.load(SITE, 0, -1, addresses, bindings, 16);
        access.store(SITE, 0, -1, addresses, bindings, 16);
      }
      launch.requireAllWritten(1, "k.ptx");
      assertThat(few.isEmpty()).isTrue();
      lanes(1, x.address() + 32, 0);
      assertThatThrownBy(() -> access.load(SITE, 0, 1, addresses, bindings, 1))
          .isInstanceOf(PtxException.class);
    }
  }
}

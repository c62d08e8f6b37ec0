package org.mirror4j.device.ptx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;
import org.mirror4j.device.ptx.report.PtxException;

class SharedMemoryTest {
  private static final InstructionSite SITE = new InstructionSite("k.ptx", 9, "ld.shared.f32");

  private Findings findings;
  private SharedMemory shared;
  private final long[] addresses = new long[32];

  @BeforeEach
  void startOver() {
    findings = new Findings();
    shared = new SharedMemory(1024, 4, CheckLevel.ALL, findings, LaneRegisters.NONE);
    shared.beginCta(12);
  }

  private void lanes(long first, long stride) {
    for (int lane = 0; lane < 32; lane++) {
      addresses[lane] = first + lane * stride;
    }
  }

  private String only() {
    assertThat(findings.list()).hasSize(1);
    return findings.list().getFirst().toString();
  }

  @Test
  void accessesStayInside() {
    lanes(1008, 0);
    shared.store(SITE, 0, 1, addresses, 16);
    for (long address : new long[] {-4, 1012, 1024, 1L << 32, Long.MAX_VALUE}) {
      addresses[0] = address & ~15L;
      long whole = addresses[0];
      if (whole != 1008) {
        assertThatThrownBy(() -> shared.load(SITE, 0, 1, addresses, 16))
            .isInstanceOf(PtxException.class)
            .hasMessageContaining("outside 1024 bytes of shared memory; cta 12, warp 0, lane 0");
      }
    }
  }

  @Test
  void accessesAreAligned() {
    lanes(24, 0);
    shared.store(SITE, 0, 1, addresses, 8);
    assertThatThrownBy(() -> shared.store(SITE, 0, 1, addresses, 16))
        .isInstanceOf(PtxException.class)
        .hasMessageContaining("16 bytes at shared[24] is 8 past a multiple of 16");
  }

  @Test
  void readsOfUnwrittenBytesAreFoundAndFreshMemoryIsNan() {
    assertThat(Float.intBitsToFloat(shared.getWord(1020))).isNaN();
    for (int bytes : new int[] {1, 2, 4, 8, 16}) {
      for (int missing = 0; missing < bytes; missing++) {
        startOver();
        for (int i = 0; i < bytes; i++) {
          if (i != missing) {
            lanes(64 + i, 0);
            shared.store(SITE, 0, 1, addresses, 1);
          }
        }
        lanes(64, 0);
        shared.load(SITE, 0, 1, addresses, bytes);
        assertThat(only())
            .isEqualTo(
                "uninitialised: k.ptx:9 ld.shared.f32: %d bytes at shared[64..%d] were never written; cta 12, warp 0, lane 0"
                    .formatted(bytes, 63 + bytes));
        shared.store(SITE, 0, 1, addresses, bytes);
        shared.load(SITE, 0, 1, addresses, bytes);
        assertThat(findings.toString().lines()).singleElement().isEqualTo(only());
      }
    }
  }

  @Test
  void aNewCtaFindsNothingOfTheOneBefore() {
    lanes(0, 4);
    shared.store(SITE, 0, -1, addresses, 4);
    shared.putWord(0, 7);
    shared.beginCta(13);
    assertThat(shared.getWord(0)).isEqualTo(Allocation.FRESH_WORD);
    // Other lanes at the same words: no race with the CTA before.
    shared.store(SITE, 1, -1, addresses, 4);
    assertThat(findings.list()).isEmpty();
    addresses[0] = 128;
    shared.load(SITE, 1, 1, addresses, 4);
    assertThat(only()).startsWith("uninitialised: ");
  }

  @Test
  void twoLanesOfOneStoreMayNotShareAWord() {
    lanes(0, 4);
    addresses[31] = 0;
    shared.store(SITE, 2, -1, addresses, 4);
    assertThat(only())
        .isEqualTo(
            "shared race: k.ptx:9 ld.shared.f32: shared[0..3] written, read or written by warp 2,"
                + " lane 0 with no barrier between; cta 12, warp 2, lane 31");
  }

  @Test
  void aReductionWithItsBarriersIsClean() {
    // Each warp writes a word, a barrier, all read all words, a barrier, the words are used again.
    for (int round = 0; round < 3; round++) {
      for (int warp = 0; warp < 8; warp++) {
        lanes(4L * warp, 0);
        shared.store(SITE, warp, 1, addresses, 4);
      }
      shared.ctaBarrier();
      for (int warp = 0; warp < 8; warp++) {
        lanes(0, 0);
        for (int lane = 0; lane < 8; lane++) {
          addresses[lane] = 4L * lane;
        }
        shared.load(SITE, warp, 0xFF, addresses, 4);
      }
      shared.ctaBarrier();
    }
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void aMissingSecondBarrierIsFound() {
    lanes(0, 0);
    shared.store(SITE, 0, 1, addresses, 4);
    shared.ctaBarrier();
    shared.load(SITE, 1, 1, addresses, 4);
    shared.load(SITE, 0, 1, addresses, 4);
    shared.store(SITE, 0, 1, addresses, 4);
    assertThat(only()).contains("by warp 1, lane 0 with no barrier between");
  }

  @Test
  void halvesOfAWordAreApartIfTheKernelMovesHalves() {
    SharedMemory halves = new SharedMemory(64, 2, CheckLevel.ALL, findings, LaneRegisters.NONE);
    halves.beginCta(0);
    lanes(0, 2);
    halves.store(SITE, 0, -1, addresses, 2);
    assertThat(findings.list()).isEmpty();
    halves.load(SITE, 0, 1, addresses, 4);
    assertThat(only()).startsWith("shared race: ");
  }

  @Test
  void movesBytesOfEveryWidth() {
    shared.putDoubleWord(8, 0x1122334455667788L);
    assertThat(shared.getDoubleWord(8)).isEqualTo(0x1122334455667788L);
    assertThat(shared.getWord(8)).isEqualTo(0x55667788);
    assertThat(shared.getHalf(12)).isEqualTo((short) 0x3344);
    assertThat(shared.getByte(15)).isEqualTo((byte) 0x11);
    shared.putByte(8, (byte) 0xAA);
    shared.putHalf(10, (short) 0xBBCC);
    assertThat(shared.getWord(8)).isEqualTo(0xBBCC77AA);
  }

  @Test
  void boundsAloneStillProtectMemory() {
    SharedMemory few = new SharedMemory(64, 4, CheckLevel.BOUNDS, findings, LaneRegisters.NONE);
    few.beginCta(0);
    Arrays.fill(addresses, 0);
    few.load(SITE, 0, -1, addresses, 4);
    few.store(SITE, 0, -1, addresses, 4);
    few.atomic(SITE, 1, -1, addresses, 4);
    few.ctaBarrier();
    few.warpBarrier(0);
    assertThat(findings.list()).isEmpty();
    addresses[0] = 64;
    assertThatThrownBy(() -> few.store(SITE, 0, 1, addresses, 4)).isInstanceOf(PtxException.class);
  }
}

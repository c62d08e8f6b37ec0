package org.mirror4j.device.ptx.count;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestShapeTest {
  private final RequestShape shape = new RequestShape();
  private final long[] addresses = new long[32];

  private void lanes(long first, long stride) {
    for (int lane = 0; lane < 32; lane++) {
      addresses[lane] = first + lane * stride;
    }
  }

  /** Consecutive lanes: aligned, shifted by one element, every other element, all at one place. */
  @ParameterizedTest
  @CsvSource({
    "2, 0, 2, 2, 2", "4, 0, 4, 4, 4", "8, 0, 8, 8, 8", "16, 0, 16, 16, 16",
    "2, 2, 2, 3, 2", "4, 4, 4, 5, 4", "8, 8, 8, 9, 8", "16, 16, 16, 17, 16",
    "4, 0, 8, 8, 4", "4, 0, 128, 32, 4", "4, 0, 0, 1, 1", "16, 0, 0, 1, 1"
  })
  void countsSectors(int bytes, long offset, long stride, int sectors, int ideal) {
    lanes(1 << 20 | offset, stride);
    shape.global(-1, addresses, bytes);
    assertThat(shape.sectors()).isEqualTo(sectors);
    assertThat(shape.idealSectors()).isEqualTo(ideal);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 4, 1, 1",
    "8, 8, 2, 2",
    "16, 16, 4, 4",
    "2, 2, 1, 1",
    "4, 0, 1, 1",
    "4, 8, 2, 1",
    "4, 128, 32, 1",
    "4, 132, 1, 1",
    "8, 16, 4, 2",
    "16, 128, 32, 4"
  })
  void countsWavefronts(int bytes, long stride, int wavefronts, int ideal) {
    lanes(0, stride);
    shape.shared(-1, addresses, bytes);
    assertThat(shape.wavefronts()).isEqualTo(wavefronts);
    assertThat(shape.idealWavefronts()).isEqualTo(ideal);
  }

  @Test
  void groupsWithoutLanesCostNothing() {
    lanes(0, 16);
    shape.shared(0x0000_00FF, addresses, 16);
    assertThat(shape.wavefronts()).isEqualTo(1);
    shape.shared(0x8000_0001, addresses, 16);
    assertThat(shape.wavefronts()).isEqualTo(2);
    shape.shared(0x8000_0000, addresses, 8);
    assertThat(shape.wavefronts()).isEqualTo(1);
  }

  @Test
  void countsDifferentAddressesOfAtomics() {
    lanes(0, 4);
    addresses[7] = 0;
    addresses[9] = 8;
    shape.atomic(-1, addresses);
    assertThat(shape.distinctAddresses()).isEqualTo(30);
  }

  /** Sets and maps, straight from the definitions, over drawn requests. */
  @Test
  void agreesWithTheDefinitions() {
    Random random = new Random(51);
    // One of each, so that a request follows one in the same space.
    RequestShape global = new RequestShape();
    RequestShape shared = new RequestShape();
    int bytesBefore = 4;
    int maskBefore = -1;
    for (int round = 0; round < 5000; round++) {
      int bytes = random.nextBoolean() ? bytesBefore : 1 << random.nextInt(5);
      int drawn = random.nextBoolean() ? -1 : random.nextInt() | 1 << random.nextInt(32);
      int mask = random.nextBoolean() ? maskBefore : drawn;
      int span = 1 + random.nextInt(200);
      // Many requests are like the one before, but elsewhere, some of these by other lanes.
      boolean moved = bytes == bytesBefore && random.nextBoolean();
      long by = (long) bytes * random.nextInt(40);
      for (int lane = 0; lane < 32; lane++) {
        addresses[lane] = moved ? addresses[lane] + by : (long) bytes * random.nextInt(span);
      }
      bytesBefore = bytes;
      maskBefore = mask;
      Set<Long> touched = new HashSet<>();
      Set<Long> sectors = new HashSet<>();
      int groups = bytes == 16 ? 4 : bytes == 8 ? 2 : 1;
      int wavefronts = 0;
      for (int group = 0; group < groups; group++) {
        Map<Long, Set<Long>> banks = new HashMap<>();
        for (int lane = group * 32 / groups; lane < (group + 1) * 32 / groups; lane++) {
          for (long b = addresses[lane];
              (mask >>> lane & 1) == 1 && b < addresses[lane] + bytes;
              b++) {
            touched.add(b);
            sectors.add(b / 32);
            banks.computeIfAbsent(b / 4 % 32, k -> new HashSet<>()).add(b / 4);
          }
        }
        wavefronts += banks.values().stream().mapToInt(Set::size).max().orElse(0);
      }
      global.global(mask, addresses, bytes);
      assertThat(global.sectors()).isEqualTo(sectors.size());
      assertThat(global.idealSectors()).isEqualTo((touched.size() + 31) / 32);
      shared.shared(mask, addresses, bytes);
      assertThat(shared.wavefronts()).isEqualTo(wavefronts);
    }
  }

  @Test
  void aSetOfBytesCountsEachOnce() {
    ByteSet set = new ByteSet();
    ByteSet other = new ByteSet();
    Set<Long> expected = new HashSet<>();
    Random random = new Random(52);
    for (int i = 0; i < 5000; i++) {
      // Up to what a warp moves, here and there from one page into the next.
      int bytes = random.nextInt(513);
      long address = (1L << 40) + random.nextInt(300_000);
      (random.nextBoolean() ? set : other).add(address, bytes);
      for (int b = 0; b < bytes; b++) {
        expected.add(address + b);
      }
    }
    set.addAll(other);
    assertThat(set.size()).isEqualTo(expected.size());
    assertThat(set.sectors())
        .isEqualTo(expected.stream().map(address -> address / 32).distinct().count());
  }
}

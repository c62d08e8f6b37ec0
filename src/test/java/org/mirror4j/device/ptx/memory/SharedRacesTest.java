package org.mirror4j.device.ptx.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two entries a granule against the whole history of accesses, over drawn programs. */
class SharedRacesTest {
  private enum Kind {
    READ,
    WRITE,
    ATOMIC
  }

  private record Access(Kind kind, int thread, int first, int last, int epoch, int warpEpoch) {}

  /** Every access since the beginning, and the definition of a conflict. */
  private static final class History {
    private final List<Access> accesses = new ArrayList<>();
    private final int[] warpEpochs = new int[32];
    private int epoch;

    /** Whether an access conflicts with an earlier one. */
    boolean add(Kind kind, int thread, int address, int bytes, int granule) {
      Access access =
          new Access(
              kind,
              thread,
              address / granule,
              (address + bytes - 1) / granule,
              epoch,
              warpEpochs[thread / 32]);
      boolean conflict = accesses.stream().anyMatch(earlier -> conflicts(earlier, access));
      accesses.add(access);
      return conflict;
    }

    private static boolean conflicts(Access a, Access b) {
      boolean meet = a.first <= b.last && b.first <= a.last;
      boolean ordered =
          a.epoch != b.epoch
              || a.thread / 32 == b.thread / 32 && a.warpEpoch != b.warpEpoch
              || a.thread == b.thread;
      boolean harmless = a.kind == b.kind && a.kind != Kind.WRITE;
      return meet && !ordered && !harmless;
    }
  }

  /** Programs are drawn with many barriers, so that most go on for a while before they conflict. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void findsAConflictExactlyWhereTheHistoryHasOne(int granule) {
    int conflicts = 0;
    int clean = 0;
    for (int program = 0; program < 20_000; program++) {
      Random random = new Random(program);
      SharedRaces races = new SharedRaces(32, granule);
      History history = new History();
      int[] threads = {0, 1, 31, 32, 33, 1023};
      int barriers = 1 + random.nextInt(6);
      boolean atomics = random.nextInt(3) == 0;
      for (int step = 0; step < 60; step++) {
        int thread = threads[random.nextInt(threads.length)];
        int choice = random.nextInt(12);
        if (choice < barriers) {
          if (random.nextBoolean()) {
            races.ctaBarrier();
            history.epoch++;
          } else {
            races.warpBarrier(thread / 32);
            history.warpEpochs[thread / 32]++;
          }
          continue;
        }
        int bytes = Math.max(granule, 1 << random.nextInt(5));
        int address = random.nextInt(32 / bytes) * bytes;
        // An atomic and a plain write of one warp on two sides of its barrier share one entry.
        Kind kind = Kind.values()[random.nextInt(2)];
        if (atomics && kind == Kind.WRITE) {
          kind = Kind.ATOMIC;
        }
        int other =
            switch (kind) {
              case READ -> races.read(thread, address, bytes);
              case WRITE -> races.write(thread, address, bytes);
              case ATOMIC -> races.atomic(thread, address, bytes);
            };
        boolean expected = history.add(kind, thread, address, bytes, granule);
        if (other >= 0 != expected) {
          assertThat(other >= 0).as("program %d, step %d", program, step).isEqualTo(expected);
        }
        if (other >= 0) {
          assertThat(other).isIn(0, 1, 31, 32, 33, 1023);
        }
        clean += expected ? 0 : 1;
        if (expected) {
          conflicts++;
          break;
        }
      }
    }
    assertThat(conflicts).isGreaterThan(5000);
    assertThat(clean).isGreaterThan(50_000);
  }

  @Test
  void aPlainWriteStandsBeforeAnAtomicOfTheSameLane() {
    SharedRaces races = new SharedRaces(4, 4);
    races.ctaBarrier();
    assertThat(races.write(5, 0, 4)).isEqualTo(-1);
    assertThat(races.atomic(5, 0, 4)).isEqualTo(-1);
    assertThat(races.atomic(6, 0, 4)).isEqualTo(5);
  }

  @Test
  void aPlainWriteConflictsWithAnAtomicOfAnotherLane() {
    SharedRaces races = new SharedRaces(4, 4);
    races.ctaBarrier();
    assertThat(races.atomic(5, 0, 4)).isEqualTo(-1);
    assertThat(races.atomic(6, 0, 4)).isEqualTo(-1);
    assertThat(races.write(6, 0, 4)).isEqualTo(5);
    races.ctaBarrier();
    assertThat(races.write(7, 0, 4)).isEqualTo(-1);
    races.warpBarrier(0);
    assertThat(races.atomic(6, 0, 4)).isEqualTo(-1);
    assertThat(races.atomic(40, 0, 4)).isNotEqualTo(40);
  }
}

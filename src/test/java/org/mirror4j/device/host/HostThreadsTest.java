package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A team of threads after something went wrong. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostThreadsTest {
  private static final int PIECES = 100;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aPieceThatFailsLeavesTheTeamUsable(int size) {
    try (HostThreads threads = new HostThreads(size)) {
      for (int round = 0; round < 50; round++) {
        assertThatThrownBy(
                () ->
                    threads.run(
                        PIECES,
                        (index, worker) -> {
                          if (index % 7 == 3) {
                            throw new IllegalStateException("piece " + index);
                          }
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("piece ");
        AtomicIntegerArray runs = new AtomicIntegerArray(PIECES);
        threads.run(PIECES, (index, worker) -> runs.incrementAndGet(index));
        for (int index = 0; index < PIECES; index++) {
          assertThat(runs.get(index)).as("runs of piece %d", index).isEqualTo(1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anEndedTeamRunsNothing(int size) {
    HostThreads threads = new HostThreads(size);
    threads.close();
    threads.close();
    assertThatThrownBy(() -> threads.run(PIECES, (index, worker) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the threads of the device have ended");
  }

  @Test
  void noPiecesAreNoWork() {
    try (HostThreads threads = new HostThreads(2)) {
      threads.run(
          0,
          (index, worker) -> {
            throw new IllegalStateException("piece " + index);
          });
    }
  }
}

package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CheckpointIntervalTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void stepsOrSecondsWhicheverComesFirst() {
    CheckpointInterval interval = interval(5, 60);
    assertThat(interval.due(4, 59 * SECOND)).isFalse();
    assertThat(interval.due(5, SECOND)).isTrue();
    assertThat(interval.due(4, 60 * SECOND)).isTrue();
    interval.written(60 * SECOND, 61 * SECOND);
    assertThat(interval.due(6, 120 * SECOND)).isFalse();
    assertThat(interval.due(6, 121 * SECOND)).isTrue();
  }

  @Test
  void byTimeCheckpointsTakeATenthOfTheTimeAtMost() {
    CheckpointInterval interval = interval(RunOptions.NEVER, 60);
    interval.written(60 * SECOND, 80 * SECOND);
    assertThat(interval.due(7, (80 + 179) * SECOND)).isFalse();
    assertThat(interval.due(7, (80 + 180) * SECOND)).isTrue();
  }

  private static CheckpointInterval interval(int steps, int seconds) {
    return new CheckpointInterval(new RunOptions(steps, seconds, false, false), 0);
  }
}

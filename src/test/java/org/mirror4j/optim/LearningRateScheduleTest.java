package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
  @Test
  void constant() {
    LearningRateSchedule schedule = LearningRateSchedule.constant(2e-5);
    assertThat(schedule.rate(1)).isEqualTo(2e-5);
    assertThat(schedule.rate(1_000_000)).isEqualTo(2e-5);
  }

  @Test
  void risesAndFalls() {
    assertThat(rates(LearningRateSchedule.linear(8, 4, 12), 12))
        .containsExactly(2, 4, 6, 8, 8, 7, 6, 5, 4, 3, 2, 1);
  }

  @Test
  void withoutWarmUp() {
    assertThat(rates(LearningRateSchedule.linear(4, 0, 4), 5)).containsExactly(4, 3, 2, 1, 0);
  }

  /** A run shorter than its warm-up ends at the peak. */
  @Test
  void nothingButWarmUp() {
    LearningRateSchedule schedule = LearningRateSchedule.linear(3, 3, 3);
    assertThat(rates(schedule, 3)).containsExactly(1, 2, 3);
    assertThat(schedule.rate(2)).isCloseTo(2, within(0.0));
  }

  @Test
  void fromZero() {
    assertThat(rates(LearningRateSchedule.linearFromZero(8, 4, 12), 13))
        .containsExactly(0, 2, 4, 6, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    assertThat(rates(LearningRateSchedule.linearFromZero(4, 0, 4), 4)).containsExactly(4, 3, 2, 1);
  }

  /** After 4 of 16 steps the rate is that of 12 left. */
  @Test
  void overWarmup() {
    assertThat(rates(LearningRateSchedule.linearOverWarmup(16, 4, 16), 18))
        .containsExactly(0, 4, 8, 12, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0);
    assertThat(rates(LearningRateSchedule.linearOverWarmup(4, 0, 4), 4))
        .containsExactly(4, 3, 2, 1);
  }

  private static double[] rates(LearningRateSchedule schedule, int steps) {
    return IntStream.rangeClosed(1, steps).mapToDouble(schedule::rate).toArray();
  }
}

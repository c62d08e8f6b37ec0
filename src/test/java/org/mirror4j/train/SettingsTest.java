package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void stepsAreThoseOfTheEpochsOrFewer() {
    assertThat(Settings.steps(3, 7, 0)).isEqualTo(21);
    assertThat(Settings.steps(3, 7, 22)).isEqualTo(21);
    assertThat(Settings.steps(3, 7, 20)).isEqualTo(20);
    assertThat(Settings.steps(0.5, 7, 0)).isEqualTo(3);
    assertThat(Settings.steps(1, Integer.MAX_VALUE, 0)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void moreThanCanBeCountedAreRefusedOrEndBefore() {
    assertThat(Settings.steps(2_000_000_000, 10, 5)).isEqualTo(5);
    assertThat(Settings.steps(1e300, 10, 5)).isEqualTo(5);
    assertThatThrownBy(() -> Settings.steps(2_000_000_000, 10, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--epochs is 2000000000, expected at most 214748364 with 10 steps an epoch");
    assertThatThrownBy(() -> Settings.steps(1e300, 10, 0))
        .hasMessage("--epochs is 1.0E300, expected at most 214748364 with 10 steps an epoch");
  }
}

package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.tensor.DType;

class LossScalerTest {
  @Test
  void growsAfterTwoThousandUpdatesInARow() {
    LossScaler scaler = LossScaler.of(DType.F16);
    assertThat(scaler.scale()).isEqualTo(65536f);
    update(scaler, 1999);
    assertThat(scaler.skip()).isTrue();
    assertThat(scaler.scale()).isEqualTo(32768f);
    update(scaler, 1999);
    assertThat(scaler.scale()).isEqualTo(32768f);
    update(scaler, 1);
    assertThat(scaler.scale()).isEqualTo(65536f);
    assertThat(scaler.skippedSteps()).isEqualTo(1);
    update(scaler, 9 * 2000);
    assertThat(scaler.scale()).isEqualTo(0x1p24f);
  }

  /** Where a gradient is not finite without a scale, skipping would never end. */
  @Test
  void halvesDownToOne() {
    LossScaler scaler = LossScaler.of(DType.F16);
    for (int i = 0; i < 16; i++) {
      assertThat(scaler.skip()).isTrue();
    }
    assertThat(scaler.scale()).isEqualTo(1f);
    assertThat(scaler.skip()).isFalse();
    assertThat(scaler.skippedSteps()).isEqualTo(16);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void staysOneWhereTheRangeIsThatOfF32(DType storage) {
    LossScaler scaler = LossScaler.of(storage);
    assertThat(scaler.dynamic()).isFalse();
    update(scaler, 2000);
    assertThat(scaler.scale()).isEqualTo(1f);
    assertThat(scaler.skip()).isFalse();
    assertThat(scaler.state()).isEqualTo(new LossScaler.State(1, 0, 0));
  }

  @Test
  void goesOnFromItsState() {
    LossScaler stopped = LossScaler.of(DType.F16);
    stopped.skip();
    update(stopped, 1990);
    LossScaler resumed = LossScaler.of(DType.F16);
    resumed.restore(stopped.state());
    update(resumed, 9);
    assertThat(resumed.scale()).isEqualTo(32768f);
    update(resumed, 1);
    assertThat(resumed.state()).isEqualTo(new LossScaler.State(65536, 0, 1));
  }

  @ParameterizedTest
  @CsvSource({"NaN, 0, 0", "0.5, 0, 0", "Infinity, 0, 0", "2, -1, 0", "2, 0, -1"})
  void refusesWhatIsNoState(float scale, int goodSteps, int skippedSteps) {
    assertThatThrownBy(() -> new LossScaler.State(scale, goodSteps, skippedSteps))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loss scale is " + scale);
  }

  private static void update(LossScaler scaler, int times) {
    for (int i = 0; i < times; i++) {
      scaler.updated();
    }
  }
}

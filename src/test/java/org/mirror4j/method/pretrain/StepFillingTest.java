package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mirror4j.train.TinyRun;

class StepFillingTest {
  /** Parts beyond those would have the dropout of others. */
  @Test
  void aStepHasNoMorePartsThanDropoutTellsApart() {
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(1).with(Map.of("batchTokens", 16 * 600, "deviceTokens", 16));
    StepFilling step = new StepFilling(new PartSizes(settings, 1));
    assertThat(step.add(16)).isEqualTo(StepFilling.Place.SAME_PART);
    for (int part = 2; part <= 512; part++) {
      assertThat(step.add(16)).isEqualTo(StepFilling.Place.NEXT_PART);
    }
    assertThat(step.tokens()).isEqualTo(16 * 512);
    assertThatThrownBy(() -> step.add(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a step of --batch-tokens 9600 takes more than 512 parts of --device-tokens 16,"
                + " expected at most so many: raise --device-tokens");
  }
}

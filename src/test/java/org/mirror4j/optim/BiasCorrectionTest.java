package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BiasCorrectionTest {
  private static final MathContext DIGITS = new MathContext(60);

  /** Powers as they are stated: a relative 2 exponent u. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 100, 1023, 1024, 65_537})
  void powers(int exponent) {
    for (float base : new float[] {0.5f, 0.9f, 0.98f, 0.999f}) {
      double exact = new BigDecimal(base).pow(exponent, DIGITS).doubleValue();
      // Where the exact power underflows the products may do so a little earlier.
      double bound = 2 * exponent * 0x1p-53 * exact + Double.MIN_NORMAL;
      assertThat(BiasCorrection.power(base, exponent))
          .as("%s ^ %d", base, exponent)
          .isCloseTo(exact, within(bound));
    }
  }

  /** Against the definition, each operation of which rounds to 60 digits: one f32 rounding. */
  @ParameterizedTest
  @CsvSource({"2e-5, 0.9, 0.999, 1", "2e-5, 0.9, 0.98, 17", "1e-3, 0.5, 0.999, 100000"})
  void corrections(float learningRate, float beta1, float beta2, int step) {
    BigDecimal first = BigDecimal.ONE.subtract(new BigDecimal(beta1).pow(step, DIGITS), DIGITS);
    BigDecimal second = BigDecimal.ONE.subtract(new BigDecimal(beta2).pow(step, DIGITS), DIGITS);
    BigDecimal corrected = new BigDecimal(learningRate).divide(first, DIGITS);
    BigDecimal root = second.sqrt(DIGITS);
    // u of f32, and what f64 adds: 1 - power loses ten bits where beta2 is 0.999.
    double relative = 0x1p-24 + 0x1p-40;
    double stepSize = corrected.doubleValue();
    assertThat((double) BiasCorrection.MOMENTS.stepSize(learningRate, beta1, beta2, step))
        .isCloseTo(stepSize, within(relative * stepSize));
    double inverseRoot = BigDecimal.ONE.divide(root, DIGITS).doubleValue();
    assertThat((double) BiasCorrection.MOMENTS.inverseRoot(beta2, step))
        .isCloseTo(inverseRoot, within(relative * inverseRoot));
    stepSize = corrected.multiply(root, DIGITS).doubleValue();
    assertThat((double) BiasCorrection.STEP_SIZE.stepSize(learningRate, beta1, beta2, step))
        .isCloseTo(stepSize, within(relative * stepSize));
    assertThat(BiasCorrection.STEP_SIZE.inverseRoot(beta2, step)).isEqualTo(1f);
    assertThat(BiasCorrection.NONE.stepSize(learningRate, beta1, beta2, step))
        .isEqualTo(learningRate);
    assertThat(BiasCorrection.NONE.inverseRoot(beta2, step)).isEqualTo(1f);
  }
}

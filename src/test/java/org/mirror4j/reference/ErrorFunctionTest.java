package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
  /** NIST Digital Library of Mathematical Functions, table 7.23, and values to 17 digits. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 0.11246291601828489, 0.88753708398171511",
    "0.5, 0.52049987781304654, 0.47950012218695346",
    "1, 0.84270079294971487, 0.15729920705028513",
    "1.5, 0.96610514647531073, 0.033894853524689273",
    "1.9999, 0.99532019790702939, 0.0046798020929706085",
    "2, 0.99532226501895273, 0.0046777349810472658",
    "2.0001, 0.99532433130419666, 0.0046756686958033442",
    "2.5, 0.99959304798255504, 0.00040695201744495894",
    "3, 0.99997790950300141, 2.2090496998585441e-5",
    "4, 0.9999999845827421, 1.5417257900280019e-8",
    "6, 0.99999999999999998, 2.1519736712498913e-17"
  })
  void knownValues(double x, double erf, double erfc) {
    assertThat(ErrorFunction.erf(x)).isCloseTo(erf, within(1e-15));
    assertThat(ErrorFunction.erf(-x)).isEqualTo(-ErrorFunction.erf(x));
    assertThat(ErrorFunction.erfc(x)).isCloseTo(erfc, within(1e-15));
    assertThat(ErrorFunction.erfc(-x)).isCloseTo(1 + erf, within(1e-15));
  }

  /** Rounding x^2 alone moves exp(-x^2) by x^2 units, 4e-15 at x = 6. */
  @Test
  void complementIsAccurateRelativeToItself() {
    assertThat(ErrorFunction.erfc(3))
        .isCloseTo(2.2090496998585441e-5, Percentage.withPercentage(1e-12));
    assertThat(ErrorFunction.erfc(5))
        .isCloseTo(1.5374597944280349e-12, Percentage.withPercentage(1e-12));
  }

  @Test
  void isSmallForSmallArguments() {
    assertThat(ErrorFunction.erf(0)).isZero();
    assertThat(ErrorFunction.erf(1e-10))
        .isCloseTo(1.1283791670955126e-10, Percentage.withPercentage(1e-13));
  }
}

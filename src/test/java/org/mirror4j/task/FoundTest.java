package org.mirror4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FoundTest {
  @Test
  void byHand() {
    Found found = new Found(2, 3, 8);
    assertThat(found.precision()).isEqualTo(2.0 / 3);
    assertThat(found.recall()).isEqualTo(0.25);
    // 2 * 2/3 * 1/4 / (2/3 + 1/4) = 4/11, with a few roundings.
    assertThat(found.f1()).isCloseTo(4.0 / 11, within(1e-15));
    assertThat(found.plus(new Found(1, 1, 2))).isEqualTo(new Found(3, 4, 10));
  }

  @Test
  void nothingIsZero() {
    assertThat(new Found(0, 0, 5).precision()).isZero();
    assertThat(new Found(0, 5, 0).recall()).isZero();
    assertThat(new Found(0, 0, 0).f1()).isZero();
  }

  @Test
  void figuresAreNamedByTheirPart() {
    assertThat(new Found(1, 1, 4).figures("PER"))
        .containsExactly(
            new Figure(Measure.ITEMS, "PER", 4),
            new Figure(Measure.PRECISION, "PER", 100),
            new Figure(Measure.RECALL, "PER", 25),
            new Figure(Measure.F1, "PER", 40))
        .extracting(Figure::name)
        .containsExactly("items:PER", "precision:PER", "recall:PER", "f1:PER");
    assertThat(new Figure(Measure.F1, 1).name()).isEqualTo("f1");
  }

  @Test
  void valuesAreWrittenByTheirUnit() {
    assertThat(Measure.F1.text(81.775)).isEqualTo("81.78");
    assertThat(Measure.F1.exact(81.775)).isEqualTo("81.775");
    assertThat(Measure.F1.text(Double.NaN)).isEqualTo("n/a");
    assertThat(Measure.F1.exact(Double.NaN)).isEqualTo("n/a");
    assertThat(Measure.ITEMS.text(11873)).isEqualTo("11873");
    assertThat(Measure.ITEMS.exact(11873)).isEqualTo("11873");
    assertThat(new Measure("t", "t", Measure.Unit.PLAIN).text(-2.5)).isEqualTo("-2.50000");
  }
}

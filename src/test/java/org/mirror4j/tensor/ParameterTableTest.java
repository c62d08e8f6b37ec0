package org.mirror4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.gain;
import static org.mirror4j.tensor.Parameter.weight;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterTableTest {
  private static final int WIDTH = 7;

  /** A block of two weights as one, a norm and an embedding that decays last. */
  private record Views(Tensor pair, Tensor gamma, Tensor beta, Tensor last, Tensor undecayed) {
    static Views of(ParameterScope scope) {
      ParameterScope inner = scope.in("one").in("two");
      return new Views(
          inner.take(weight("a", 3, WIDTH, 0.1), weight("b", 2, WIDTH, 0.1)),
          inner.take(gain("norm.weight", WIDTH)),
          inner.take(bias("norm.bias", WIDTH)),
          scope.take(weight("last", 4, 1, 0.5)),
          scope.undecayed());
    }
  }

  private final ParameterTable table =
      ParameterTable.of(List.of(Views::of, scope -> scope.take(bias("head", 5))));

  /** Multiples of 16 where what is taken at once begins, as here from 35 to 48. */
  @Test
  void whatDecaysComesFirstInTheOrderOfTheBlocks() {
    assertThat(table.entries())
        .extracting(entry -> entry.name() + " " + entry.shape() + " " + entry.offset())
        .containsExactly(
            "one.two.a [3,7] 0",
            "one.two.b [2,7] 21",
            "last [4,1] 48",
            "one.two.norm.weight [7] 64",
            "one.two.norm.bias [7] 80",
            "head [5] 96");
    assertThat(table.decayingSize()).isEqualTo(64);
    assertThat(table.size()).isEqualTo(101);
    assertThat(table.has("one.two.b")).isTrue();
    assertThat(table.has("b")).isFalse();
  }

  @Test
  void aBlockTakesViewsOfAFlatBuffer() {
    Tensor flat = Tensor.at(4096, "flat", DType.F16, Shape.of(table.size()));
    Views views = Views.of(table.scope(flat));
    assertThat(views.pair().shape()).isEqualTo(Shape.of(5, WIDTH));
    assertThat(views.pair().address()).isEqualTo(4096);
    assertThat(views.beta().address()).isEqualTo(4096 + 2 * 80);
    assertThat(views.last().dtype()).isEqualTo(DType.F16);
    assertThat(views.undecayed().address()).isEqualTo(4096 + 2 * 64);
    // That of this block alone, with what lies between.
    assertThat(views.undecayed().shape()).isEqualTo(Shape.of(16 + WIDTH));
    assertThat(table.view(flat, "last").address()).isEqualTo(views.last().address());
  }

  @Test
  void oneKindAlone() {
    ParameterTable decaying = ParameterTable.of(List.of(s -> s.take(weight("a", 3, 5, 1))));
    assertThat(decaying.decayingSize()).isEqualTo(16);
    assertThat(decaying.size()).isEqualTo(16);
    ParameterTable others = ParameterTable.of(List.of(s -> s.take(bias("a", 3))));
    assertThat(others.decayingSize()).isZero();
    assertThat(others.size()).isEqualTo(3);
  }

  @Test
  void whatIsNotInTheTable() {
    Tensor flat = Workspace.counting().f32("flat", table.size());
    assertThatThrownBy(() -> table.view(flat, "pooler.dense.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no parameter pooler.dense.weight");
    ParameterScope scope = table.scope(flat);
    assertThatThrownBy(() -> scope.take(bias("other", 3))).hasMessage("no parameter other");
    assertThatThrownBy(() -> scope.take(bias("head", 4))).hasMessageContaining("[4]");
    assertThatThrownBy(() -> scope.take(bias("head", 5), bias("head", 5)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneNameForTwoIsRefused() {
    ParameterTable.Block block = scope -> scope.take(bias("a", 3));
    assertThatThrownBy(() -> ParameterTable.of(List.of(block, block)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two parameters are called a");
  }

  @Test
  void moreThanABufferHolds() {
    assertThatThrownBy(
            () -> ParameterTable.of(List.of(s -> s.take(weight("a", 1 << 16, 1 << 15, 1)))))
        .hasMessage("2147483648 parameters, expected at most 2147483647");
  }

  @Test
  void valuesBeforeTraining() {
    assertThat(values(gain("a", 3), 1)).containsOnly(1f);
    assertThat(values(bias("a", 3), 1)).containsOnly(0f);
    int count = 40_000;
    float[] drawn = values(weight("a", count, 1, 0.02), 1);
    double sum = 0;
    double squares = 0;
    for (float value : drawn) {
      sum += value;
      squares += (double) value * value;
    }
    // Means of n normal numbers vary by 1 / sqrt(n), variances by sqrt(2 / n); five times that.
    assertThat(sum / count / 0.02).isCloseTo(0, within(5 / Math.sqrt(count)));
    assertThat(squares / count / 0.0004).isCloseTo(1, within(5 * Math.sqrt(2.0 / count)));
    assertThat(values(weight("a", count, 1, 0.02), 1)).isEqualTo(drawn);
    assertThat(values(weight("a", count, 1, 0.02), 2)).isNotEqualTo(drawn);
    assertThat(values(weight("b", count, 1, 0.02), 1)).isNotEqualTo(drawn);
    float[] shifted = values(new Parameter("a", Shape.of(3), 2, 0.5, true), 1);
    assertThat(shifted[2]).isCloseTo(2 + 25 * drawn[2], within(1e-6f));
  }

  private static float[] values(Parameter parameter, long seed) {
    float[] values = new float[(int) parameter.shape().size()];
    parameter.initialize(MemorySegment.ofArray(values), seed);
    return values;
  }
}

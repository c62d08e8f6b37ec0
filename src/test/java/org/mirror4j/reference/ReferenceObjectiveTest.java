package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.RowPooling;

/** Pooling, losses and the optimiser against numbers worked out by hand. */
class ReferenceObjectiveTest {
  private static final DMatrixRMaj POOLED =
      new DMatrixRMaj(new double[][] {{2, 0}, {0, 3}, {1, 0}, {0, -1}});

  /** At this temperature exp(similarity / temperature) is 2^similarity. */
  private static final double TEMPERATURE = 1 / Math.log(2);

  private final Tape tape = new Tape();

  @Test
  void pooling() {
    ReferenceBatch batch = ReferenceBatch.padded(new int[][] {{0}, {0, 0}}, 4, 0);
    Variable x = Variable.of(new DMatrixRMaj(new double[][] {{1, 8}, {3, -2}, {5, 0}, {-1, 10}}));
    List<Variable> outputs = List.of(x, x);
    assertThat(ReferencePooling.pool(tape, outputs, batch, RowPooling.FIRST).value().data)
        .containsExactly(1, 8, 1, 8);
    assertThat(ReferencePooling.pool(tape, outputs, batch, RowPooling.MEAN).value().data)
        .containsExactly(1, 8, 2, 3);
    assertThat(ReferencePooling.pool(tape, outputs, batch, RowPooling.MEAN_PADDED).value().data)
        .containsExactly(2, 4, 2, 4);
  }

  /**
   * Partner over candidates: 2 / (2 + 1 + 1) for the views along the first axis, 0.5 / (0.5 + 1 +
   * 1) along the second.
   */
  @Test
  void contrastiveLoss() {
    Variable loss =
        ReferenceContrastive.loss(
            tape, Variable.of(POOLED), ReferenceContrastive.distinctGroups(2), TEMPERATURE);
    assertThat(loss.value().get(0, 0)).isCloseTo((Math.log(2) + Math.log(5)) / 2, within(4e-15));
  }

  @Test
  void viewsOfOneGroupAreNoNegatives() {
    Variable u = ReferenceContrastive.normalizeRows(tape, Variable.of(POOLED));
    Variable similarities = Variable.of(tape.multiplyTransposed(u, u).value());
    Variable losses =
        ReferenceContrastive.losses(tape, similarities, new int[] {7, 7, 8, 9}, TEMPERATURE);
    double[] expected = {Math.log(1.5), Math.log(3), Math.log(2), Math.log(5)};
    for (int i = 0; i < 4; i++) {
      assertThat(losses.value().get(i, 0)).isCloseTo(expected[i], within(4e-15));
    }
    tape.backward(tape.meanOfRows(losses));
    double[] firstRow = {0, 0, (2 / 3.0 - 1) / (4 * TEMPERATURE), 1 / 3.0 / (4 * TEMPERATURE)};
    for (int j = 0; j < 4; j++) {
      assertThat(similarities.gradient().get(0, j)).isCloseTo(firstRow[j], within(1e-15));
    }
  }

  @Test
  void noNegativesNoLoss() {
    Variable one = Variable.of(new DMatrixRMaj(new double[][] {{1, 2}, {3, -1}}));
    Variable loss =
        ReferenceContrastive.loss(tape, one, ReferenceContrastive.distinctGroups(1), 0.04);
    assertThat(loss.value().get(0, 0)).isZero();
    tape.backward(loss);
    assertThat(one.gradient().data).containsOnly(0);

    Variable sameText = Variable.of(POOLED);
    Tape second = new Tape();
    Variable alsoNone =
        ReferenceContrastive.loss(second, sameText, new int[] {5, 5, 5, 5}, TEMPERATURE);
    assertThat(alsoNone.value().get(0, 0)).isZero();
    second.backward(alsoNone);
    assertThat(sameText.gradient().data).containsOnly(0);
  }

  /**
   * LayerNorm over two columns is (1, -1) or (-1, 1); with decoder bias log 3 and log 4 the
   * probabilities are 2, 3, 4 over 9 and 0.5, 3, 4 over 7.5.
   */
  @Test
  void maskedLanguageModelLoss() {
    ReferenceParameters p =
        ReferenceParameters.zeros(new ReferenceConfig(3, 2, 0, 1, 1, 1, 1, 0, GeluForm.TANH));
    p.get("cls.predictions.transform.dense.weight")
        .setTo(new DMatrixRMaj(new double[][] {{0, 1}, {1, 0}}));
    p.get("cls.predictions.transform.LayerNorm.weight")
        .setTo(new DMatrixRMaj(new double[][] {{1, 1}}));
    p.get("embeddings.word_embeddings.weight").set(0, 0, Math.log(2));
    p.get("cls.predictions.bias")
        .setTo(new DMatrixRMaj(new double[][] {{0, Math.log(3), Math.log(4)}}));
    Variable hidden = Variable.of(new DMatrixRMaj(new double[][] {{3, 1}, {9, 9}, {1, 3}}));
    Variable loss =
        new ReferenceMaskedLanguageModel(tape, p, ReferenceParameters.zeros(p.config()))
            .loss(hidden, new int[] {2, 0}, new int[] {1, 0});
    assertThat(loss.value().get(0, 0)).isCloseTo((Math.log(3) + Math.log(15)) / 2, within(1e-14));
  }

  /** betas 1/2 and 3/4, gradients 1 then 3: m = 1/2, 7/4 and v = 1/4, 39/16. */
  @Test
  void adamW() {
    double[] x = {1};
    double[] m = {0};
    double[] v = {0};
    ReferenceAdamW adamW = new ReferenceAdamW(0.1, 0.5, 0.75, 0, 0.1);
    adamW.step(x, new double[] {1}, m, v, 1);
    assertThat(x[0]).isCloseTo(0.99 - 0.1, within(1e-15));
    adamW.step(x, new double[] {3}, m, v, 2);
    assertThat(m[0]).isCloseTo(7 / 4.0, within(1e-15));
    assertThat(v[0]).isCloseTo(39 / 16.0, within(1e-15));
    // Corrected by 1 - 1/4 and 1 - 9/16: 7/3 and 39/7.
    assertThat(x[0]).isCloseTo(0.89 * 0.99 - 0.1 * (7 / 3.0) / Math.sqrt(39 / 7.0), within(1e-15));
  }

  /** Epsilon is added to the corrected root: the first step is g / (|g| + epsilon). */
  @Test
  void adamWEpsilon() {
    double[] x = {0, 0};
    new ReferenceAdamW(1, 0.5, 0.75, 1, 0)
        .step(x, new double[] {1, -3}, new double[2], new double[2], 1);
    assertThat(x[0]).isCloseTo(-0.5, within(1e-15));
    assertThat(x[1]).isCloseTo(0.75, within(1e-15));
  }

  /** As {@link #adamW()}, with the moments as they are; both terms are of the old parameter. */
  @Test
  void adamWOfBert() {
    double[] x = {1};
    double[] m = {0};
    double[] v = {0};
    ReferenceAdamW adamW =
        new ReferenceAdamW(ReferenceAdamW.Variant.BERT, 0.1, 0.5, 0.75, 0.25, 0.1);
    adamW.step(x, new double[] {1}, m, v, 1);
    // 1/2 over 1/2 + 1/4.
    assertThat(x[0]).isCloseTo(1 - 0.1 * (2 / 3.0 + 0.1), within(1e-15));
    double before = x[0];
    adamW.step(x, new double[] {3}, m, v, 2);
    double update = 7 / 4.0 / (Math.sqrt(39 / 16.0) + 0.25) + 0.1 * before;
    assertThat(x[0]).isCloseTo(before - 0.1 * update, within(1e-15));
  }

  /**
   * Epsilon is added to the root before the correction: 1/2 over 1/2 + 1/4, then sqrt(1/4) / 1/2.
   */
  @Test
  void adamWOfFairseq() {
    double[] x = {1};
    new ReferenceAdamW(ReferenceAdamW.Variant.FAIRSEQ, 0.1, 0.5, 0.75, 0.25, 0.1)
        .step(x, new double[] {1}, new double[1], new double[1], 1);
    assertThat(x[0]).isCloseTo(0.99 - 0.1 * 2 / 3, within(1e-15));
  }

  @Test
  void gelu() {
    assertThat(ReferenceGelu.value(1, GeluForm.ERF)).isCloseTo(0.8413447460685429, within(1e-15));
    assertThat(ReferenceGelu.value(-1, GeluForm.ERF))
        .isCloseTo(-0.15865525393145705, within(1e-15));
    assertThat(ReferenceGelu.value(1, GeluForm.TANH)).isCloseTo(0.8411919906082767, within(1e-15));
  }
}

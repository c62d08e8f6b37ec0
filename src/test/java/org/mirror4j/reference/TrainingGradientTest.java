package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;

/** The gradient of whole training steps by every parameter tensor, dropout and drophead on. */
class TrainingGradientTest {
  private static final int[][] TEXTS = {{2}, {3, 19}, {2, 7, 5, 7, 3}};

  /** The texts twice: two views each. */
  private static final int[][] VIEWS = {TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[0], TEXTS[1], TEXTS[2]};

  private final Dropout dropout = new Dropout(0.15, 0.3, 11);

  @ParameterizedTest
  @CsvSource({
    "ERF, CLS, 0.2",
    "TANH, CLS, 0.04",
    "ERF, MEAN, 0.04",
    "TANH, MEAN, 0.2",
    "ERF, MEAN_PADDED, 0.2",
    "TANH, FIRST_LAST_AVG, 0.2",
    "ERF, LAST_2_AVG, 0.2"
  })
  void contrastive(GeluForm form, Pooling pooling, double temperature) {
    ReferenceBatch batch =
        pooling == Pooling.MEAN_PADDED
            ? ReferenceBatch.padded(VIEWS, 6, 0)
            : ReferenceBatch.of(VIEWS);
    int[] groups = ReferenceContrastive.distinctGroups(3);
    dropout.step(5);
    check(
        ReferenceParameters.random(config(form), 1),
        parameters ->
            ReferenceTraining.contrastive(parameters, batch, pooling, groups, temperature, dropout),
        1 / temperature);
  }

  @Test
  void contrastiveWithGroups() {
    ReferenceBatch batch = ReferenceBatch.padded(VIEWS, 6, 0);
    int[] groups = {4, 4, 9, 4, 4, 9};
    check(
        ReferenceParameters.random(config(GeluForm.ERF), 2),
        parameters ->
            ReferenceTraining.contrastive(parameters, batch, Pooling.MEAN, groups, 0.2, dropout),
        5);
  }

  @Test
  void pairs() {
    int[][] tokenTypeIds = {{1}, {0, 1}, {0, 0, 0, 1, 1}, {0}, {1, 0}, {0, 1, 1, 1, 1}};
    check(
        ReferenceParameters.random(config(GeluForm.ERF), 4),
        parameters ->
            ReferenceTraining.contrastive(
                parameters,
                ReferenceBatch.of(VIEWS).withTokenTypes(tokenTypeIds),
                Pooling.MEAN,
                ReferenceContrastive.distinctGroups(3),
                0.2,
                dropout),
        5);
  }

  @ParameterizedTest
  @EnumSource
  void maskedLanguageModel(GeluForm form) {
    int[][] positionIds =
        Arrays.stream(TEXTS)
            .map(ids -> ReferenceBatch.robertaPositions(ids.length, ids.length, 1))
            .toArray(int[][]::new);
    ReferenceBatch batch = ReferenceBatch.of(TEXTS, positionIds);
    check(
        ReferenceParameters.random(config(form), 3),
        parameters ->
            ReferenceTraining.maskedLanguageModel(
                parameters, batch, new int[] {1, 4, 7}, new int[] {3, 18, 0}, dropout),
        5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void classesOfSequences(boolean dropsInput) {
    check(
        withHead("pooler.dense", 12, "classifier", 3),
        parameters ->
            ReferenceTraining.sequenceClassification(
                parameters,
                ReferenceBatch.of(TEXTS),
                new ReferenceHead.Pooled("pooler.dense", dropsInput, "classifier"),
                new int[] {2, -1, 0},
                0.7,
                dropout),
        5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void numbersOfSequences(boolean dropsInput) {
    check(
        withHead("pooler.dense", 12, "classifier", 1),
        parameters ->
            ReferenceTraining.sequenceRegression(
                parameters,
                ReferenceBatch.of(TEXTS),
                new ReferenceHead.Pooled("pooler.dense", dropsInput, "classifier"),
                new double[] {2, -1, 0.5},
                0.7,
                dropout),
        5);
  }

  @Test
  void classesOfTokens() {
    check(
        withHead("classifier", 7),
        parameters ->
            ReferenceTraining.tokenClassification(
                parameters,
                ReferenceBatch.of(TEXTS),
                new int[] {6, -1, 0, -1, 3, 3, 5, -1},
                0.7,
                dropout),
        5);
  }

  /** The softmax does not see what all tokens of a sequence have in common. */
  @Test
  void answers() {
    check(
        withHead("qa_outputs", 2),
        parameters ->
            ReferenceTraining.answerSpan(
                parameters, ReferenceBatch.of(TEXTS), new int[] {0, 0, 1, -1, 1, 4}, 0.7, dropout),
        5,
        Set.of("qa_outputs.bias", "encoder.layer.1.output.LayerNorm.bias"));
  }

  private static ReferenceParameters withHead(Object... namesAndOutputs) {
    SequencedMap<String, Integer> layers = new LinkedHashMap<>();
    for (int i = 0; i < namesAndOutputs.length; i += 2) {
      layers.put((String) namesAndOutputs[i], (Integer) namesAndOutputs[i + 1]);
    }
    return ReferenceParameters.random(config(GeluForm.ERF), layers, 6);
  }

  /** No row of any dropout site is a multiple of 8 long. */
  private static ReferenceConfig config(GeluForm form) {
    return new ReferenceConfig(20, 12, 2, 2, 18, 9, 2, 1e-12, form);
  }

  /**
   * @param magnitude of the largest values on the way to the loss: logits
   */
  private static void check(
      ReferenceParameters parameters,
      Function<ReferenceParameters, ReferenceTraining.Step> step,
      double magnitude) {
    check(parameters, step, magnitude, Set.of());
  }

  /**
   * @param unseen parameters that the loss does not depend on
   */
  private static void check(
      ReferenceParameters parameters,
      Function<ReferenceParameters, ReferenceTraining.Step> step,
      double magnitude,
      Set<String> unseen) {
    ReferenceParameters gradients = step.apply(parameters).gradients();
    // Two layers of 10 operations, each over sums of 10 terms or so.
    FiniteDifferences differences =
        FiniteDifferences.of(() -> step.apply(parameters).loss(), 200, magnitude);
    boolean head = CommonOps_DDRM.elementMaxAbs(gradients.get("cls.predictions.bias")) > 0;
    for (String name : parameters.names()) {
      if (name.endsWith("self.key.bias") || unseen.contains(name)) {
        // A key bias adds q[i] . b to all scores of a row, which the softmax does not see.
        assertThat(CommonOps_DDRM.elementMaxAbs(gradients.get(name))).isLessThan(1e-13 * magnitude);
      } else if (name.startsWith("cls.") && !head) {
        assertThat(CommonOps_DDRM.elementMaxAbs(gradients.get(name))).isZero();
      } else {
        differences.check(name, parameters.get(name), gradients.get(name));
      }
    }
  }
}

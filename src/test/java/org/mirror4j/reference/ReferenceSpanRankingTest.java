package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;

import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.objective.coreference.RandomDocument;
import org.mirror4j.objective.coreference.SpanRankingSize;
import org.mirror4j.support.SmallModel;

/**
 * The gradient of a whole step of coreference by every parameter, dropout on, with what is chosen
 * left as it is: a choice has no gradient.
 */
class ReferenceSpanRankingTest {
  private static final int[] LENGTHS = {6, 3, 8};

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "3, 2"})
  void gradients(int depth, int antecedents) {
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 20, 12, 1, GeluForm.ERF);
    SpanRankingSize size = new SpanRankingSize(3, 3, 7, 2, 2, 0.4, 9, antecedents, depth);
    ReferenceParameters parameters =
        ReferenceParameters.randomWith(
            SmallModel.reference(config), RandomDocument.parameters(config, size), 6);
    ReferenceBatch batch = ReferenceBatch.of(RandomDocument.tokens(LENGTHS, 20, 3));
    DocumentSpans document = RandomDocument.of(LENGTHS, size, 4);
    Dropout dropout = new Dropout(0.15, 0, 11);
    Dropout headDropout = new Dropout(0.3, 0, 11);
    dropout.step(5);
    headDropout.step(5);
    ReferenceSpanRanking.Choice choice =
        ReferenceSpanRanking.choose(parameters, batch, document, size, dropout, headDropout);
    assertThat(choice.kept()).hasSize(6);
    ReferenceParameters gradients =
        ReferenceTraining.coreference(
                parameters, batch, document, size, choice, 0.7, dropout, headDropout)
            .gradients();
    // Encoder and head have some 30 operations in a row, each over sums of 10 terms or so.
    FiniteDifferences differences =
        FiniteDifferences.of(
            () ->
                ReferenceTraining.coreference(
                        parameters, batch, document, size, choice, 0.7, dropout, headDropout)
                    .loss(),
            300,
            20);
    for (String name : parameters.names()) {
      boolean unused = name.startsWith("cls.") || depth == 1 && name.contains("gate");
      if (name.endsWith("self.key.bias")) {
        // A key bias adds q[i] . b to all scores of a row, which the softmax does not see.
        assertThat(CommonOps_DDRM.elementMaxAbs(gradients.get(name))).isLessThan(1e-12);
      } else if (unused) {
        assertThat(CommonOps_DDRM.elementMaxAbs(gradients.get(name))).isZero();
      } else {
        differences.check(name, parameters.get(name), gradients.get(name));
      }
    }
  }
}

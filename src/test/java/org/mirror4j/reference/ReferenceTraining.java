package org.mirror4j.reference;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.Pooling;

/** Loss and all gradients of one training step, for each objective. */
public final class ReferenceTraining {
  /**
   * What a step gives.
   *
   * @param gradients by parameter; 0 where the objective does not use it
   * @param hidden last hidden state, [totalTokens, hidden], packed
   */
  public record Step(double loss, ReferenceParameters gradients, DMatrixRMaj hidden) {}

  /** Builds the loss from the last hidden states. */
  private interface Objective {
    Variable loss(Tape tape, List<Variable> hidden, ReferenceParameters gradients);
  }

  private ReferenceTraining() {}

  /**
   * A step of Mirror-BERT: sequences i and i + N of the batch are views of one text.
   *
   * @param groups of the 2N sequences, see {@link ReferenceContrastive#losses}
   */
  public static Step contrastive(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      Pooling pooling,
      int[] groups,
      double temperature,
      Dropout dropout) {
    return step(
        parameters,
        batch,
        dropout,
        (tape, hidden, gradients) ->
            ReferenceContrastive.loss(
                tape,
                ReferencePooling.pool(tape, hidden, batch, pooling),
                groups,
                temperature));
  }

  /**
   * A step of masked language modelling.
   *
   * @param rows packed rows that are masked
   * @param labels the tokens that were there
   */
  public static Step maskedLanguageModel(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      int[] rows,
      int[] labels,
      Dropout dropout) {
    return step(
        parameters,
        batch,
        dropout,
        (tape, hidden, gradients) ->
            new ReferenceMaskedLanguageModel(tape, parameters, gradients)
                .loss(tape.stackRows(hidden), rows, labels));
  }

  private static Step step(
      ReferenceParameters parameters, ReferenceBatch batch, Dropout dropout, Objective objective) {
    Tape tape = new Tape();
    ReferenceParameters gradients = ReferenceParameters.zeros(parameters.config());
    List<Variable> hidden =
        new ReferenceEncoder(tape, parameters, gradients, dropout).encode(batch);
    DMatrixRMaj packed = tape.stackRows(hidden).value();
    Variable loss = objective.loss(tape, hidden, gradients);
    tape.backward(loss);
    return new Step(loss.value().get(0, 0), gradients, packed);
  }
}

package org.mirror4j.reference;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.Pooling;

/** Loss and all gradients of one training step, for each objective. */
public final class ReferenceTraining {
  /** A step whose forward pass is done; the backward pass is when gradients are asked for. */
  public static final class Step {
    private final Tape tape;
    private final Variable loss;
    private final DMatrixRMaj hidden;
    private final ReferenceParameters gradients;
    private boolean played;

    private Step(Tape tape, Variable loss, DMatrixRMaj hidden, ReferenceParameters gradients) {
      this.tape = tape;
      this.loss = loss;
      this.hidden = hidden;
      this.gradients = gradients;
    }

    /** The mean loss. */
    public double loss() {
      return loss.value().get(0, 0);
    }

    /** The last hidden state, [totalTokens, hidden], packed. */
    public DMatrixRMaj hidden() {
      return hidden;
    }

    /** The gradient of the loss by each parameter; 0 where the objective does not use it. */
    public ReferenceParameters gradients() {
      if (!played) {
        played = true;
        tape.backward(loss);
      }
      return gradients;
    }
  }

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
                tape, ReferencePooling.pool(tape, hidden, batch, pooling), groups, temperature));
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
    return new Step(tape, objective.loss(tape, hidden, gradients), packed, gradients);
  }
}

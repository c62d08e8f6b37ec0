package org.mirror4j.reference;

import org.mirror4j.bert.Pooling;
import org.mirror4j.device.operation.Dropout;

/** Loss and all gradients of one training step, for each objective. */
public final class ReferenceTraining {
  /** A step whose forward pass is done; the backward pass is when gradients are asked for. */
  public static final class Step {
    private final Tape tape;
    private final Variable loss;
    private final ReferenceParameters gradients;
    private boolean played;

    private Step(Tape tape, Variable loss, ReferenceParameters gradients) {
      this.tape = tape;
      this.loss = loss;
      this.gradients = gradients;
    }

    /** The mean loss. */
    public double loss() {
      return loss.value().get(0, 0);
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

  /** Builds the loss over an encoder. */
  private interface Objective {
    Variable loss(Tape tape, ReferenceEncoder encoder, ReferenceParameters gradients);
  }

  /** What {@link Pooling#MASK} looks for. */
  public static final int MASK_TOKEN = 3;

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
        dropout,
        (tape, encoder, gradients) ->
            ReferenceContrastive.loss(
                tape,
                ReferencePooling.encode(tape, encoder, batch, pooling, MASK_TOKEN),
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
        dropout,
        (tape, encoder, gradients) ->
            new ReferenceMaskedLanguageModel(tape, parameters, gradients)
                .loss(tape.stackRows(encoder.encode(batch)), rows, labels));
  }

  private static Step step(ReferenceParameters parameters, Dropout dropout, Objective objective) {
    Tape tape = new Tape();
    ReferenceParameters gradients = ReferenceParameters.zeros(parameters.config());
    ReferenceEncoder encoder = new ReferenceEncoder(tape, parameters, gradients, dropout);
    return new Step(tape, objective.loss(tape, encoder, gradients), gradients);
  }
}

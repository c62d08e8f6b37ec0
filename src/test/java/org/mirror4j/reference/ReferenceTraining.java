package org.mirror4j.reference;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingTargets;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.objective.coreference.SpanRankingSize;

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

  /**
   * A step of pretraining with the objectives that the parameters have heads of.
   *
   * @param scales what the sum of the losses of each objective is multiplied by
   */
  public static Step pretraining(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      PretrainingTargets targets,
      PerObjective scales,
      Dropout dropout) {
    return step(
        parameters,
        dropout,
        (tape, encoder, gradients) -> {
          Variable hidden = tape.stackRows(encoder.encode(batch));
          Variable loss =
              sum(
                  tape,
                  new ReferenceMaskedLanguageModel(tape, parameters, gradients)
                      .logits(hidden, targets.rows()),
                  targets.labels(),
                  scales.masked());
          if (targets.spans().labels().length > 0) {
            Variable logits =
                ReferenceHead.spanBoundary(tape, hidden, targets.spans(), parameters, gradients);
            loss =
                tape.add(loss, sum(tape, logits, targets.spans().labels(), scales.spanBoundary()));
          }
          if (targets.firstRows().length > 0) {
            Variable logits =
                ReferenceHead.nextSentence(
                    tape, hidden, targets.firstRows(), parameters, gradients);
            loss = tape.add(loss, sum(tape, logits, targets.relations(), scales.nextSentence()));
          }
          return loss;
        });
  }

  /**
   * A step of the classes of sequences: the sum of the losses.
   *
   * @param labels of each sequence, -1 for one that is not predicted
   * @param scale what the sum is multiplied by
   */
  public static Step sequenceClassification(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      ReferenceHead.Pooled head,
      int[] labels,
      double scale,
      Dropout dropout) {
    return step(
        parameters,
        dropout,
        (tape, encoder, gradients) ->
            sumOfPredicted(
                tape,
                ReferenceHead.pooledClasses(
                    tape,
                    tape.stackRows(encoder.encodeFirstRows(batch)),
                    head,
                    dropout,
                    parameters,
                    gradients),
                labels,
                scale));
  }

  /**
   * A step of a number for each sequence: the sum of the squared errors.
   *
   * @param targets of each sequence
   * @param scale what the sum is multiplied by
   */
  public static Step sequenceRegression(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      ReferenceHead.Pooled head,
      double[] targets,
      double scale,
      Dropout dropout) {
    return step(
        parameters,
        dropout,
        (tape, encoder, gradients) -> {
          Variable numbers =
              ReferenceHead.pooledClasses(
                  tape,
                  tape.stackRows(encoder.encodeFirstRows(batch)),
                  head,
                  dropout,
                  parameters,
                  gradients);
          DMatrixRMaj below = new DMatrixRMaj(targets.length, 1);
          Arrays.setAll(below.data, i -> -targets[i]);
          Variable errors = tape.add(numbers, Variable.of(below));
          return tape.scale(tape.multiply(tape.transpose(errors), errors), scale);
        });
  }

  /**
   * A step of the classes of tokens: the sum of the losses.
   *
   * @param labels of each row, -1 for one that is not predicted
   * @param scale what the sum is multiplied by
   */
  public static Step tokenClassification(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      int[] labels,
      double scale,
      Dropout dropout) {
    return step(
        parameters,
        dropout,
        (tape, encoder, gradients) ->
            sumOfPredicted(
                tape,
                ReferenceHead.classes(
                    tape,
                    tape.stackRows(encoder.encode(batch)),
                    "classifier",
                    dropout,
                    parameters,
                    gradients),
                labels,
                scale));
  }

  /**
   * A step of where answers start and end: the sum of the losses of both.
   *
   * @param labels of each sequence start and end, counted from its first row, -1 for one that is
   *     not predicted
   * @param scale what the sum is multiplied by
   */
  public static Step answerSpan(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      int[] labels,
      double scale,
      Dropout dropout) {
    return step(
        parameters,
        dropout,
        (tape, encoder, gradients) -> {
          Variable logits =
              ReferenceHead.classes(
                  tape,
                  tape.stackRows(encoder.encode(batch)),
                  "qa_outputs",
                  Dropout.NONE,
                  parameters,
                  gradients);
          Variable loss = Variable.of(new DMatrixRMaj(1, 1));
          for (int i = 0; i < labels.length; i++) {
            Variable tokens =
                tape.rows(
                    tape.columns(logits, i % 2, i % 2 + 1),
                    batch.start(i / 2),
                    batch.start(i / 2 + 1));
            if (labels[i] >= 0) {
              loss =
                  tape.add(loss, sum(tape, tape.transpose(tokens), new int[] {labels[i]}, scale));
            }
          }
          return loss;
        });
  }

  /**
   * A step of coreference: the sum of the losses of all spans that are kept.
   *
   * @param choice what is kept and looked at
   * @param scale what the sum is multiplied by
   */
  public static Step coreference(
      ReferenceParameters parameters,
      ReferenceBatch batch,
      DocumentSpans document,
      SpanRankingSize size,
      ReferenceSpanRanking.Choice choice,
      double scale,
      Dropout dropout,
      Dropout headDropout) {
    return step(
        parameters,
        dropout,
        (tape, encoder, gradients) ->
            tape.scale(
                new ReferenceSpanRanking(tape, parameters, gradients, size, headDropout)
                    .loss(tape.stackRows(encoder.encode(batch)), document, choice),
                scale));
  }

  private static Variable sumOfPredicted(Tape tape, Variable logits, int[] labels, double scale) {
    int[] rows = IntStream.range(0, labels.length).filter(row -> labels[row] >= 0).toArray();
    int[] predicted = IntStream.of(rows).map(row -> labels[row]).toArray();
    return sum(tape, tape.gather(logits, rows), predicted, scale);
  }

  private static Variable sum(Tape tape, Variable logits, int[] labels, double scale) {
    Variable losses =
        ReferenceSoftmax.crossEntropy(tape, logits, ReferenceSoftmax.Candidates.ALL, labels);
    return tape.scale(tape.meanOfRows(losses), scale * labels.length);
  }

  private static Step step(ReferenceParameters parameters, Dropout dropout, Objective objective) {
    Tape tape = new Tape();
    ReferenceParameters gradients = parameters.zeros();
    ReferenceEncoder encoder = new ReferenceEncoder(tape, parameters, gradients, dropout);
    return new Step(tape, objective.loss(tape, encoder, gradients), gradients);
  }
}

package org.mirror4j.method.pretrain;

import java.util.OptionalDouble;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.MaskedTokens;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenMasking;
import org.mirror4j.train.Permutation;
import org.mirror4j.train.TrainingTask;

/** Masked language modelling as steps. */
final class PretrainingTask implements TrainingTask {
  private final PretrainingSettings settings;
  private final PretrainingText text;
  private final PretrainingText heldOut;
  private final TokenMasking masking;
  private final PackedBatch.Positions positions;
  private final int batchSize;
  private final int steps;
  private final int stepsPerEpoch;
  private final Dropout dropout;
  private final Workspace workspace;
  private final PretrainingStep compute;
  private final PretrainingStep measure;
  private int orderedEpoch = -1;
  private int[] order;

  /**
   * A task.
   *
   * @param gradients flat, written by each step
   * @param heldOut null for none
   * @param batchSize sequences of a step, at most as many as the text has
   */
  PretrainingTask(
      Device device,
      BertModel model,
      Tensor gradients,
      PretrainingSettings settings,
      PretrainingText text,
      PretrainingText heldOut,
      TokenMasking masking,
      int batchSize,
      int steps) {
    this.settings = settings;
    this.text = text;
    this.heldOut = heldOut;
    this.masking = masking;
    this.batchSize = batchSize;
    this.steps = steps;
    positions = model.config().positions();
    stepsPerEpoch = text.size() / batchSize;
    dropout = new Dropout(settings.dropoutRate(), 0, settings.seed());
    workspace = new Workspace(device);
    compute = plan(device, workspace, model, gradients, settings, batchSize);
    measure = heldOut == null ? null : plan(device, workspace, model, null, settings, batchSize);
  }

  /**
   * Plans the buffers of a step.
   *
   * @param workspace may only count
   * @param gradients flat, written by each step; null for a step that only measures
   */
  static PretrainingStep plan(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor gradients,
      PretrainingSettings settings,
      int batchSize) {
    int length = settings.maxLength();
    return new PretrainingStep(
        device,
        workspace,
        model,
        gradients,
        new BatchSize(Math.multiplyExact(batchSize, length), batchSize),
        batchSize * TokenMasking.predictions(length));
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int epoch(int step) {
    return (step - 1) / stepsPerEpoch + 1;
  }

  @Override
  public Batch batch(int step) {
    int epoch = epoch(step) - 1;
    if (epoch != orderedEpoch) {
      order = Permutation.of(text.size(), settings.seed(), epoch);
      orderedEpoch = epoch;
    }
    int from = (step - 1) % stepsPerEpoch * batchSize;
    MaskedTokens[] sequences = new MaskedTokens[batchSize];
    for (int i = 0; i < batchSize; i++) {
      int item = order[from + i];
      sequences[i] = masking.apply(text.sequence(item), settings.seed(), epoch, item);
    }
    MaskedBatch masked = MaskedBatch.of(sequences, positions);
    return new Batch() {
      @Override
      public int tokens() {
        return masked.packed().realTokens();
      }

      private boolean uploaded;

      @Override
      public void upload() {
        if (!uploaded) {
          compute.upload(masked);
          uploaded = true;
        }
      }

      @Override
      public double lossAndGradient(float lossScale) {
        dropout.step(step);
        return compute.lossAndGradient(dropout, lossScale);
      }
    };
  }

  /** Mean cross entropy over the masked tokens of the held-out text; masks are always the same. */
  @Override
  public OptionalDouble heldOutLoss(int step) {
    if (measure == null || step % settings.heldOutSteps() != 0 && step != steps) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    long predictions = 0;
    int count = heldOut.size();
    for (int from = 0; from < count; from += batchSize) {
      MaskedTokens[] sequences = new MaskedTokens[Math.min(batchSize, count - from)];
      for (int i = 0; i < sequences.length; i++) {
        sequences[i] = masking.apply(heldOut.sequence(from + i), settings.seed(), 0, from + i);
      }
      MaskedBatch masked = MaskedBatch.of(sequences, positions);
      measure.upload(masked);
      sum += measure.loss() * masked.predictions();
      predictions += masked.predictions();
    }
    double loss = sum / predictions;
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException(
          "step %d: the held-out loss is %s; lower the learning rate".formatted(step, loss));
    }
    return OptionalDouble.of(loss);
  }

  @Override
  public void close() {
    workspace.close();
  }
}

package org.mirror4j.objective;

import java.util.Arrays;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * A number for each sequence, as the similarity of two sentences (Devlin et al. 2019, section 4.1):
 * the squared error of a {@link PooledClassifier} with one class. Targets are the number of each
 * text.
 */
public final class SequenceRegression implements TaskObjective<float[]> {
  private final Device device;
  private final PooledClassifier classifier;
  private final float[] hostTargets;
  private final float[] hostWeights;
  private final Tensor targets;
  private final Tensor weights;
  private final RowLosses losses;
  private final GradientScale scale;
  private Tensor predictions;

  /** Pooler and classifier, to be added to the encoder of a model, one after the other. */
  public static ParameterTable.Block[] head(BertConfig config) {
    return SequenceClassification.head(config, 1);
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param gradients flat; null where only predictions and losses are wanted
   * @param maxSequences the most sequences of text in a batch
   */
  public SequenceRegression(
      Device device, Workspace workspace, BertModel model, Tensor gradients, int maxSequences) {
    this.device = device;
    classifier =
        new PooledClassifier(
            device,
            workspace,
            "regression",
            model,
            SequenceClassification.form(model.config(), 1),
            gradients,
            maxSequences);
    hostTargets = new float[maxSequences];
    hostWeights = new float[maxSequences];
    Arrays.fill(hostWeights, 1);
    targets = workspace.f32("regression.targets", maxSequences);
    weights = workspace.f32("regression.weights", maxSequences);
    losses = new RowLosses(device, workspace.f32("regression.loss", maxSequences));
    scale = new GradientScale(device, workspace.f32("regression.scale", 1));
  }

  @Override
  public BertEncoder.Rows rows() {
    return BertEncoder.Rows.ONE;
  }

  @Override
  public void upload(PackedBatch packed) {
    int sequences = packed.sequences();
    classifier.rows(sequences);
    targets.rows(sequences);
    weights.rows(sequences);
    losses.rows(sequences);
  }

  @Override
  public void upload(float[] numbers) {
    System.arraycopy(numbers, 0, hostTargets, 0, numbers.length);
    device.prefetch(targets, hostTargets);
    device.prefetch(weights, hostWeights);
  }

  @Override
  public void scale(float gradientScale) {
    scale.upload(gradientScale);
  }

  @Override
  public void forward(Tensor hidden, BatchTensors batch, Dropout dropout) {
    predictions = classifier.forward(hidden, dropout);
  }

  @Override
  public void loss() {
    device
        .kernels()
        .loss()
        .squaredError(
            losses.tensor(), predictions, classifier.bias(), targets, weights, scale.tensor());
  }

  @Override
  public double lossSum() {
    return losses.sum();
  }

  /** [sequences], the numbers. */
  @Override
  public float[] logits() {
    return classifier.logits();
  }

  @Override
  public void backward(Tensor dHidden, Tensor hidden) {
    classifier.backward(dHidden, hidden);
  }
}

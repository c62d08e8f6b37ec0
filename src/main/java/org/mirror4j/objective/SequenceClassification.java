package org.mirror4j.objective;

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
 * One of several classes for each sequence (Devlin et al. 2019, section 4.1): the cross entropy of
 * the classes of a {@link PooledClassifier}. Targets are the class of each text, -1 for one that is
 * not predicted.
 */
public final class SequenceClassification implements TaskObjective<int[]> {
  private final Device device;
  private final PooledClassifier classifier;
  private final int[] hostLabels;
  private final Tensor labels;
  private final RowLosses losses;
  private final GradientScale scale;
  private Tensor logits;

  /** As transformers' BertForSequenceClassification and RobertaForSequenceClassification do. */
  static PooledClassifier.Form form(BertConfig config, int classes) {
    return config.family() == BertConfig.Family.BERT
        ? new PooledClassifier.Form("pooler.dense", false, "classifier", classes)
        : new PooledClassifier.Form("classifier.dense", true, "classifier.out_proj", classes);
  }

  /** Pooler and classifier, to be added to the encoder of a model, one after the other. */
  public static ParameterTable.Block[] head(BertConfig config, int classes) {
    return form(config, classes).blocks(config).toArray(ParameterTable.Block[]::new);
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param classes at least 2
   * @param gradients flat; null where only logits and losses are wanted
   * @param maxSequences the most sequences of text in a batch
   */
  public SequenceClassification(
      Device device,
      Workspace workspace,
      BertModel model,
      int classes,
      Tensor gradients,
      int maxSequences) {
    this.device = device;
    PooledClassifier.Form form = form(model.config(), classes);
    classifier =
        new PooledClassifier(device, workspace, "classes", model, form, gradients, maxSequences);
    hostLabels = new int[maxSequences];
    labels = workspace.i32("classes.labels", maxSequences);
    losses = new RowLosses(device, workspace.f32("classes.loss", maxSequences));
    scale = new GradientScale(device, workspace.f32("classes.scale", 1));
  }

  @Override
  public BertEncoder.Rows rows() {
    return BertEncoder.Rows.ONE;
  }

  @Override
  public void upload(PackedBatch packed) {
    classifier.rows(packed.sequences());
    labels.rows(packed.sequences());
    losses.rows(packed.sequences());
  }

  @Override
  public void upload(int[] targets) {
    System.arraycopy(targets, 0, hostLabels, 0, targets.length);
    device.prefetch(labels, hostLabels);
  }

  @Override
  public void scale(float gradientScale) {
    scale.upload(gradientScale);
  }

  @Override
  public void forward(Tensor hidden, BatchTensors batch, Dropout dropout) {
    logits = classifier.forward(hidden, dropout);
  }

  @Override
  public void loss() {
    device
        .kernels()
        .loss()
        .softmaxCrossEntropy(losses.tensor(), logits, classifier.bias(), labels, scale.tensor());
  }

  @Override
  public double lossSum() {
    return losses.sum();
  }

  /** [sequences, classes]. */
  @Override
  public float[] logits() {
    return classifier.logits();
  }

  @Override
  public void backward(Tensor dHidden, Tensor hidden) {
    classifier.backward(dHidden, hidden);
  }
}

package org.mirror4j.objective;

import java.util.Arrays;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * One of several classes for each token (Devlin et al. 2019, section 5.3), from its last hidden
 * state x:
 *
 * <pre>
 *   logits = dropout(x) V^T + c,   loss = cross entropy
 * </pre>
 *
 * Targets are the class of each row of the batch, -1 for those that are not predicted.
 */
public final class TokenClassification implements TaskObjective<int[]> {
  private static final int SITE = DropoutSite.CLASSIFIER_INPUT.in(0);

  private final Device device;
  private final LinearParameters parameters;
  private final LinearParameters stored;
  private final LinearParameters gradients;
  private final Tensor dropped;
  private final int[] hostLabels;
  private final Tensor labels;
  private final HeadLogits logits;
  private final RowLosses losses;
  private final GradientScale scale;
  private int tokens;
  private Dropout dropout = Dropout.NONE;

  /** Takes V and c, under the names of transformers' BertForTokenClassification. */
  private static LinearParameters take(ParameterScope scope, BertConfig config, int classes) {
    return LinearParameters.take(scope.in("classifier"), config, classes);
  }

  /** The classifier, to be added to the encoder of a model. */
  public static ParameterTable.Block[] head(BertConfig config, int classes) {
    return new ParameterTable.Block[] {scope -> take(scope, config, classes)};
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param classes at least 2
   * @param flatGradients null where only logits and losses are wanted
   * @param maxTokens the most rows of a batch, padding among them
   */
  public TokenClassification(
      Device device,
      Workspace workspace,
      BertModel model,
      int classes,
      Tensor flatGradients,
      int maxTokens) {
    this.device = device;
    BertConfig config = model.config();
    ParameterTable table = model.table();
    parameters = take(table.scope(model.parameters()), config, classes);
    stored = take(table.scope(model.stored()), config, classes);
    gradients = flatGradients == null ? null : take(table.scope(flatGradients), config, classes);
    dropped =
        workspace.tensor(
            "tokens.dropped", model.storage(), Shape.of(maxTokens, config.hiddenSize()));
    hostLabels = new int[maxTokens];
    labels = workspace.i32("tokens.labels", maxTokens);
    logits = new HeadLogits(device, workspace, "tokens", model.storage(), maxTokens, classes);
    losses = new RowLosses(device, workspace.f32("tokens.loss", maxTokens));
    scale = new GradientScale(device, workspace.f32("tokens.scale", 1));
  }

  @Override
  public BertEncoder.Rows rows() {
    return BertEncoder.Rows.ALL;
  }

  @Override
  public void upload(PackedBatch packed) {
    tokens = packed.totalTokens();
    dropped.rows(tokens);
    labels.rows(tokens);
    logits.rows(tokens);
    losses.rows(tokens);
  }

  /**
   * {@inheritDoc}
   *
   * @param targets of the rows of text; those of padding after them are not predicted
   */
  @Override
  public void upload(int[] targets) {
    System.arraycopy(targets, 0, hostLabels, 0, targets.length);
    Arrays.fill(hostLabels, targets.length, tokens, -1);
    device.prefetch(labels, hostLabels);
  }

  @Override
  public void scale(float gradientScale) {
    scale.upload(gradientScale);
  }

  @Override
  public void forward(Tensor hidden, BatchTensors batch, Dropout dropout) {
    this.dropout = dropout;
    device.kernels().activation().dropout(dropped, hidden, dropout, SITE);
    device.kernels().product().gemm(GemmSpec.NT, logits.values(), dropped, stored.weight());
  }

  @Override
  public void loss() {
    device
        .kernels()
        .loss()
        .softmaxCrossEntropy(
            losses.tensor(), logits.values(), parameters.bias(), labels, scale.tensor());
  }

  @Override
  public double lossSum() {
    return losses.sum();
  }

  /** [tokens, classes]. */
  @Override
  public float[] logits() {
    return logits.download(parameters.bias());
  }

  @Override
  public void backward(Tensor dHidden, Tensor hidden) {
    Kernels kernels = device.kernels();
    kernels.memory().fill(gradients.bias(), 0);
    kernels.activation().biasGradient(gradients.bias(), logits.values());
    Tensor dLogits = logits.gradient();
    kernels.product().gemm(GemmSpec.TN, gradients.weight(), dLogits, dropped);
    kernels.product().gemm(GemmSpec.NN, dHidden, dLogits, stored.weight());
    kernels.activation().dropout(dHidden, dHidden, dropout, SITE);
  }
}

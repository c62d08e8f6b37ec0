package org.mirror4j.objective;

import java.util.Arrays;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * Where an answer starts and where it ends in a sequence (Devlin et al. 2019, section 4.2), from
 * the last hidden state x of each of its tokens:
 *
 * <pre>
 *   logits = x V^T + c,   loss = (CE(start) + CE(end)) / 2, each over the tokens of the sequence
 * </pre>
 *
 * <p>The bias c is the same for all tokens and cancels; its gradient is 0. Targets are the start
 * and the end of the answer of each text, counted from its first token, [2 sequences]; -1 for one
 * that is not predicted.
 */
public final class AnswerSpan implements TaskObjective<int[]> {
  private static final int ENDS = 2;

  private final Device device;
  private final LinearParameters parameters;
  private final LinearParameters stored;
  private final LinearParameters gradients;
  private final int[] hostLabels;
  private final Tensor labels;
  private final HeadLogits logits;
  private final RowLosses losses;
  private final GradientScale scale;
  private BatchTensors batch;
  private int sequences;

  /** Takes V and c, under the names of transformers' BertForQuestionAnswering. */
  private static LinearParameters take(ParameterScope scope, BertConfig config) {
    return LinearParameters.take(scope.in("qa_outputs"), config, ENDS);
  }

  /** The head, to be added to the encoder of a model. */
  public static ParameterTable.Block[] head(BertConfig config) {
    return new ParameterTable.Block[] {scope -> take(scope, config)};
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param flatGradients null where only logits and losses are wanted
   * @param maxTokens the most rows of a batch, padding among them
   * @param maxSequences the most sequences, padding among them
   */
  public AnswerSpan(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor flatGradients,
      int maxTokens,
      int maxSequences) {
    this.device = device;
    BertConfig config = model.config();
    ParameterTable table = model.table();
    parameters = take(table.scope(model.parameters()), config);
    stored = take(table.scope(model.stored()), config);
    gradients = flatGradients == null ? null : take(table.scope(flatGradients), config);
    hostLabels = new int[ENDS * maxSequences];
    labels = workspace.i32("answers.labels", maxSequences, ENDS);
    logits = new HeadLogits(device, workspace, "answers", model.storage(), maxTokens, ENDS);
    losses = new RowLosses(device, workspace.f32("answers.loss", maxSequences, ENDS));
    scale = new GradientScale(device, workspace.f32("answers.scale", 1));
  }

  @Override
  public BertEncoder.Rows rows() {
    return BertEncoder.Rows.ALL;
  }

  @Override
  public void upload(PackedBatch packed) {
    sequences = packed.sequences() + packed.paddingSequences();
    labels.rows(sequences);
    losses.rows(sequences);
    logits.rows(packed.totalTokens());
  }

  @Override
  public void upload(int[] targets) {
    System.arraycopy(targets, 0, hostLabels, 0, targets.length);
    Arrays.fill(hostLabels, targets.length, ENDS * sequences, -1);
    device.prefetch(labels, hostLabels);
  }

  /** Of which each of the two ends gets half. */
  @Override
  public void scale(float gradientScale) {
    scale.upload(gradientScale / ENDS);
  }

  @Override
  public void forward(Tensor hidden, BatchTensors batch, Dropout dropout) {
    this.batch = batch;
    device.kernels().product().gemm(GemmSpec.NT, logits.values(), hidden, stored.weight());
  }

  @Override
  public void loss() {
    device
        .kernels()
        .loss()
        .segmentCrossEntropy(
            losses.tensor(), logits.values(), batch.cuSeqlens(), labels, scale.tensor());
  }

  @Override
  public double lossSum() {
    return losses.sum() / ENDS;
  }

  /** [tokens, 2], starts and ends. */
  @Override
  public float[] logits() {
    return logits.download(parameters.bias());
  }

  @Override
  public void backward(Tensor dHidden, Tensor hidden) {
    Kernels kernels = device.kernels();
    kernels.memory().fill(gradients.bias(), 0);
    Tensor dLogits = logits.gradient();
    kernels.product().gemm(GemmSpec.TN, gradients.weight(), dLogits, hidden);
    kernels.product().gemm(GemmSpec.NN, dHidden, dLogits, stored.weight());
  }
}

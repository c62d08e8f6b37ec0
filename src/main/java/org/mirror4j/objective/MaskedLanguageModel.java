package org.mirror4j.objective;

import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.BertParameters;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Masked language modelling (Devlin et al. 2019, section 3.1) with tied embeddings. For the hidden
 * states h of the masked tokens and word embeddings E:
 *
 * <pre>
 *   y = LayerNorm(gelu(h W^T + b)),   logits = y E^T + c,   loss = mean cross entropy
 * </pre>
 */
public final class MaskedLanguageModel {
  private final Device device;
  private final BertConfig config;
  private final BertParameters parameters;
  private final BertParameters stored;
  private final BertParameters gradients;
  private final Tensor rows;
  private final Tensor labels;
  private final Tensor selected;
  private final Tensor dense;
  private final Tensor activated;
  private final LayerNorm norm;
  private final LayerNormBackward normBackward;
  private final Tensor logits;
  private final Tensor loss;
  private final Tensor dY;
  private final Tensor dDense;
  private final float[] losses;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with a head
   * @param gradients with a head; null where only losses are wanted
   * @param maxPredictions the most masked tokens of a batch
   */
  public MaskedLanguageModel(
      Device device,
      Workspace workspace,
      BertModel model,
      BertParameters gradients,
      int maxPredictions) {
    if (model.parameters().head() == null) {
      throw new IllegalArgumentException("the model has no masked language model head");
    }
    this.device = device;
    config = model.config();
    parameters = model.parameters();
    stored = model.stored();
    this.gradients = gradients;
    DType storage = model.storage();
    Shape shape = Shape.of(maxPredictions, config.hiddenSize());
    rows = workspace.i32("maskedRows", maxPredictions);
    labels = workspace.i32("labels", maxPredictions);
    selected = workspace.tensor("selected", storage, shape);
    dense = workspace.tensor("headDense", storage, shape);
    activated = workspace.tensor("headActivated", storage, shape);
    BertParameters.MaskedLanguageModelHead head = parameters.head();
    norm =
        new LayerNorm(
            workspace.tensor("headOutput", storage, shape),
            activated,
            workspace.f32("headMean", maxPredictions),
            workspace.f32("headRstd", maxPredictions),
            head.gamma(),
            head.beta(),
            config.layerNormEps());
    logits = workspace.tensor("logits", storage, Shape.of(maxPredictions, config.vocabSize()));
    loss = workspace.f32("loss", maxPredictions);
    dY = gradients == null ? null : workspace.tensor("dHeadOutput", storage, shape);
    dDense = gradients == null ? null : workspace.tensor("dHeadDense", storage, shape);
    normBackward =
        gradients == null
            ? null
            : new LayerNormBackward(
                norm, dDense, dY, gradients.head().gamma(), gradients.head().beta());
    losses = new float[maxPredictions];
  }

  /**
   * Mean loss over the masked tokens.
   *
   * @param hidden [tokens, hidden]
   * @param maskedRows rows of hidden that are predicted, ascending
   * @param labelIds the original token ids of these rows
   */
  public double loss(Tensor hidden, int[] maskedRows, int[] labelIds) {
    return loss(hidden, maskedRows, labelIds, 1);
  }

  private double loss(Tensor hidden, int[] maskedRows, int[] labelIds, float lossScale) {
    Kernels kernels = device.kernels();
    BertParameters.MaskedLanguageModelHead head = parameters.head();
    int predictions = maskedRows.length;
    useRows(predictions);
    device.upload(rows, maskedRows);
    device.upload(labels, labelIds);
    kernels.row().gatherRows(selected, hidden, rows);
    kernels.product().gemm(GemmSpec.NT, dense, selected, stored.head().denseWeight());
    kernels.activation().biasGelu(activated, dense, head.denseBias(), config.geluForm());
    kernels.norm().layerNorm(norm);
    kernels.product().gemm(GemmSpec.NT, logits, norm.y(), stored.word());
    kernels
        .loss()
        .softmaxCrossEntropy(
            loss,
            logits,
            head.vocabularyBias(),
            labels,
            predictions == 0 ? 0 : lossScale / predictions);
    device.download(losses, loss);
    return Losses.mean(losses, predictions);
  }

  /**
   * Mean loss over the masked tokens and all gradients times a scale; those of the head and the
   * word embeddings are overwritten.
   *
   * @param dHidden [tokens, hidden], overwritten
   * @param lossScale what the gradients are multiplied by
   */
  public double lossAndGradient(
      Tensor dHidden, Tensor hidden, int[] maskedRows, int[] labelIds, float lossScale) {
    final double value = loss(hidden, maskedRows, labelIds, lossScale);
    Kernels kernels = device.kernels();
    BertParameters.MaskedLanguageModelHead head = parameters.head();
    BertParameters.MaskedLanguageModelHead dHead = gradients.head();
    dY.rows(maskedRows.length);
    dDense.rows(maskedRows.length);
    kernels.memory().fill(dHead.vectors(), 0);
    kernels.activation().biasGradient(dHead.vocabularyBias(), logits);
    kernels.product().gemm(GemmSpec.TN, gradients.word(), logits, norm.y());
    kernels.product().gemm(GemmSpec.NN, dY, logits, stored.word());
    kernels.norm().layerNormBackward(normBackward);
    kernels
        .activation()
        .biasGeluBackward(
            dDense, dHead.denseBias(), dDense, dense, head.denseBias(), config.geluForm());
    kernels.product().gemm(GemmSpec.TN, dHead.denseWeight(), dDense, selected);
    kernels.product().gemm(GemmSpec.NN, dY, dDense, stored.head().denseWeight());
    kernels.row().scatterRows(dHidden, dY, rows);
    return value;
  }

  private void useRows(int predictions) {
    rows.rows(predictions);
    labels.rows(predictions);
    selected.rows(predictions);
    dense.rows(predictions);
    activated.rows(predictions);
    norm.y().rows(predictions);
    norm.mean().rows(predictions);
    norm.rstd().rows(predictions);
    logits.rows(predictions);
    loss.rows(predictions);
  }
}

package org.mirror4j.objective;

import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.gain;
import static org.mirror4j.tensor.Parameter.weight;

import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
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
  private final Parameters parameters;
  private final Parameters stored;
  private final Parameters gradients;
  private final Tensor storedWords;
  private final Tensor wordGradient;
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
   * Parameters of the head; its decoder's weight is the word embeddings.
   *
   * @param denseWeight [hidden, hidden]
   * @param vocabularyBias [vocabSize]
   * @param vectors all but the weight, side by side
   */
  private record Parameters(
      Tensor denseWeight,
      Tensor denseBias,
      Tensor gamma,
      Tensor beta,
      Tensor vocabularyBias,
      Tensor vectors) {
    /** Takes them, under the names of transformers' BertForMaskedLM and RobertaForMaskedLM. */
    static Parameters of(ParameterScope scope, BertConfig config) {
      boolean bert = config.family() == BertConfig.Family.BERT;
      ParameterScope head = scope.in(bert ? "cls.predictions" : "lm_head");
      ParameterScope transform = bert ? head.in("transform") : head;
      String norm = bert ? "LayerNorm" : "layer_norm";
      int hidden = config.hiddenSize();
      return new Parameters(
          transform.take(weight("dense.weight", hidden, hidden, config.initializerRange())),
          transform.take(bias("dense.bias", hidden)),
          transform.take(gain(norm + ".weight", hidden)),
          transform.take(bias(norm + ".bias", hidden)),
          head.take(bias("bias", config.vocabSize())),
          scope.undecayed());
    }
  }

  /** The head, to be added to the encoder of a model. */
  public static ParameterTable.Block head(BertConfig config) {
    return scope -> Parameters.of(scope, config);
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param gradients flat; null where only losses are wanted
   * @param maxPredictions the most masked tokens of a batch
   */
  public MaskedLanguageModel(
      Device device, Workspace workspace, BertModel model, Tensor gradients, int maxPredictions) {
    this.device = device;
    config = model.config();
    ParameterTable table = model.table();
    parameters = Parameters.of(table.scope(model.parameters()), config);
    stored = Parameters.of(table.scope(model.stored()), config);
    storedWords = table.view(model.stored(), BertModel.WORDS);
    this.gradients = gradients == null ? null : Parameters.of(table.scope(gradients), config);
    wordGradient = gradients == null ? null : table.view(gradients, BertModel.WORDS);
    DType storage = model.storage();
    Shape shape = Shape.of(maxPredictions, config.hiddenSize());
    rows = workspace.i32("maskedRows", maxPredictions);
    labels = workspace.i32("labels", maxPredictions);
    selected = workspace.tensor("selected", storage, shape);
    dense = workspace.tensor("headDense", storage, shape);
    activated = workspace.tensor("headActivated", storage, shape);
    norm =
        new LayerNorm(
            workspace.tensor("headOutput", storage, shape),
            activated,
            workspace.f32("headMean", maxPredictions),
            workspace.f32("headRstd", maxPredictions),
            parameters.gamma(),
            parameters.beta(),
            config.layerNormEps());
    logits = workspace.tensor("logits", storage, Shape.of(maxPredictions, config.vocabSize()));
    loss = workspace.f32("loss", maxPredictions);
    dY = gradients == null ? null : workspace.tensor("dHeadOutput", storage, shape);
    dDense = gradients == null ? null : workspace.tensor("dHeadDense", storage, shape);
    normBackward =
        gradients == null
            ? null
            : new LayerNormBackward(
                norm, dDense, dY, this.gradients.gamma(), this.gradients.beta());
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
    int predictions = maskedRows.length;
    useRows(predictions);
    device.upload(rows, maskedRows);
    device.upload(labels, labelIds);
    kernels.row().gatherRows(selected, hidden, rows);
    kernels.product().gemm(GemmSpec.NT, dense, selected, stored.denseWeight());
    kernels.activation().biasGelu(activated, dense, parameters.denseBias(), config.geluForm());
    kernels.norm().layerNorm(norm);
    kernels.product().gemm(GemmSpec.NT, logits, norm.y(), storedWords);
    kernels
        .loss()
        .softmaxCrossEntropy(
            loss,
            logits,
            parameters.vocabularyBias(),
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
    dY.rows(maskedRows.length);
    dDense.rows(maskedRows.length);
    kernels.memory().fill(gradients.vectors(), 0);
    kernels.activation().biasGradient(gradients.vocabularyBias(), logits);
    kernels.product().gemm(GemmSpec.TN, wordGradient, logits, norm.y());
    kernels.product().gemm(GemmSpec.NN, dY, logits, storedWords);
    kernels.norm().layerNormBackward(normBackward);
    kernels
        .activation()
        .biasGeluBackward(
            dDense,
            gradients.denseBias(),
            dDense,
            dense,
            parameters.denseBias(),
            config.geluForm());
    kernels.product().gemm(GemmSpec.TN, gradients.denseWeight(), dDense, selected);
    kernels.product().gemm(GemmSpec.NN, dY, dDense, stored.denseWeight());
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

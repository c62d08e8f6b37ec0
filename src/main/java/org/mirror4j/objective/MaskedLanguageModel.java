package org.mirror4j.objective;

import static org.mirror4j.tensor.Parameter.bias;

import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Masked language modelling (Devlin et al. 2019, section 3.1) with tied embeddings. For the hidden
 * states x of the masked tokens and word embeddings E:
 *
 * <pre>
 *   y = LayerNorm(gelu(x W^T + b)),   logits = y E^T + c,   loss = cross entropy
 * </pre>
 */
final class MaskedLanguageModel {
  private final Device device;
  private final Parameters gradients;
  private final HeadTransform transform;
  private final TiedDecoder decoder;

  /**
   * Parameters of the head; its decoder's weight is the word embeddings.
   *
   * @param vocabularyBias [vocabSize]
   * @param vectors all but the weight, side by side
   */
  private record Parameters(
      HeadTransform.Parameters transform, Tensor vocabularyBias, Tensor vectors) {
    /** Takes them, under the names of transformers' BertForMaskedLM and RobertaForMaskedLM. */
    static Parameters of(ParameterScope scope, BertConfig config) {
      boolean bert = config.family() == BertConfig.Family.BERT;
      ParameterScope head = scope.in(bert ? "cls.predictions" : "lm_head");
      return new Parameters(
          HeadTransform.Parameters.take(
              bert ? head.in("transform") : head,
              config,
              config.hiddenSize(),
              "dense",
              bert ? "LayerNorm" : "layer_norm"),
          head.take(bias("bias", config.vocabSize())),
          scope.undecayed());
    }
  }

  /** The head, to be added to the encoder of a model. */
  static ParameterTable.Block head(BertConfig config) {
    return scope -> Parameters.of(scope, config);
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param flatGradients null where only losses are wanted
   * @param maxPredictions the most masked tokens of a batch
   */
  MaskedLanguageModel(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor flatGradients,
      int maxPredictions) {
    this.device = device;
    ParameterTable table = model.table();
    BertConfig config = model.config();
    Parameters parameters = Parameters.of(table.scope(model.parameters()), config);
    Parameters stored = Parameters.of(table.scope(model.stored()), config);
    gradients = flatGradients == null ? null : Parameters.of(table.scope(flatGradients), config);
    transform =
        new HeadTransform(
            device,
            workspace,
            "masked",
            model,
            parameters.transform,
            stored.transform.weight(),
            gradients == null ? null : gradients.transform,
            maxPredictions);
    decoder =
        new TiedDecoder(
            device,
            workspace,
            "masked",
            model,
            parameters.vocabularyBias,
            flatGradients,
            gradients == null ? null : gradients.vocabularyBias,
            GemmSpec.TN,
            maxPredictions);
  }

  /** Takes the tokens that were masked, one a row. */
  void upload(int[] labels) {
    decoder.upload(labels);
  }

  /**
   * Computes the loss of each row.
   *
   * @param x [predictions, hidden], the last hidden states of the masked tokens
   * @param gradientScale [1], what the gradients are multiplied by
   */
  void forward(Tensor x, Tensor gradientScale) {
    decoder.forward(transform.forward(x), gradientScale);
  }

  /**
   * Computes the logits of each row alone.
   *
   * @param x [rows, hidden], the last hidden states of masked tokens
   */
  TiedDecoder.Logits logits(Tensor x) {
    return decoder.logits(transform.forward(x));
  }

  /** The sum of the last losses; 0 of no rows. */
  double loss() {
    return decoder.loss();
  }

  /**
   * The gradients of the sum of the losses times the scale; those of the head and the word
   * embeddings are overwritten.
   *
   * @param dX [predictions, hidden], overwritten
   * @param x as in the forward pass
   */
  void backward(Tensor dX, Tensor x) {
    device.kernels().memory().fill(gradients.vectors, 0);
    decoder.backward(transform.dY(), transform.y());
    transform.backward(dX, x);
  }
}

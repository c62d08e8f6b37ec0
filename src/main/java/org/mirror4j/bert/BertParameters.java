package org.mirror4j.bert;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.tensor.Tensor;

/**
 * The parameters of a model, or their gradients, as views of one flat buffer: what the operations
 * of forward and backward pass are given.
 *
 * @param flat [table.size()], all of them
 * @param word [vocabSize, hidden]
 * @param position [maxPositionEmbeddings, hidden]
 * @param tokenType [typeVocabSize, hidden]
 * @param gamma [hidden], of the embedding LayerNorm
 * @param beta [hidden], of the embedding LayerNorm
 * @param vectors all biases and LayerNorm parameters of the encoder, side by side
 * @param layers one entry a layer
 * @param head null where the model has none
 */
public record BertParameters(
    Tensor flat,
    Tensor word,
    Tensor position,
    Tensor tokenType,
    Tensor gamma,
    Tensor beta,
    Tensor vectors,
    List<Layer> layers,
    MaskedLanguageModelHead head) {

  /**
   * Parameters of one layer; weights are [outFeatures, inFeatures].
   *
   * @param qkvWeight [3 hidden, hidden]
   * @param qkvBias [3 hidden]
   * @param attentionWeight [hidden, hidden], output projection of the attention
   * @param intermediateWeight [intermediate, hidden]
   * @param outputWeight [hidden, intermediate]
   */
  public record Layer(
      Tensor qkvWeight,
      Tensor qkvBias,
      Tensor attentionWeight,
      Tensor attentionBias,
      Tensor attentionGamma,
      Tensor attentionBeta,
      Tensor intermediateWeight,
      Tensor intermediateBias,
      Tensor outputWeight,
      Tensor outputBias,
      Tensor outputGamma,
      Tensor outputBeta) {}

  /**
   * Parameters of the head; the decoder's weight is the word embeddings.
   *
   * @param denseWeight [hidden, hidden]
   * @param vocabularyBias [vocabSize]
   * @param vectors all biases and LayerNorm parameters of the head, side by side
   */
  public record MaskedLanguageModelHead(
      Tensor denseWeight,
      Tensor denseBias,
      Tensor gamma,
      Tensor beta,
      Tensor vocabularyBias,
      Tensor vectors) {}

  /** Views of {@code flat} as {@code table} lays it out. */
  public static BertParameters of(BertConfig config, ParameterTable table, Tensor flat) {
    List<Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      String prefix = ParameterTable.layerPrefix(layer);
      layers.add(
          new Layer(
              table.queryKeyValue(flat, layer, "weight"),
              table.queryKeyValue(flat, layer, "bias"),
              table.view(flat, prefix + "attention.output.dense.weight"),
              table.view(flat, prefix + "attention.output.dense.bias"),
              table.view(flat, prefix + "attention.output.LayerNorm.weight"),
              table.view(flat, prefix + "attention.output.LayerNorm.bias"),
              table.view(flat, prefix + "intermediate.dense.weight"),
              table.view(flat, prefix + "intermediate.dense.bias"),
              table.view(flat, prefix + "output.dense.weight"),
              table.view(flat, prefix + "output.dense.bias"),
              table.view(flat, prefix + "output.LayerNorm.weight"),
              table.view(flat, prefix + "output.LayerNorm.bias")));
    }
    ParameterTable.HeadNames names = ParameterTable.HeadNames.of(config.family());
    MaskedLanguageModelHead head =
        table.has(names.denseWeight())
            ? new MaskedLanguageModelHead(
                table.view(flat, names.denseWeight()),
                table.view(flat, names.denseBias()),
                table.view(flat, names.gamma()),
                table.view(flat, names.beta()),
                table.view(flat, names.vocabularyBias()),
                table.vectors(flat, names.denseBias(), names.vocabularyBias()))
            : null;
    return new BertParameters(
        flat,
        table.view(flat, "embeddings.word_embeddings.weight"),
        table.view(flat, "embeddings.position_embeddings.weight"),
        table.view(flat, "embeddings.token_type_embeddings.weight"),
        table.view(flat, "embeddings.LayerNorm.weight"),
        table.view(flat, "embeddings.LayerNorm.bias"),
        table.vectors(
            flat,
            "embeddings.LayerNorm.weight",
            ParameterTable.layerPrefix(config.numHiddenLayers() - 1) + "output.LayerNorm.bias"),
        List.copyOf(layers),
        head);
  }
}

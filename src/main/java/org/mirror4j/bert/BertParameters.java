package org.mirror4j.bert;

import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.gain;
import static org.mirror4j.tensor.Parameter.weight;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Tensor;

/**
 * The parameters of an encoder, or their gradients: what the operations of forward and backward
 * pass are given.
 *
 * @param word [vocabSize, hidden]
 * @param position [maxPositionEmbeddings, hidden]
 * @param tokenType [typeVocabSize, hidden]
 * @param gamma [hidden], of the embedding LayerNorm
 * @param beta [hidden], of the embedding LayerNorm
 * @param layers one entry a layer
 * @param vectors all biases and LayerNorm parameters, side by side
 */
record BertParameters(
    Tensor word,
    Tensor position,
    Tensor tokenType,
    Tensor gamma,
    Tensor beta,
    List<Layer> layers,
    Tensor vectors) {
  /** Parameters of one layer. */
  record Layer(SelfAttention.Parameters attention, PositionwiseBlock.Parameters block) {}

  /** Takes them, under the names of transformers' BertModel and RobertaModel. */
  static BertParameters of(ParameterScope scope, BertConfig config) {
    int hidden = config.hiddenSize();
    float deviation = config.initializerRange();
    ParameterScope embeddings = scope.in("embeddings");
    Tensor word =
        embeddings.take(weight("word_embeddings.weight", config.vocabSize(), hidden, deviation));
    Tensor position =
        embeddings.take(
            weight(
                "position_embeddings.weight", config.maxPositionEmbeddings(), hidden, deviation));
    Tensor tokenType =
        embeddings.take(
            weight("token_type_embeddings.weight", config.typeVocabSize(), hidden, deviation));
    Tensor gamma = embeddings.take(gain("LayerNorm.weight", hidden));
    Tensor beta = embeddings.take(bias("LayerNorm.bias", hidden));
    List<Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      ParameterScope inside = scope.in("encoder.layer." + layer);
      layers.add(
          new Layer(
              SelfAttention.Parameters.of(inside.in("attention.self"), config),
              PositionwiseBlock.Parameters.of(inside, config)));
    }
    return new BertParameters(
        word, position, tokenType, gamma, beta, List.copyOf(layers), scope.undecayed());
  }
}

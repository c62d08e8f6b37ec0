package org.mirror4j.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.device.GeluForm;

/**
 * Architecture of a BERT-shaped encoder, as in {@code config.json} of a model directory.
 *
 * @param family which of the two kinds of BERT-shaped models this is
 * @param vocabSize {@code vocab_size}, rows of the word embeddings
 * @param hiddenSize {@code hidden_size}
 * @param numHiddenLayers {@code num_hidden_layers}
 * @param numAttentionHeads {@code num_attention_heads}, divides hiddenSize
 * @param intermediateSize {@code intermediate_size} of the feed-forward block
 * @param maxPositionEmbeddings {@code max_position_embeddings}, rows of the position embeddings
 * @param typeVocabSize {@code type_vocab_size}; row 0 is used for every token
 * @param layerNormEps {@code layer_norm_eps}
 * @param geluForm from {@code hidden_act}
 * @param initializerRange {@code initializer_range}, standard deviation of fresh weights
 * @param padTokenId {@code pad_token_id}
 */
public record BertConfig(
    Family family,
    int vocabSize,
    int hiddenSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int intermediateSize,
    int maxPositionEmbeddings,
    int typeVocabSize,
    float layerNormEps,
    GeluForm geluForm,
    float initializerRange,
    int padTokenId) {

  /** Kinds of BERT-shaped models; they differ in position ids and tensor names. */
  public enum Family {
    /** Positions count from 0; names start with {@code bert.} */
    BERT("bert", "BertModel", "BertForMaskedLM"),
    /** Positions count from padTokenId + 1; names start with {@code roberta.} */
    ROBERTA("roberta", "RobertaModel", "RobertaForMaskedLM");

    private final String modelType;
    private final String encoderClass;
    private final String maskedClass;

    Family(String modelType, String encoderClass, String maskedClass) {
      this.modelType = modelType;
      this.encoderClass = encoderClass;
      this.maskedClass = maskedClass;
    }

    /** What tensor names of a model with a head start with. */
    public String prefix() {
      return modelType + ".";
    }
  }

  /** Checks the sizes against each other. */
  public BertConfig {
    positive("vocab_size", vocabSize);
    positive("hidden_size", hiddenSize);
    positive("num_hidden_layers", numHiddenLayers);
    positive("num_attention_heads", numAttentionHeads);
    positive("intermediate_size", intermediateSize);
    positive("max_position_embeddings", maxPositionEmbeddings);
    positive("type_vocab_size", typeVocabSize);
    if (hiddenSize % numAttentionHeads != 0) {
      throw new IllegalArgumentException(
          "config: hidden_size is %d, expected a multiple of num_attention_heads = %d"
              .formatted(hiddenSize, numAttentionHeads));
    }
    if (!(layerNormEps > 0)) {
      throw new IllegalArgumentException(
          "config: layer_norm_eps is " + layerNormEps + ", expected a positive number");
    }
  }

  private static void positive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "config: " + key + " is " + value + ", expected a positive number");
    }
  }

  /** Elements of one attention head. */
  public int headSize() {
    return hiddenSize / numAttentionHeads;
  }

  /** Position id of the first token of a sequence. */
  public int positionOffset() {
    return family == Family.BERT ? 0 : padTokenId + 1;
  }

  /** The most tokens of a sequence, special tokens included. */
  public int maxSequenceLength() {
    return maxPositionEmbeddings - positionOffset();
  }

  /**
   * Reads {@code config.json}. Keys with a default in transformers may be absent; keys that this
   * engine has no use for are passed over.
   *
   * @throws IllegalArgumentException naming the key, what was found and what was expected
   */
  public static BertConfig parse(JsonNode json) {
    String modelType = json.path("model_type").asText("bert");
    Family family =
        switch (modelType) {
          case "bert" -> Family.BERT;
          case "roberta", "xlm-roberta", "camembert" -> Family.ROBERTA;
          default ->
              throw new IllegalArgumentException(
                  "config: model_type is '"
                      + modelType
                      + "', expected bert, roberta, xlm-roberta or camembert");
        };
    String positions = json.path("position_embedding_type").asText("absolute");
    if (!positions.equals("absolute")) {
      throw new IllegalArgumentException(
          "config: position_embedding_type is '" + positions + "', expected absolute");
    }
    String activation = json.path("hidden_act").asText("gelu");
    GeluForm form =
        switch (activation) {
          case "gelu" -> GeluForm.ERF;
          case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> GeluForm.TANH;
          default ->
              throw new IllegalArgumentException(
                  "config: hidden_act is '"
                      + activation
                      + "', expected gelu, gelu_new or gelu_pytorch_tanh");
        };
    return new BertConfig(
        family,
        integer(json, "vocab_size", null),
        integer(json, "hidden_size", null),
        integer(json, "num_hidden_layers", null),
        integer(json, "num_attention_heads", null),
        integer(json, "intermediate_size", null),
        integer(json, "max_position_embeddings", null),
        integer(json, "type_vocab_size", family == Family.BERT ? 2 : 1),
        (float) number(json, "layer_norm_eps", 1e-12),
        form,
        (float) number(json, "initializer_range", 0.02),
        integer(json, "pad_token_id", family == Family.BERT ? 0 : 1));
  }

  private static int integer(JsonNode json, String key, Integer otherwise) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() && otherwise != null) {
      return otherwise;
    }
    if (!value.isInt()) {
      throw new IllegalArgumentException(
          "config: "
              + key
              + " is "
              + (value.isMissingNode() ? "missing" : value)
              + ", expected a whole number");
    }
    return value.asInt();
  }

  private static double number(JsonNode json, String key, double otherwise) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !value.isNumber()) {
      throw new IllegalArgumentException("config: " + key + " is " + value + ", expected a number");
    }
    return value.asDouble(otherwise);
  }

  /** The content of {@code config.json}, as transformers reads it. */
  public ObjectNode toJson(boolean maskedLanguageModel) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures")
        .add(maskedLanguageModel ? family.maskedClass : family.encoderClass);
    json.put("model_type", family.modelType);
    json.put("vocab_size", vocabSize);
    json.put("hidden_size", hiddenSize);
    json.put("num_hidden_layers", numHiddenLayers);
    json.put("num_attention_heads", numAttentionHeads);
    json.put("intermediate_size", intermediateSize);
    json.put("max_position_embeddings", maxPositionEmbeddings);
    json.put("type_vocab_size", typeVocabSize);
    // The shortest decimal that gives the same f32, not the digits of its double.
    json.put("layer_norm_eps", Double.parseDouble(Float.toString(layerNormEps)));
    json.put("hidden_act", geluForm == GeluForm.ERF ? "gelu" : "gelu_new");
    json.put("initializer_range", Double.parseDouble(Float.toString(initializerRange)));
    json.put("pad_token_id", padTokenId);
    json.put("hidden_dropout_prob", 0.1);
    json.put("attention_probs_dropout_prob", 0.1);
    json.put("position_embedding_type", "absolute");
    return json;
  }
}

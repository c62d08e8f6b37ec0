package org.mirror4j.bert;

import static org.mirror4j.file.FileException.clean;
import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.mirror4j.bert.BertConfig.Family;
import org.mirror4j.device.operation.GeluForm;

/**
 * Reads an architecture from {@code config.json} with the defaults of transformers. Keys that would
 * make the encoder compute something else are refused; all others are of no use here.
 */
record ConfigReader(JsonNode json, Family family) {
  /**
   * The architecture.
   *
   * @throws IllegalArgumentException naming the key, what was found and what was expected
   */
  BertConfig read() {
    refuseOtherEncoders();
    return new BertConfig(
        family,
        integer("vocab_size", null),
        integer("hidden_size", null),
        integer("num_hidden_layers", null),
        integer("num_attention_heads", null),
        integer("intermediate_size", null),
        integer("max_position_embeddings", null),
        integer("type_vocab_size", 2),
        (float) number("layer_norm_eps", 1e-12),
        activation(),
        (float) number("initializer_range", 0.02),
        padTokenId());
  }

  private GeluForm activation() {
    String activation = text("hidden_act", "gelu");
    return switch (activation) {
      case "gelu", "gelu_python" -> GeluForm.ERF;
      case "gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "gelu_python_tanh" ->
          GeluForm.TANH;
      default ->
          throw wrong("hidden_act", quote(activation), "gelu, gelu_new or gelu_pytorch_tanh");
    };
  }

  /** BERT's encoder does not depend on it; the positions of a RoBERTa count from it. */
  private int padTokenId() {
    boolean none = json.path("pad_token_id").isNull();
    if (none && family == Family.ROBERTA) {
      throw wrong("pad_token_id", "null", "the number that positions of a RoBERTa count from");
    }
    return none ? 0 : integer("pad_token_id", family == Family.BERT ? 0 : 1);
  }

  private void refuseOtherEncoders() {
    for (String key : List.of("is_decoder", "add_cross_attention", "is_encoder_decoder")) {
      if (json.path(key).asBoolean()) {
        throw wrong(key, "true", "an encoder, where it is false");
      }
    }
    String positions = text("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw wrong("position_embedding_type", quote(positions), "absolute");
    }
    if (!json.path("pruned_heads").isEmpty()) {
      throw wrong("pruned_heads", found("pruned_heads"), "none, all heads in place");
    }
    JsonNode embeddingSize = json.path("embedding_size");
    if (embeddingSize.isNumber() && !embeddingSize.equals(json.path("hidden_size"))) {
      throw wrong("embedding_size", found("embedding_size"), "hidden_size, or no such key");
    }
    if (json.hasNonNull("quantization_config")) {
      throw wrong("quantization_config", "there", "weights that are not quantised");
    }
    JsonNode code = json.path("auto_map").path("AutoModel");
    if (!code.isMissingNode()) {
      throw wrong(
          "auto_map",
          "an encoder of its own, " + clean(code.toString()),
          "one that transformers defines");
    }
  }

  private String text(String key, String otherwise) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !value.isTextual()) {
      throw wrong(key, found(key), "a name such as " + otherwise);
    }
    return value.asText(otherwise);
  }

  private int integer(String key, Integer otherwise) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() && otherwise != null) {
      return otherwise;
    }
    if (!value.isInt()) {
      throw wrong(key, found(key), "a whole number");
    }
    return value.intValue();
  }

  private double number(String key, double otherwise) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !value.isNumber()) {
      throw wrong(key, found(key), "a number");
    }
    return value.asDouble(otherwise);
  }

  private String found(String key) {
    return json.has(key) ? clean(json.get(key).toString()) : "missing";
  }

  private static IllegalArgumentException wrong(String key, String found, String expected) {
    return new IllegalArgumentException(
        "config: %s is %s, expected %s".formatted(key, found, expected));
  }
}

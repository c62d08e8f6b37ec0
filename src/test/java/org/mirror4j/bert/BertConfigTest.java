package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.GeluForm;

class BertConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The keys of bert-base-uncased that matter and some that do not. */
  private static ObjectNode bert() {
    return json(
        """
        {"architectures": ["BertForMaskedLM"], "attention_probs_dropout_prob": 0.1,
         "gradient_checkpointing": false, "hidden_act": "gelu", "hidden_size": 768,
         "initializer_range": 0.02, "intermediate_size": 3072, "layer_norm_eps": 1e-12,
         "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 12,
         "num_hidden_layers": 12, "pad_token_id": 0, "type_vocab_size": 2, "vocab_size": 30522}
        """);
  }

  private static ObjectNode json(String text) {
    try {
      return (ObjectNode) JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void bertBase() {
    BertConfig config = BertConfig.parse(bert());
    assertThat(config)
        .isEqualTo(
            new BertConfig(
                BertConfig.Family.BERT,
                30522,
                768,
                12,
                12,
                3072,
                512,
                2,
                1e-12f,
                GeluForm.ERF,
                0.02f,
                0));
    assertThat(config.headSize()).isEqualTo(64);
    assertThat(config.positionOffset()).isZero();
    assertThat(config.maxSequenceLength()).isEqualTo(512);
  }

  /** Two position embeddings of RoBERTa are never a token's. */
  @ParameterizedTest
  @ValueSource(strings = {"roberta", "xlm-roberta", "camembert"})
  void robertaBase(String modelType) {
    ObjectNode json = bert().put("model_type", modelType).put("max_position_embeddings", 514);
    json.put("layer_norm_eps", 1e-5);
    json.remove("pad_token_id");
    json.remove("type_vocab_size");
    BertConfig config = BertConfig.parse(json);
    assertThat(config.family()).isEqualTo(BertConfig.Family.ROBERTA);
    assertThat(config.padTokenId()).isEqualTo(1);
    assertThat(config.typeVocabSize()).isEqualTo(1);
    assertThat(config.layerNormEps()).isEqualTo(1e-5f);
    assertThat(config.positionOffset()).isEqualTo(2);
    assertThat(config.maxSequenceLength()).isEqualTo(512);
  }

  @Test
  void defaultsOfTransformers() {
    ObjectNode json = bert();
    json.remove("model_type");
    json.remove("hidden_act");
    json.remove("layer_norm_eps");
    json.remove("initializer_range");
    json.remove("pad_token_id");
    json.remove("type_vocab_size");
    assertThat(BertConfig.parse(json)).isEqualTo(BertConfig.parse(bert()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"})
  void tanhForms(String activation) {
    assertThat(BertConfig.parse(bert().put("hidden_act", activation)).geluForm())
        .isEqualTo(GeluForm.TANH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type | distilbert | config: model_type is 'distilbert', expected bert, roberta,"
            + " xlm-roberta or camembert",
        "hidden_act | relu | config: hidden_act is 'relu', expected gelu, gelu_new or"
            + " gelu_pytorch_tanh",
        "position_embedding_type | relative_key | config: position_embedding_type is"
            + " 'relative_key', expected absolute",
        "hidden_size | many | config: hidden_size is \"many\", expected a whole number"
      })
  void wordsThatAreNotKnown(String key, String value, String message) {
    assertThatThrownBy(() -> BertConfig.parse(bert().put(key, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "num_attention_heads | 7 | config: hidden_size is 768, expected a multiple of"
            + " num_attention_heads = 7",
        "num_hidden_layers | 0 | config: num_hidden_layers is 0, expected a positive number",
        "vocab_size | 1.5 | config: vocab_size is 1.5, expected a whole number",
        "layer_norm_eps | 0 | config: layer_norm_eps is 0.0, expected a positive number"
      })
  void numbersThatDoNotFit(String key, double value, String message) {
    ObjectNode json = bert();
    if (value == Math.rint(value)) {
      json.put(key, (int) value);
    } else {
      json.put(key, value);
    }
    assertThatThrownBy(() -> BertConfig.parse(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings"
      })
  void sizesThatAreMissing(String key) {
    ObjectNode json = bert();
    json.remove(key);
    assertThatThrownBy(() -> BertConfig.parse(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("config: " + key + " is missing, expected a whole number");
  }

  /** What is not a number is not taken for a missing one. */
  @ParameterizedTest
  @ValueSource(strings = {"layer_norm_eps", "initializer_range"})
  void fractionsThatAreWords(String key) {
    assertThatThrownBy(() -> BertConfig.parse(bert().put(key, "small")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("config: " + key + " is \"small\", expected a number");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writtenAndRead(boolean head) throws JsonProcessingException {
    for (String modelType : new String[] {"bert", "roberta"}) {
      BertConfig config =
          BertConfig.parse(
              bert()
                  .put("model_type", modelType)
                  .put("hidden_act", "gelu_new")
                  .put("pad_token_id", 3)
                  .put("layer_norm_eps", 1e-5));
      ObjectNode json = config.toJson(head);
      assertThat(BertConfig.parse(JSON.readTree(json.toString()))).isEqualTo(config);
      assertThat(json.path("layer_norm_eps")).hasToString("1.0E-5");
      String name = modelType.equals("bert") ? "Bert" : "Roberta";
      assertThat(json.path("architectures").path(0).asText())
          .isEqualTo(name + (head ? "ForMaskedLM" : "Model"));
    }
  }
}

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
import org.mirror4j.device.operation.GeluForm;

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
    json.remove("architectures");
    json.remove("pad_token_id");
    json.remove("type_vocab_size");
    BertConfig config = BertConfig.parse(json);
    assertThat(config.family()).isEqualTo(BertConfig.Family.ROBERTA);
    assertThat(config.padTokenId()).isEqualTo(1);
    assertThat(config.typeVocabSize()).isEqualTo(2);
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

  @Test
  void theExactFormHasTwoNames() {
    assertThat(BertConfig.parse(bert().put("hidden_act", "gelu_python")).geluForm())
        .isEqualTo(GeluForm.ERF);
  }

  /** Each of these makes transformers compute something else, or nothing at all. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"is_decoder":true}          | is_decoder is true, expected an encoder, where it is false
          {"add_cross_attention":true} | add_cross_attention is true, expected an encoder
          {"is_encoder_decoder":true}  | is_encoder_decoder is true, expected an encoder
          {"pruned_heads":{"1":[0,2]}} | pruned_heads is {"1":[0,2]}, expected none
          {"embedding_size":128}       | embedding_size is 128, expected hidden_size, or no such key
          {"quantization_config":{}}   | quantization_config is there, expected weights that are not
          {"auto_map":{"AutoModel":"m.Jina"}} | auto_map is an encoder of its own, "m.Jina", expected
          {"hidden_act":null}          | hidden_act is null, expected a name such as gelu
          {"model_type":"roberta","architectures":null,"pad_token_id":null} | pad_token_id is null
          {"pad_token_id":-1}          | pad_token_id is -1, expected 0 to vocab_size - 1 = 30521
          {"pad_token_id":30522}       | pad_token_id is 30522, expected 0 to
          {"model_type":"roberta","architectures":[],"pad_token_id":511} | max_position_embeddings is 512, expected more than pad_token_id + 1 = 512
          {"layer_norm_eps":1e999}     | layer_norm_eps is Infinity
          {"hidden_size":2000000000}   | hidden_size is 2000000000, expected 1 to 65536
          {"num_hidden_layers":1000000000} | num_hidden_layers is 1000000000, expected 1 to 1024
          {"vocab_size":99999999999999999999} | vocab_size is 99999999999999999999, expected a whole
          {"model_type":7}             | model_type is 7, expected bert, roberta
          {"model_type":null,"architectures":["MyEncoder"]} | model_type is missing, and nothing else tells
          {"architectures":["RobertaForMaskedLM"]} | model_type 'bert' says bert, architectures 'RobertaForMaskedLM' says roberta: expected one family
          """)
  void whatWouldChangeTheEncoderIsRefusedByName(String keys, String message) {
    ObjectNode changed = bert().setAll(json(keys));
    assertThatThrownBy(() -> BertConfig.parse(changed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("config: ")
        .hasMessageContaining(message);
  }

  /** The same keys where they change nothing. */
  @Test
  void keysThatChangeNothing() {
    ObjectNode plain =
        bert()
            .setAll(
                json(
                    """
                    {"is_decoder": false, "add_cross_attention": false, "pruned_heads": {},
                     "embedding_size": 768, "quantization_config": null, "pad_token_id": null,
                     "auto_map": {"AutoModelForX": "m.Head"}, "architectures": ["Contriever"]}
                    """));
    assertThat(BertConfig.parse(plain)).isEqualTo(BertConfig.parse(bert()));
  }

  /** Hidden size times itself a thousand times fits into no buffer. */
  @Test
  void productsAreBounded() {
    BertConfig huge =
        BertConfig.parse(bert().put("hidden_size", 65532).put("num_hidden_layers", 1000));
    assertThatThrownBy(() -> BertModel.table(huge))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("config: \\d{14} parameters, expected at most 2147483647");
  }

  @ParameterizedTest
  @CsvSource({
    "roberta, RobertaForX, false, RobertaModel",
    "xlm-roberta, XLMRobertaForMaskedLM, true, XLMRobertaForMaskedLM",
    "camembert, CamembertModel, false, CamembertModel",
    "bert, Contriever, false, BertModel",
    ", BertForPreTraining, true, BertForMaskedLM"
  })
  void whatIsWrittenKeepsWhatWasRead(
      String modelType, String read, boolean head, String architecture) {
    ObjectNode json = bert().put("my_key", 3).put("model_type", modelType);
    json.putArray("architectures").add(read);
    ObjectNode written = BertConfig.parse(json).written(json, head);
    assertThat(written.path("architectures").toString()).isEqualTo("[\"" + architecture + "\"]");
    assertThat(written.path("model_type").asText())
        .isEqualTo(modelType == null ? "bert" : modelType);
    json.remove("architectures");
    json.remove("model_type");
    json.properties()
        .forEach(key -> assertThat(written.get(key.getKey())).isEqualTo(key.getValue()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "num_attention_heads | 7 | config: hidden_size is 768, expected a multiple of"
            + " num_attention_heads = 7",
        "num_hidden_layers | 0 | config: num_hidden_layers is 0, expected 1 to 1024",
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
      ObjectNode read = bert();
      read.remove("architectures");
      BertConfig config =
          BertConfig.parse(
              read.put("model_type", modelType)
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

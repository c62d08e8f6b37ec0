package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;

/** What stands beside the encoder in files of sentence-transformers and in our own. */
class SentenceTransformersFilesTest {
  @TempDir Path directory;

  @Test
  void sentenceTransformersFindsItsFiles() throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.F32, "cls"), false);
    assertThat(JsonFiles.read(target.resolve("modules.json")).toString())
        .isEqualTo(
            "[{\"idx\":0,\"name\":\"0\",\"path\":\"\","
                + "\"type\":\"sentence_transformers.models.Transformer\"},"
                + "{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\","
                + "\"type\":\"sentence_transformers.models.Pooling\"}]");
    assertThat(JsonFiles.read(target.resolve("1_Pooling/config.json")).toString())
        .isEqualTo(
            "{\"word_embedding_dimension\":2,\"pooling_mode_cls_token\":true,"
                + "\"pooling_mode_mean_tokens\":false,\"pooling_mode_max_tokens\":false,"
                + "\"pooling_mode_mean_sqrt_len_tokens\":false}");
    assertThat(JsonFiles.read(target.resolve("sentence_bert_config.json")).toString())
        .isEqualTo("{\"max_seq_length\":50,\"do_lower_case\":false}");
    Files.delete(target.resolve("mirror4j.json"));
    assertThat(ModelDirectory.open(target).settings())
        .isEqualTo(new ModelSettings(Optional.of("cls"), OptionalInt.of(50), Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          mirror4j.json | {"format":2}                                | 'format' is 2, expected 1
          mirror4j.json | {}                                          | 'format' missing, expected an integer
          mirror4j.json | {"format":1,"poling":"cls"}                 | unknown key 'poling'
          mirror4j.json | {"format":1,"pooling":3}                    | 'pooling' is 3, expected a string
          mirror4j.json | {"format":1,"max_length":0}                 | 'max_length' is 0, expected a positive integer
          mirror4j.json | {"format":1,"recipe":"word"}                | 'seed' missing, expected an integer
          mirror4j.json | {"format":1,"recipe":"w","seed":1,"data_hash":"","versions":{"a":1},"run":{}} | 'versions' is {"a":1}, expected an object of strings
          1_Pooling/config.json | {"pooling_mode_max_tokens":true}    | pooling is [pooling_mode_max_tokens]
          1_Pooling/config.json | {"pooling_mode_max_tokens":true,"pooling_mode_cls_token":true} | expected one of
          1_Pooling/config.json | {"pooling_mode":"max"}              | pooling is [max]
          1_Pooling/config.json | {"pooling_mode":["cls","mean"]}     | pooling is [cls, mean]
          1_Pooling/config.json | {"pooling_mode":"lasttoken","pooling_mode_mean_tokens":true} | pooling is [lasttoken]
          1_Pooling/config.json | {"pooling_mode_first":true}         | unknown key 'pooling_mode_first'
          sentence_bert_config.json | {"max_seq_length":"x"}          | 'max_seq_length' is "x"
          sentence_xlnet_config.json | {"do_lower_case":1}            | 'do_lower_case' is 1, expected true or false
          sentence_bert_config.json | {"lower":true}                  | unknown key 'lower'
          sentence_bert_config.json | {"transformer_task":"fill-mask"} | 'transformer_task' is "fill-mask"
          sentence_bert_config.json | {"modality_config":{"message":{}}} | modality_config: unknown key 'message'
          sentence_bert_config.json | {"modality_config":{"text":{"method":"forward","method_output_name":"pooler_output"}}} | 'method_output_name' is "pooler_output", expected last_hidden_state
          sentence_bert_config.json | {"tokenizer_args":{"add_prefix_space":true}} | tokenizer_args: unknown key 'add_prefix_space'
          config_sentence_transformers.json | {"model_type":"CrossEncoder"} | 'model_type' is "CrossEncoder", expected SentenceTransformer
          config_sentence_transformers.json | {"similarity_fn_name":"maxsim"} | 'similarity_fn_name' is "maxsim", expected cosine or dot
          config_sentence_transformers.json | {"truncate_dim":0}      | 'truncate_dim' is 0, expected a positive integer
          config_sentence_transformers.json | {"prompts":{"a":1}}     | 'prompts' is {"a":1}, expected an object of strings
          config_sentence_transformers.json | {"prompts":{"a":"","b":""},"default_prompt_name":"c"} | 'default_prompt_name': prompt name is 'c', expected one of a, b
          """)
  void malformedSettingsEndInOneLine(String file, String json, String expected) throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, json);
    ModelDirectory model = ModelDirectory.open(directory);
    assertThatThrownBy(model::settings)
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(path.toString())
        .hasMessageContaining(expected);
  }

  @Test
  void newerSentenceTransformersNameThePooling() throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    Files.createDirectory(directory.resolve("1_Pooling"));
    Files.writeString(
        directory.resolve("1_Pooling/config.json"),
        "{\"embedding_dimension\":2,\"pooling_mode\":\"mean\"}");
    Files.writeString(directory.resolve("sentence_bert_config.json"), "{\"max_seq_length\":null}");
    assertThat(ModelDirectory.open(directory).settings())
        .isEqualTo(new ModelSettings(Optional.of("mean"), OptionalInt.empty(), Optional.empty()));
  }

  /** The library would take what it knows for it, so its files say nothing. */
  @Test
  void aPoolingThatTheLibraryLacksStandsInOurFileAlone() throws IOException {
    Path target = directory.resolve("model");
    ModelContents usual = TinyModel.of(DType.F32, "mask");
    EmbeddingSettings embedding =
        new EmbeddingSettings(
            false,
            new Prompts(new TreeMap<>(Map.of("query", "q: ")), Optional.empty(), false),
            true,
            OptionalInt.empty(),
            Optional.empty(),
            JsonFiles.object());
    ModelSettings settings =
        new ModelSettings(
            usual.settings().pooling(),
            OptionalInt.of(50),
            Optional.of("a {} [MASK]"),
            embedding,
            usual.settings().provenance());
    ModelOutput.write(
        target,
        new ModelContents(usual.config(), usual.model(), settings, List.of(), usual.files()),
        false);
    assertThat(target.resolve("modules.json")).doesNotExist();
    assertThat(target.resolve("1_Pooling")).doesNotExist();
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(settings);
    Files.createDirectory(target.resolve("1_Pooling"));
    Files.writeString(target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"mean\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("pooling is mask in mirror4j.json, but mean in the files");
    Files.writeString(target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"mask\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("pooling is [mask], expected one of");
  }

  /** Which of the two is right cannot be known, and each would give other vectors. */
  @Test
  void filesThatContradictEachOtherAreRefused() throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.F32, "mean-padded"), false);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("mean-padded");
    Files.writeString(target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"cls\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessage(
            target
                + ": pooling is mean in mirror4j.json, but cls in the files of"
                + " sentence-transformers, expected the same");
    Files.writeString(target.resolve("1_Pooling/config.json"), "{}");
    Files.writeString(target.resolve("sentence_bert_config.json"), "{\"max_seq_length\":49}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("max_length is 50 in mirror4j.json, but 49 in the files");
  }

  /** What stands in the library's files alone is read from them though ours are there. */
  @Test
  void whatSurroundsTheEncoderComesBack() throws IOException {
    EmbeddingSettings embedding =
        new EmbeddingSettings(
            true,
            new Prompts(new TreeMap<>(Map.of("q", "find: ")), Optional.of("q"), false),
            true,
            OptionalInt.of(1),
            Optional.of("dot"),
            JsonFiles.object().put("model_type", "SentenceTransformer"));
    for (Optional<String> pooling : List.of(Optional.of("cls"), Optional.<String>empty())) {
      Path target = directory.resolve("model" + pooling.isPresent());
      ModelContents full = TinyModel.of(DType.F32, "cls");
      ModelSettings settings =
          new ModelSettings(
              pooling,
              OptionalInt.of(50),
              Optional.empty(),
              embedding,
              full.settings().provenance());
      ModelOutput.write(
          target,
          new ModelContents(full.config(), full.model(), settings, List.of(), full.files()),
          false);
      ModelSettings read = ModelDirectory.open(target).settings();
      if (pooling.isPresent()) {
        assertThat(read).isEqualTo(settings);
      } else {
        // A model without pooling has no modules: nothing but the division is left out.
        assertThat(read.embedding().prompts().byName()).containsExactly(Map.entry("q", "find: "));
        assertThat(read.embedding().lowerCase()).isTrue();
      }
    }
  }
}

package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class ModelDirectoryTest {
  @TempDir Path directory;

  @Test
  void whatIsWrittenComesBack() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(target, contents(DType.BF16, "mean-padded"), false);
    ModelDirectory model = ModelDirectory.open(target);
    assertThat(model.config().path("hidden_size").intValue()).isEqualTo(2);
    assertThat(model.config().path("torch_dtype").textValue()).isEqualTo("bfloat16");
    assertThat(model.settings()).isEqualTo(settings("mean-padded"));
    try (SafeTensors weights = model.weights()) {
      assertThat(weights.metadata()).isEqualTo(Map.of("format", "pt"));
      assertThat(weights.dtype("w")).isEqualTo(DType.BF16);
      float[] values = new float[2];
      weights.readFloats("w", MemorySegment.ofArray(values));
      assertThat(values).containsExactly(1, -2);
    }
    assertThat(target.resolve("vocab.txt")).hasContent("[PAD]");
  }

  @Test
  void sentenceTransformersFindsItsFiles() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(target, contents(DType.F32, "cls"), false);
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

  @Test
  void withoutPoolingItIsAPlainModel() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.Contents full = contents(DType.F32, "cls");
    ModelDirectory.write(
        target,
        new ModelDirectory.Contents(
            full.config(), full.tensors(), ModelSettings.NONE, full.files()),
        false);
    assertThat(target.resolve("modules.json")).doesNotExist();
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(ModelSettings.NONE);
    Files.delete(target.resolve("mirror4j.json"));
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(ModelSettings.NONE);
  }

  @Test
  void theSameContentsGiveTheSameBytes() throws IOException {
    ModelDirectory.write(directory.resolve("a"), contents(DType.F16, "mean"), false);
    ModelDirectory.write(directory.resolve("b"), contents(DType.F16, "mean"), false);
    for (String file : List.of("config.json", "model.safetensors", "mirror4j.json")) {
      assertThat(directory.resolve("a").resolve(file))
          .hasSameBinaryContentAs(directory.resolve("b").resolve(file));
    }
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    ModelDirectory.Contents good = contents(DType.F32, "cls");
    ModelDirectory.Contents bad =
        new ModelDirectory.Contents(
            good.config(),
            good.tensors(),
            good.settings(),
            path -> {
              throw new IOException("disk full");
            });
    Path target = directory.resolve("model");
    assertThatThrownBy(() -> ModelDirectory.write(target, bad, false))
        .isInstanceOf(FileException.class)
        .hasMessage(target + ": cannot be written: disk full");
    try (var content = Files.list(directory)) {
      assertThat(content).isEmpty();
    }
  }

  @Test
  void onlyModelDirectoriesAreReplacedAndOnlyOnDemand() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(target, contents(DType.F32, "cls"), false);
    assertThatThrownBy(() -> ModelDirectory.write(target, contents(DType.F32, "mean"), false))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("exists already");
    ModelDirectory.write(target, contents(DType.F32, "mean"), true);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("mean");

    Path home = Files.createDirectory(directory.resolve("home"));
    Files.writeString(home.resolve("letters.txt"), "precious");
    assertThatThrownBy(() -> ModelDirectory.write(home, contents(DType.F32, "cls"), true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("holds files but no config.json");
    assertThat(home.resolve("letters.txt")).hasContent("precious");

    Files.writeString(home.resolve("config.json"), "{}");
    assertThatThrownBy(() -> ModelDirectory.write(home, contents(DType.F32, "cls"), true))
        .isInstanceOf(FileException.class)
        .hasMessage(
            home
                + ": 'letters.txt' is no file of a model and would be lost;"
                + " move it away or name another output");
    Files.delete(home.resolve("letters.txt"));
    assertThatThrownBy(() -> ModelDirectory.write(home, contents(DType.F32, "cls"), true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("holds config.json but no weights");
  }

  /** Also where it lies in a folder that belongs to the model. */
  @ParameterizedTest
  @ValueSource(
      strings = {"notes.md", "1_Pooling/thesis.txt", "data/model.safetensors", ".git/config"})
  void aForeignFileIsNotReplacedWithItsModel(String name) throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(target, contents(DType.F32, "cls"), false);
    Path file = target.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "precious");
    assertThatThrownBy(() -> ModelDirectory.write(target, contents(DType.F32, "mean"), true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(name.startsWith("1_") ? name : name.split("/")[0])
        .hasMessageContaining("would be lost");
    assertThat(file).hasContent("precious");
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("cls");
  }

  /** What transformers and sentence-transformers put into a directory. */
  @Test
  void modelsOfOthersAreReplaced() throws IOException {
    Path target = Files.createDirectory(directory.resolve("model"));
    for (String name :
        List.of(
            "config.json",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model.bin.index.json",
            "tf_model.h5",
            "flax_model.msgpack",
            "onnx/model_quantized.onnx",
            "2_Dense/model.safetensors",
            "0_Transformer/vocab.txt",
            "sentence_xlnet_config.json",
            "config_sentence_transformers.json",
            "tokenizer_config.json",
            "README.md",
            ".gitattributes")) {
      Files.createDirectories(target.resolve(name).getParent());
      Files.writeString(target.resolve(name), "");
    }
    ModelDirectory.write(target, contents(DType.F32, "mean"), true);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("mean");
    assertThat(target.resolve("onnx")).doesNotExist();
  }

  @Test
  void hashesFollowTheFilesThatMatter() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(target, contents(DType.F32, "cls"), false);
    ModelDirectory model = ModelDirectory.open(target);
    String weights = model.hash();
    String tokenizer = model.tokenizerHash();
    Files.writeString(target.resolve("README.md"), "other");
    assertThat(model.hash()).isEqualTo(weights).matches("[0-9a-f]{64}");
    assertThat(model.tokenizerHash()).isEqualTo(tokenizer);
    Files.writeString(target.resolve("vocab.txt"), "[UNK]");
    assertThat(model.hash()).isEqualTo(weights);
    assertThat(model.tokenizerHash()).isNotEqualTo(tokenizer);
    Files.writeString(target.resolve("config.json"), "{\"a\": 1}");
    assertThat(model.hash()).isNotEqualTo(weights);
  }

  @Test
  void inputsAreNotReplaced() throws IOException {
    Path model = directory.resolve("model");
    ModelDirectory.write(model, contents(DType.F32, "cls"), false);
    Path link = Files.createSymbolicLink(directory.resolve("link"), model);
    for (Path input : List.of(model, link, model.resolve("vocab.txt"))) {
      assertThatThrownBy(() -> OutputPath.requireApart(model, List.of(input)))
          .isInstanceOf(FileException.class)
          .hasMessage(
              "%s: would replace the input %s, expected another place".formatted(model, input));
    }
    OutputPath.requireApart(model.resolve("new"), List.of(model));
  }

  @Test
  void whatIsNoModelDirectoryIsRefusedInOneLine() throws IOException {
    Path absent = directory.resolve("absent");
    expectOpenFailure(absent, absent + ": no such directory, expected a model directory");
    Path file = Files.writeString(directory.resolve("file"), "x");
    expectOpenFailure(file, file + ": is a file, expected a model directory");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    expectOpenFailure(empty, "config.json: no such file");
    Files.writeString(empty.resolve("config.json"), "{\"a\":1,}");
    expectOpenFailure(empty, "config.json: not valid JSON");
    Files.writeString(empty.resolve("config.json"), "[]");
    expectOpenFailure(empty, "config.json: JSON ARRAY at the top, expected an object");
    Files.writeString(empty.resolve("config.json"), "");
    expectOpenFailure(empty, "config.json: is empty, expected JSON");
    Files.writeString(empty.resolve("config.json"), "{}");
    ModelDirectory model = ModelDirectory.open(empty);
    assertThatThrownBy(model::weights)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no model.safetensors");
    Files.writeString(empty.resolve("pytorch_model.bin"), "");
    assertThatThrownBy(model::weights)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("run 'mirror4j convert'");
  }

  @Test
  void shardedWeightsAreFound() throws IOException {
    ModelDirectory.write(directory.resolve("one"), contents(DType.F32, "cls"), false);
    Path sharded = Files.createDirectory(directory.resolve("sharded"));
    Files.writeString(sharded.resolve("config.json"), "{}");
    Files.copy(
        directory.resolve("one/model.safetensors"), sharded.resolve("model-00001-of-00001.st"));
    Files.writeString(
        sharded.resolve("model.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":8},\"weight_map\":{\"w\":\"model-00001-of-00001.st\"}}");
    try (SafeTensors weights = ModelDirectory.open(sharded).weights()) {
      assertThat(weights.names()).containsExactly("w");
    }
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}                                  | expected a JSON array of modules
          [1]                                 | module 0 is no object
          []                                  | modules are [], expected Transformer, Pooling, perhaps some Dense and perhaps Normalize, in this order
          [T]                                 | modules are [Transformer], expected
          [P,T]                               | modules are [Pooling, Transformer], expected
          [T,N,P]                             | modules are [Transformer, Normalize, Pooling], expected
          [T,P,P]                             | modules are [Transformer, Pooling, Pooling], expected
          [T,P,N,N]                           | modules are [Transformer, Pooling, Normalize, Normalize], expected
          [T,D,P]                             | modules are [Transformer, Dense, Pooling], expected
          [T,P,N,D]                           | modules are [Transformer, Pooling, Normalize, Dense], expected
          [T,P,D,T]                           | modules are [Transformer, Pooling, Dense, Transformer], expected
          [T,P,D@2_a,D@2_a]                   | two modules have one path
          [T,P,sentence_transformers.models.CNN] | module 'sentence_transformers.models.CNN', expected
          [T,P,custom.Normalize]              | module 'custom.Normalize', expected
          [T,P,sentence_transformers.sparse_encoder.models.Pooling] | module 'sentence_transformers.sparse_encoder.models.Pooling'
          [T,P@../b]                          | path '../b' leaves the directory, expected a folder in it
          [T@/tmp,P]                          | path '/tmp' leaves the directory
          [T,P@a/../../b]                     | path 'a/../../b' leaves the directory
          [T,P@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa] | ...' of 121 characters, expected a folder's name of at most 120 that can be shown
          [T@x,P@./x]                         | two modules have one path
          [T,T]                               | modules are [Transformer, Transformer]
          """)
  void modulesThatCannotBeComputedAreRefused(String list, String expected) throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    Files.writeString(directory.resolve("modules.json"), modules(list));
    assertThatThrownBy(() -> ModelDirectory.open(directory))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(directory.resolve("modules.json").toString())
        .hasMessageContaining(expected);
  }

  @Test
  void modulesKeepTheirOrderAndNames() throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    Path file = directory.resolve("modules.json");
    String good = modules("[T,P]");
    Files.writeString(file, good.replace("\"idx\":1", "\"idx\":0"));
    expectOpenFailure(directory, file + ": module 1: 'idx' is 0, expected modules in their order");
    Files.writeString(file, good.replace("\"name\":\"1\"", "\"name\":\"0\""));
    expectOpenFailure(directory, file + ": two modules have the name '0'");
    Files.writeString(file, good.replace("\"name\"", "\"kwargs\":[\"task\"],\"name\""));
    expectOpenFailure(directory, file + ": module 0: takes 'kwargs', expected none");
    Files.writeString(file, good);
    ModelDirectory model = ModelDirectory.open(directory);
    assertThatThrownBy(model::settings)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("1_Pooling/config.json: no such file");
  }

  /** Names from version 0.3 to 6.0. */
  @ParameterizedTest
  @CsvSource({
    "models.BERT, models.Pooling, models.Normalize",
    "models.RoBERTa, models.Pooling, models.Normalize.Normalize",
    "models.Transformer, models.Pooling.Pooling, models.Normalize",
    "models.Transformer.Transformer, models.Pooling, models.Normalize",
    "base.modules.transformer.Transformer, sentence_transformer.modules.pooling.Pooling,"
        + " base.modules.normalize.Normalize",
    "sentence_transformer.modules.Transformer, sentence_transformer.modules.Pooling,"
        + " sentence_transformer.modules.normalize.Normalize"
  })
  void allNamesOfModulesAreKnown(String transformer, String pooling, String normalize)
      throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    String package_ = "sentence_transformers.";
    Files.writeString(
        directory.resolve("modules.json"),
        modules(
            "[%s,%s,%s]"
                .formatted(package_ + transformer, package_ + pooling, package_ + normalize)));
    Files.createDirectory(directory.resolve("1_Pooling"));
    Files.writeString(directory.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"cls\"}");
    ModelSettings settings = ModelDirectory.open(directory).settings();
    assertThat(settings.pooling()).contains("cls");
    assertThat(settings.embedding().normalize()).isTrue();
  }

  @Test
  void normalizingTokensIsRefused() throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    Files.writeString(directory.resolve("modules.json"), modules("[T,P,N]"));
    Path file = Files.createDirectory(directory.resolve("2_Normalize")).resolve("config.json");
    Files.writeString(file, "{\"module_input_name\":\"token_embeddings\"}");
    expectOpenFailure(
        directory,
        file + ": 'module_input_name' is \"token_embeddings\", expected sentence_embedding");
  }

  /** The library would take what it knows for it, so its files say nothing. */
  @Test
  void aPoolingThatTheLibraryLacksStandsInOurFileAlone() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.Contents usual = contents(DType.F32, "first-last-avg");
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
            Optional.of("a {} b"),
            embedding,
            usual.settings().provenance());
    ModelDirectory.write(
        target,
        new ModelDirectory.Contents(usual.config(), usual.tensors(), settings, usual.files()),
        false);
    assertThat(target.resolve("modules.json")).doesNotExist();
    assertThat(target.resolve("1_Pooling")).doesNotExist();
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(settings);
    Files.createDirectory(target.resolve("1_Pooling"));
    Files.writeString(target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"mean\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("pooling is first-last-avg in mirror4j.json, but mean in the files");
    Files.writeString(
        target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"first-last-avg\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("pooling is [first-last-avg], expected one of");
  }

  /** Which of the two is right cannot be known, and each would give other vectors. */
  @Test
  void filesThatContradictEachOtherAreRefused() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(target, contents(DType.F32, "mean-padded"), false);
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
      ModelDirectory.Contents full = contents(DType.F32, "cls");
      ModelSettings settings =
          new ModelSettings(
              pooling,
              OptionalInt.of(50),
              Optional.empty(),
              embedding,
              full.settings().provenance());
      ModelDirectory.write(
          target,
          new ModelDirectory.Contents(full.config(), full.tensors(), settings, full.files()),
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

  private static DenseModule dense(int in, int out, boolean biased) {
    float[] weight = new float[in * out];
    float[] bias = new float[out];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = i - 2.5f;
    }
    for (int i = 0; i < out; i++) {
      bias[i] = -i;
    }
    return new DenseModule(
        in,
        out,
        MemorySegment.ofArray(weight),
        biased ? Optional.of(MemorySegment.ofArray(bias)) : Optional.empty(),
        biased ? DenseModule.Activation.IDENTITY : DenseModule.Activation.TANH);
  }

  private static CalibrationSettings calibration(CalibrationSettings.Form form) {
    return new CalibrationSettings(
        form,
        "whitening to 5 dimensions",
        List.of("stsb", "a.txt"),
        List.of("stsb"),
        17,
        "ab",
        new TreeMap<>(Map.of("java", "25")),
        JsonFiles.object().put("epsilon", 1e-6));
  }

  private static void expectSame(DenseModule read, DenseModule written) {
    assertThat(read.inFeatures()).isEqualTo(written.inFeatures());
    assertThat(read.outFeatures()).isEqualTo(written.outFeatures());
    assertThat(read.activation()).isEqualTo(written.activation());
    assertThat(read.weight().mismatch(written.weight())).isEqualTo(-1);
    assertThat(read.bias().isPresent()).isEqualTo(written.bias().isPresent());
    read.bias()
        .ifPresent(bias -> assertThat(bias.mismatch(written.bias().orElseThrow())).isEqualTo(-1));
  }

  private static ModelDirectory.Contents calibrated(String pooling, CalibrationSettings.Form form) {
    ModelDirectory.Contents full = contents(DType.F32, pooling);
    return new ModelDirectory.Contents(
        full.config(),
        full.tensors(),
        new ModelSettings(
            full.settings().pooling(),
            full.settings().maxLength(),
            Optional.empty(),
            EmbeddingSettings.NONE.around(true, true),
            full.settings().provenance(),
            Optional.of(calibration(form))),
        List.of(dense(2, 3, false), dense(3, 5, true)),
        full.files());
  }

  /** With a pooling that sentence-transformers has, and with one that it has not. */
  @ParameterizedTest
  @ValueSource(strings = {"cls", "first-last-avg"})
  void denseModulesAndTheCalibrationAmongThem(String pooling) throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.Contents written = calibrated(pooling, CalibrationSettings.Form.DENSE);
    ModelDirectory.write(target, written, false);
    boolean library = pooling.equals("cls");
    if (library) {
      assertThat(JsonFiles.read(target.resolve("modules.json")).findValuesAsText("type"))
          .extracting(type -> type.substring(type.lastIndexOf('.') + 1))
          .containsExactly("Transformer", "Pooling", "Dense", "Dense", "Normalize");
      assertThat(JsonFiles.readObject(target.resolve("mirror4j.json")).has("dense")).isFalse();
    } else {
      assertThat(target.resolve("modules.json")).doesNotExist();
    }
    assertThat(JsonFiles.read(target.resolve("3_Dense/config.json")).toString())
        .isEqualTo(
            "{\"in_features\":3,\"out_features\":5,\"bias\":true,"
                + "\"activation_function\":\"torch.nn.modules.linear.Identity\"}");
    assertThat(target.resolve("README.md"))
        .content()
        .contains("Vectors of 5 values")
        .contains("calibrated by whitening to 5 dimensions, fitted on 17 texts: `stsb`, `a.txt`")
        .contains("The texts of test sets were among them, without their scores: `stsb`");
    ModelDirectory read = ModelDirectory.open(target);
    assertThat(read.settings()).isEqualTo(written.settings());
    assertThat(read.dense()).hasSize(2);
    expectSame(read.dense().get(0), written.dense().get(0));
    expectSame(read.dense().get(1), written.dense().get(1));
    assertThat(read.uncalibratedDense()).hasSize(1);
    // Replacing knows all of the files as a model's.
    ModelDirectory.write(target, contents(DType.F32, "cls"), true);
    assertThat(ModelDirectory.open(target).dense()).isEmpty();
  }

  /** Two calibrations of one model are two models, to whoever keeps scores by the digest. */
  @Test
  void theDigestIsThatOfTheMapsToo() throws IOException {
    Path plain = directory.resolve("plain");
    Path mapped = directory.resolve("mapped");
    ModelDirectory.write(plain, contents(DType.F32, "first-last-avg"), false);
    ModelDirectory.write(
        mapped, calibrated("first-last-avg", CalibrationSettings.Form.DENSE), false);
    String digest = ModelDirectory.open(mapped).hash();
    assertThat(digest).isNotEqualTo(ModelDirectory.open(plain).hash());
    Path weights = mapped.resolve("3_Dense/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    String changed = ModelDirectory.open(mapped).hash();
    assertThat(changed).isNotEqualTo(digest);
    Files.write(mapped.resolve("flow.safetensors"), new byte[] {1});
    assertThat(ModelDirectory.open(mapped).hash()).isNotEqualTo(changed);
  }

  @Test
  void aCopyWithAnotherMapKeepsTheModelByteForByte() throws IOException {
    Path source = directory.resolve("source");
    Path target = directory.resolve("target");
    ModelDirectory.write(source, contents(DType.F16, "cls"), false);
    Files.writeString(source.resolve("LICENSE"), "free");
    Files.writeString(source.resolve("train.jsonl"), "{}");
    ModelDirectory.Contents calibrated = calibrated("cls", CalibrationSettings.Form.DENSE);
    ModelDirectory.open(source)
        .writeMapped(
            target,
            calibrated.settings(),
            calibrated.dense(),
            path -> Files.writeString(path.resolve("NOTICE"), "more"),
            false);
    for (String file : List.of("config.json", "model.safetensors", "vocab.txt", "LICENSE")) {
      assertThat(target.resolve(file)).hasSameBinaryContentAs(source.resolve(file));
    }
    assertThat(target.resolve("NOTICE")).hasContent("more");
    assertThat(target.resolve("train.jsonl")).doesNotExist();
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(calibrated.settings());
    assertThat(ModelDirectory.open(target).dense()).hasSize(2);
    Path failed = directory.resolve("failed");
    assertThatThrownBy(
            () ->
                ModelDirectory.open(source)
                    .writeMapped(
                        failed,
                        calibrated.settings(),
                        calibrated.dense(),
                        path -> {
                          throw new IOException("disk full");
                        },
                        false))
        .hasMessage(failed + ": cannot be written: disk full");
    try (var content = Files.list(directory)) {
      assertThat(content).containsExactlyInAnyOrder(source, target);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {'in_features':2,'out_features':3,'bias':false,'activation_function':'torch.nn.modules.activation.Tanh'} | ~~
          {'in_features':2,'out_features':3,'bias':false} | ~~
          {'in_features':2,'out_features':3,'bias':false,'use_residual':false,'module_input_name':'sentence_embedding'} | ~~
          {'in_features':2,'out_features':3,'bias':false,'use_residual':true} | 'use_residual' is true, expected false
          {'in_features':2,'out_features':3,'bias':false,'module_input_name':'token_embeddings'} | 'module_input_name' is "token_embeddings", expected sentence_embedding
          {'in_features':2,'out_features':3,'bias':false,'module_output_name':'other'} | 'module_output_name' is "other", expected
          {'in_features':2,'out_features':3,'bias':false,'activation_function':'torch.nn.modules.activation.ReLU'} | 'activation_function' is 'torch.nn.modules.activation.ReLU', expected torch.nn.modules.linear.Identity or torch.nn.modules.activation.Tanh
          {'in_features':2,'out_features':3,'bias':false,'activation_function':7} | 'activation_function' is 7, expected a string
          {'in_features':2,'out_features':3,'bias':'no'} | 'bias' is "no", expected true or false
          {'in_features':2,'out_features':3} | no tensor 'linear.bias'
          {'in_features':3,'out_features':2,'bias':false} | tensor linear.weight is [3,2], expected [2,3]
          {'in_features':2,'out_features':2147483647,'bias':false} | tensor linear.weight is [3,2], expected [2147483647,2]
          {'in_features':0,'out_features':3,'bias':false} | 'in_features' is 0, expected a positive integer
          {'out_features':3} | 'in_features' missing, expected an integer
          {'in_features':2,'out_features':3,'bias':false,'dropout':0.1} | unknown key 'dropout'
          []  | JSON ARRAY at the top, expected an object
          """)
  void denseModulesThatCannotBeComputedAreRefused(String config, String expected)
      throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.Contents full = contents(DType.F32, "cls");
    ModelDirectory.write(
        target,
        new ModelDirectory.Contents(
            full.config(),
            full.tensors(),
            full.settings(),
            List.of(dense(2, 3, false)),
            full.files()),
        false);
    Files.writeString(target.resolve("2_Dense/config.json"), config.replace('\'', '"'));
    ModelDirectory read = ModelDirectory.open(target);
    if (expected.isEmpty()) {
      expectSame(read.dense().getFirst(), dense(2, 3, false));
      return;
    }
    assertThatThrownBy(read::dense)
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(target.resolve("2_Dense").toString())
        .hasMessageContaining(expected);
  }

  @Test
  void denseModulesOfOtherWidthsOrFilesAreRefused() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.Contents full = contents(DType.F32, "cls");
    ModelDirectory.write(
        target,
        new ModelDirectory.Contents(
            full.config(),
            full.tensors(),
            full.settings(),
            List.of(dense(2, 3, false), dense(4, 1, true)),
            full.files()),
        false);
    assertThatThrownBy(() -> ModelDirectory.open(target).dense())
        .hasMessage(
            target.resolve("3_Dense")
                + ": takes vectors of 4 values, expected 3, as what is before it gives");
    Path weights = target.resolve("3_Dense/model.safetensors");
    Files.move(weights, weights.resolveSibling("pytorch_model.bin"));
    assertThatThrownBy(() -> ModelDirectory.open(target).dense())
        .hasMessageContaining("run 'mirror4j convert' on the model first");
    Files.delete(target.resolve("3_Dense/config.json"));
    assertThatThrownBy(() -> ModelDirectory.open(target).dense())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("3_Dense/config.json");
  }

  /** A calibration without its numbers, and numbers in a file that does not hold them. */
  @Test
  void calibrationsThatAreNotWhereTheyAreSaidToBeAreRefused() throws IOException {
    Path target = directory.resolve("model");
    ModelDirectory.write(
        target, calibrated("first-last-avg", CalibrationSettings.Form.DENSE), false);
    Path file = target.resolve("mirror4j.json");
    String right = JsonFiles.readObject(file).toString();
    Map<String, String> wrong =
        Map.of(
            "\"dense\":[\"2_Dense\",\"3_Dense\"]",
            "\"dense\":[]",
            "\"2_Dense\",\"3_Dense\"",
            "\"2_Dense\",\"2_Dense\"",
            "\"3_Dense\"",
            "\"../3_Dense\"",
            "\"form\":\"dense\"",
            "\"form\":\"cloud\"",
            "[\"stsb\"]",
            "[\"other\"]",
            "[\"stsb\",\"a.txt\"]",
            "[7]");
    Map<String, String> expected =
        Map.of(
            "\"dense\":[\"2_Dense\",\"3_Dense\"]",
            "the model no Dense module, expected one",
            "\"2_Dense\",\"3_Dense\"",
            "'dense' names a folder twice",
            "\"3_Dense\"",
            "path '../3_Dense' leaves the directory",
            "\"form\":\"dense\"",
            "'form' is \"cloud\", expected dense or flow",
            "[\"stsb\"]",
            "test sets [other], expected names and some of them",
            "[\"stsb\",\"a.txt\"]",
            "'fitted_on' holds 7, expected strings");
    for (String part : wrong.keySet()) {
      assertThat(right).contains(part);
      Files.writeString(file, right.replace(part, wrong.get(part)));
      assertThatThrownBy(() -> ModelDirectory.open(target).settings())
          .as(part)
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith(file.toString())
          .hasMessageContaining(expected.get(part));
    }
    Files.writeString(file, right);
    Files.writeString(target.resolve("modules.json"), modules("[T,P]"));
    Files.createDirectory(target.resolve("1_Pooling"));
    Files.writeString(target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"mean\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .hasMessageContaining("has 'dense' beside the files of sentence-transformers");
  }

  /** Modules by letter, or by name, each in its usual folder or in the one after {@code @}. */
  private static String modules(String list) {
    Map<String, String> letters =
        Map.of("T", "Transformer", "P", "Pooling", "N", "Normalize", "D", "Dense");
    if (!list.matches("\\[[A-Za-z].*]")) {
      return list;
    }
    List<String> modules = new ArrayList<>();
    for (String item : list.substring(1, list.length() - 1).split(",")) {
      int index = modules.size();
      String[] parts = item.split("@");
      String type =
          letters.containsKey(parts[0])
              ? "sentence_transformers.models." + letters.get(parts[0])
              : parts[0];
      String usual = index == 0 ? "" : index + "_" + type.substring(type.lastIndexOf('.') + 1);
      modules.add(
          "{\"idx\":%d,\"name\":\"%d\",\"path\":\"%s\",\"type\":\"%s\"}"
              .formatted(index, index, parts.length > 1 ? parts[1] : usual, type));
    }
    return modules.toString();
  }

  private static void expectOpenFailure(Path path, String expected) {
    assertThatThrownBy(() -> ModelDirectory.open(path))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(expected);
  }

  private static ModelSettings settings(String pooling) {
    return new ModelSettings(
        Optional.of(pooling),
        OptionalInt.of(50),
        Optional.of(
            new ModelSettings.Provenance(
                "word",
                -7,
                "sha256:00",
                new TreeMap<>(Map.of("java", "25", "mirror4j", "1")),
                JsonFiles.object().put("batch_size", 200))));
  }

  private static ModelDirectory.Contents contents(DType dtype, String pooling) {
    ObjectNode config = JsonFiles.object().put("hidden_size", 2);
    MemorySegment values = MemorySegment.ofArray(new float[] {1, -2});
    return new ModelDirectory.Contents(
        config,
        List.of(new TensorEntry("w", dtype, Shape.of(2), values)),
        settings(pooling),
        path -> Files.writeString(path.resolve("vocab.txt"), "[PAD]"));
  }
}

package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;

/** {@code modules.json} of sentence-transformers. */
class SentenceModulesTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}                                  | expected a JSON array of modules
          [1]                                 | module 0 is no object
          []                                  | modules are [], expected Transformer, perhaps WeightedLayerPooling, Pooling, perhaps some Dense and perhaps Normalize, in this order
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
          [T,P,sentence_transformers.models.WeightedLayerPooling] | modules are [Transformer, Pooling, WeightedLayerPooling], expected
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
    ModelDirectoryTest.expectOpenFailure(
        directory, file + ": module 1: 'idx' is 0, expected modules in their order");
    Files.writeString(file, good.replace("\"name\":\"1\"", "\"name\":\"0\""));
    ModelDirectoryTest.expectOpenFailure(directory, file + ": two modules have the name '0'");
    Files.writeString(file, good.replace("\"name\"", "\"kwargs\":[\"task\"],\"name\""));
    ModelDirectoryTest.expectOpenFailure(
        directory, file + ": module 0: takes 'kwargs', expected none");
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
    ModelDirectoryTest.expectOpenFailure(
        directory,
        file + ": 'module_input_name' is \"token_embeddings\", expected sentence_embedding");
  }

  /** Modules by letter, or by name, each in its usual folder or in the one after {@code @}. */
  static String modules(String list) {
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
}

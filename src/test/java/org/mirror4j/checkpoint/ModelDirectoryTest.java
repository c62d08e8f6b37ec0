package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.OutputPath;
import org.mirror4j.tensor.DType;

/** Model directories are written, opened and replaced. */
class ModelDirectoryTest {
  @TempDir Path directory;

  @Test
  void whatIsWrittenComesBack() throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.BF16, "mean-padded"), false);
    ModelDirectory model = ModelDirectory.open(target);
    assertThat(model.config().path("hidden_size").intValue()).isEqualTo(2);
    assertThat(model.config().path("torch_dtype").textValue()).isEqualTo("bfloat16");
    assertThat(model.settings()).isEqualTo(TinyModel.settings("mean-padded"));
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
  void withoutPoolingItIsAPlainModel() throws IOException {
    Path target = directory.resolve("model");
    ModelContents full = TinyModel.of(DType.F32, "cls");
    ModelOutput.write(
        target,
        new ModelContents(full.config(), full.model(), ModelSettings.NONE, List.of(), full.files()),
        false);
    assertThat(target.resolve("modules.json")).doesNotExist();
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(ModelSettings.NONE);
    Files.delete(target.resolve("mirror4j.json"));
    assertThat(ModelDirectory.open(target).settings()).isEqualTo(ModelSettings.NONE);
  }

  @Test
  void theSameContentsGiveTheSameBytes() throws IOException {
    ModelOutput.write(directory.resolve("a"), TinyModel.of(DType.F16, "mean"), false);
    ModelOutput.write(directory.resolve("b"), TinyModel.of(DType.F16, "mean"), false);
    for (String file : List.of("config.json", "model.safetensors", "mirror4j.json")) {
      assertThat(directory.resolve("a").resolve(file))
          .hasSameBinaryContentAs(directory.resolve("b").resolve(file));
    }
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    ModelContents good = TinyModel.of(DType.F32, "cls");
    ModelContents bad =
        new ModelContents(
            good.config(),
            good.model(),
            good.settings(),
            List.of(),
            path -> {
              throw new IOException("disk full");
            });
    Path target = directory.resolve("model");
    assertThatThrownBy(() -> ModelOutput.write(target, bad, false))
        .isInstanceOf(FileException.class)
        .hasMessage(target + ": cannot be written: disk full");
    try (var content = Files.list(directory)) {
      assertThat(content).isEmpty();
    }
  }

  @Test
  void onlyModelDirectoriesAreReplacedAndOnlyOnDemand() throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.F32, "cls"), false);
    assertThatThrownBy(() -> ModelOutput.write(target, TinyModel.of(DType.F32, "mean"), false))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("exists already");
    ModelOutput.write(target, TinyModel.of(DType.F32, "mean"), true);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("mean");

    Path home = Files.createDirectory(directory.resolve("home"));
    Files.writeString(home.resolve("letters.txt"), "precious");
    assertThatThrownBy(() -> ModelOutput.write(home, TinyModel.of(DType.F32, "cls"), true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("holds files but no config.json");
    assertThat(home.resolve("letters.txt")).hasContent("precious");

    Files.writeString(home.resolve("config.json"), "{}");
    assertThatThrownBy(() -> ModelOutput.write(home, TinyModel.of(DType.F32, "cls"), true))
        .isInstanceOf(FileException.class)
        .hasMessage(
            home
                + ": 'letters.txt' is no file of a model and would be lost;"
                + " move it away or name another output");
    Files.delete(home.resolve("letters.txt"));
    assertThatThrownBy(() -> ModelOutput.write(home, TinyModel.of(DType.F32, "cls"), true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("holds config.json but no weights");
  }

  /** Also where it lies in a folder that belongs to the model. */
  @ParameterizedTest
  @ValueSource(
      strings = {"notes.md", "1_Pooling/thesis.txt", "data/model.safetensors", ".git/config"})
  void aForeignFileIsNotReplacedWithItsModel(String name) throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.F32, "cls"), false);
    Path file = target.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "precious");
    assertThatThrownBy(() -> ModelOutput.write(target, TinyModel.of(DType.F32, "mean"), true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(name.startsWith("1_") ? name : name.split("/")[0])
        .hasMessageContaining("would be lost");
    assertThat(file).hasContent("precious");
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("cls");
  }

  /** To replace a directory is to delete what is in it. */
  @Test
  void aWriteProtectedModelIsNotReplaced() throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.F32, "cls"), false);
    Path folder = target.resolve("1_Pooling");
    Set<PosixFilePermission> before = Files.getPosixFilePermissions(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assumeThat(Files.isWritable(folder)).as("whether all is writable for this user").isFalse();
      assertThatThrownBy(() -> ModelOutput.checkReplaceable(target, true))
          .isInstanceOf(FileException.class)
          .hasMessage(folder + ": is write-protected, expected a model that may be replaced");
      assertThatThrownBy(() -> ModelOutput.write(target, TinyModel.of(DType.F32, "mean"), true))
          .isInstanceOf(FileException.class);
      assertThat(ModelDirectory.open(target).settings().pooling()).contains("cls");
    } finally {
      Files.setPosixFilePermissions(folder, before);
    }
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
    ModelOutput.write(target, TinyModel.of(DType.F32, "mean"), true);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("mean");
    assertThat(target.resolve("onnx")).doesNotExist();
  }

  @Test
  void hashesFollowTheFilesThatMatter() throws IOException {
    Path target = directory.resolve("model");
    ModelOutput.write(target, TinyModel.of(DType.F32, "cls"), false);
    ModelDirectory model = ModelDirectory.open(target);
    String weights = model.hash();
    String tokenizer = model.tokenizerHash();
    Files.writeString(target.resolve("README.md"), "other");
    assertThat(model.hash()).isEqualTo(weights).matches("[0-9a-f]{64}");
    assertThat(model.tokenizerHash()).isEqualTo(tokenizer);
    Files.writeString(target.resolve("vocab.txt"), "[UNK]");
    assertThat(model.hash()).isEqualTo(weights);
    String pieces = model.tokenizerHash();
    assertThat(pieces).isNotEqualTo(tokenizer);
    for (String name : List.of("sentence_bert_config.json", "sentence_xlm-roberta_config.json")) {
      Files.writeString(target.resolve(name), "{\"max_seq_length\": 7}");
      assertThat(model.tokenizerHash()).as(name).isNotEqualTo(pieces);
      pieces = model.tokenizerHash();
    }
    ModelOutput.checkReplaceable(target, true);
    Files.writeString(target.resolve("config.json"), "{\"a\": 1}");
    assertThat(model.hash()).isNotEqualTo(weights);
  }

  @Test
  void inputsAreNotReplaced() throws IOException {
    Path model = directory.resolve("model");
    ModelOutput.write(model, TinyModel.of(DType.F32, "cls"), false);
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
    ModelOutput.write(directory.resolve("one"), TinyModel.of(DType.F32, "cls"), false);
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

  static void expectOpenFailure(Path path, String expected) {
    assertThatThrownBy(() -> ModelDirectory.open(path))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(expected);
  }
}

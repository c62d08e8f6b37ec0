package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/** Maps of vectors in a model directory: Dense modules, and calibrations among them. */
class DenseModulesTest {
  @TempDir Path directory;

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

  private static ModelContents calibrated(String pooling, CalibrationSettings.Form form) {
    ModelContents full = TinyModel.of(DType.F32, pooling);
    return new ModelContents(
        full.config(),
        full.model(),
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
  @ValueSource(strings = {"cls", "first-last-avg", "mask"})
  void denseModulesAndTheCalibrationAmongThem(String pooling) throws IOException {
    Path target = directory.resolve("model");
    ModelContents written = calibrated(pooling, CalibrationSettings.Form.DENSE);
    ModelOutput.write(target, written, false);
    boolean layers = pooling.equals("first-last-avg");
    if (!pooling.equals("mask")) {
      List<String> kinds =
          layers
              ? List.of("Transformer", "WeightedLayerPooling", "Pooling", "Dense", "Dense")
              : List.of("Transformer", "Pooling", "Dense", "Dense");
      assertThat(JsonFiles.read(target.resolve("modules.json")).findValuesAsText("type"))
          .extracting(type -> type.substring(type.lastIndexOf('.') + 1))
          .startsWith(kinds.toArray(String[]::new))
          .hasSize(kinds.size() + 1)
          .endsWith("Normalize");
      assertThat(JsonFiles.readObject(target.resolve("mirror4j.json")).has("dense")).isFalse();
    } else {
      assertThat(target.resolve("modules.json")).doesNotExist();
    }
    assertThat(
            JsonFiles.read(target.resolve(layers ? "4_Dense/config.json" : "3_Dense/config.json"))
                .toString())
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
    ModelOutput.write(target, TinyModel.of(DType.F32, "cls"), true);
    assertThat(ModelDirectory.open(target).dense()).isEmpty();
  }

  /** Two calibrations of one model are two models, to whoever keeps scores by the digest. */
  @Test
  void theDigestIsThatOfTheMapsToo() throws IOException {
    Path plain = directory.resolve("plain");
    Path mapped = directory.resolve("mapped");
    ModelOutput.write(plain, TinyModel.of(DType.F32, "mask"), false);
    ModelOutput.write(mapped, calibrated("mask", CalibrationSettings.Form.DENSE), false);
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
    ModelOutput.write(source, TinyModel.of(DType.F16, "cls"), false);
    Files.writeString(source.resolve("LICENSE"), "free");
    Files.writeString(source.resolve("train.jsonl"), "{}");
    ModelContents calibrated = calibrated("cls", CalibrationSettings.Form.DENSE);
    ModelOutput.write(
        target,
        ModelDirectory.open(source)
            .mapped(
                calibrated.settings(),
                calibrated.dense(),
                path -> Files.writeString(path.resolve("NOTICE"), "more")),
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
                ModelOutput.write(
                    failed,
                    ModelDirectory.open(source)
                        .mapped(
                            calibrated.settings(),
                            calibrated.dense(),
                            path -> {
                              throw new IOException("disk full");
                            }),
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
    ModelContents full = TinyModel.of(DType.F32, "cls");
    ModelOutput.write(
        target,
        new ModelContents(
            full.config(),
            full.model(),
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

  /** The type is asked first: where the file has not the elements it fails. */
  @Test
  void noMemoryIsTakenForWhatAFileDoesNotHold() throws IOException {
    Path target = directory.resolve("model");
    ModelContents full = TinyModel.of(DType.F32, "cls");
    ModelOutput.write(
        target,
        new ModelContents(
            full.config(),
            full.model(),
            full.settings(),
            List.of(dense(2, 3, false)),
            full.files()),
        false);
    int width = 1 << 20;
    Files.writeString(
        target.resolve("2_Dense/config.json"),
        "{\"in_features\": %d, \"out_features\": %d, \"bias\": false}".formatted(width, width));
    assertThatThrownBy(
            () -> ModelDirectory.open(target).dense(_ -> new Claim(Shape.of(width, width))))
        .isInstanceOf(FileException.class)
        .hasMessage("file: cut short");
  }

  /** The weight of a Dense module in a file that does not hold its elements. */
  private record Claim(Shape shape) implements TensorSource {
    @Override
    public String file() {
      return "file";
    }

    @Override
    public Set<String> names() {
      return Set.of("linear.weight");
    }

    @Override
    public Shape shape(String name) {
      return shape;
    }

    @Override
    public DType dtype(String name) {
      throw new FileException("file: cut short");
    }

    @Override
    public boolean readFloats(String name, MemorySegment to) {
      throw new AssertionError("read into " + to);
    }

    @Override
    public void close() {}
  }

  @Test
  void denseModulesOfOtherWidthsOrFilesAreRefused() throws IOException {
    Path target = directory.resolve("model");
    ModelContents full = TinyModel.of(DType.F32, "cls");
    ModelOutput.write(
        target,
        new ModelContents(
            full.config(),
            full.model(),
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
    ModelOutput.write(target, calibrated("mask", CalibrationSettings.Form.DENSE), false);
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
    Files.writeString(target.resolve("modules.json"), SentenceModulesTest.modules("[T,P]"));
    Files.createDirectory(target.resolve("1_Pooling"));
    Files.writeString(target.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"mean\"}");
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .hasMessageContaining("has 'dense' beside the files of sentence-transformers");
  }
}

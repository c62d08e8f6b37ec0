package org.mirror4j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.convert.Converter;
import org.mirror4j.convert.OnnxModel;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Tokenizer;

/** Exported directories as they lie there. Their vectors are compared in {@code adapters/onnx}. */
class OnnxExportTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir Path folder;

  private Path model(String family) throws IOException {
    Path model = Files.createDirectories(folder.resolve(family));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(GOLDEN.resolve(family).resolve(file), model.resolve(file));
    }
    return model;
  }

  private static void settings(Path model, String json) throws IOException {
    Files.writeString(model.resolve("mirror4j.json"), json.replace('\'', '"'));
  }

  private Path export(Path model, Precision precision) {
    Path target = folder.resolve("exported");
    OnnxExport.write(model, "model", precision, target, true);
    return target;
  }

  private static Map<String, float[]> weights(Path directory) {
    Map<String, float[]> weights = new TreeMap<>();
    try (SafeTensors tensors = SafeTensors.open(directory.resolve("model.safetensors"));
        Arena arena = Arena.ofConfined()) {
      for (String name : tensors.names()) {
        MemorySegment values = arena.allocate(4 * tensors.shape(name).size(), 4);
        tensors.readFloats(name, values);
        weights.put(name, values.toArray(ValueLayout.JAVA_FLOAT));
      }
    }
    return weights;
  }

  /** Names and values by our own reader, which takes what PyTorch exports. */
  @ParameterizedTest
  @CsvSource({"bert", "roberta"})
  void convertReadsItBack(String family) throws IOException {
    Path model = model(family);
    Path exported = export(model, Precision.F32);
    Path back = folder.resolve("back");
    Converter.convert(exported.resolve("model.onnx"), back);
    Map<String, float[]> expected = weights(model);
    // The pooler is no part of a vector.
    expected.keySet().removeIf(name -> name.startsWith("pooler."));
    Map<String, float[]> found = weights(back);
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
    JsonNode before = JsonFiles.read(model.resolve("config.json"));
    JsonNode after = JsonFiles.read(back.resolve("config.json"));
    for (String key : List.of("model_type", "num_attention_heads", "hidden_act", "pad_token_id")) {
      assertThat(after.get(key)).as(key).isEqualTo(before.get(key));
    }
  }

  private static void expectOrder(Path file) {
    try (OnnxModel model = OnnxModel.open(file)) {
      Set<String> defined = new HashSet<>(List.of("input_ids", "attention_mask", "token_type_ids"));
      Set<String> used = new HashSet<>();
      model.initializers().keySet().forEach(name -> assertThat(defined.add(name)).isTrue());
      for (OnnxModel.Node node : model.nodes()) {
        assertThat(defined).as(node.name()).containsAll(node.inputs());
        used.addAll(node.inputs());
        node.outputs().forEach(output -> assertThat(defined.add(output)).as(output).isTrue());
      }
      assertThat(defined).contains("last_hidden_state", "sentence_embedding");
      assertThat(used).containsAll(model.initializers().keySet());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyNameIsDefinedOnceAndBeforeItsUse(Pooling pooling) throws IOException {
    for (String family : List.of("bert", "roberta")) {
      Path model = model(family);
      settings(model, "{'format':1,'pooling':'%s','normalize':true}".formatted(pooling));
      for (Precision precision : Precision.values()) {
        expectOrder(export(model, precision).resolve("model.onnx"));
      }
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() throws IOException {
    Path model = model("bert");
    byte[] once = Files.readAllBytes(export(model, Precision.INT8).resolve("model.onnx"));
    assertThat(export(model, Precision.INT8).resolve("model.onnx")).hasBinaryContent(once);
  }

  @Test
  void theTokenizerSaysLengthAndPadding() throws IOException {
    Path model = model("roberta");
    settings(model, "{'format':1,'pooling':'mean','max_length':17}");
    Path exported = export(model, Precision.F32);
    JsonNode json = JsonFiles.read(exported.resolve("tokenizer.json"));
    assertThat(json.at("/truncation/max_length").asInt()).isEqualTo(17);
    assertThat(json.at("/padding/pad_id").asInt()).isEqualTo(1);
    assertThat(json.at("/padding/pad_token").asText()).isEqualTo("<pad>");
    JsonNode config = JsonFiles.read(exported.resolve("tokenizer_config.json"));
    assertThat(config.get("model_max_length").asInt()).isEqualTo(17);
    try (Tokenizer before = Tokenizer.open(model);
        Tokenizer after = Tokenizer.open(exported)) {
      assertThat(after.encode("the naïve cat", 32)).isEqualTo(before.encode("the naïve cat", 32));
    }
  }

  /** The graph puts them around a text, for which so many tokens fewer are left. */
  @Test
  void aTemplateTakesItsTokens() throws IOException {
    Path model = model("bert");
    settings(
        model, "{'format':1,'pooling':'mask','max_length':20,'template':'the {} is [MASK] .'}");
    OnnxExport.Result result =
        OnnxExport.write(model, "model", Precision.F32, folder.resolve("exported"), false);
    assertThat(result.maxLength()).isEqualTo(20 - 4);
    assertThat(folder.resolve("exported/README.md")).content().contains("`the {} is [MASK] .`");
  }

  @Test
  void theCardSaysHowVectorsAreCompared() throws IOException {
    Path model = model("bert");
    settings(model, "{'format':1,'pooling':'mean'}");
    Path library = model.resolve("config_sentence_transformers.json");
    Files.writeString(library, "{\"similarity_fn_name\": \"dot\", \"truncate_dim\": 4}");
    assertThat(export(model, Precision.F32).resolve("README.md"))
        .content()
        .contains("Vectors of 4 values, compared by their dot product. Pooling `mean`");
  }

  @Test
  void aFlowIsRefused() throws IOException {
    Path model = model("bert");
    ModelSettings fitted =
        new ModelSettings(
            Optional.of("mean"),
            OptionalInt.empty(),
            Optional.empty(),
            EmbeddingSettings.NONE,
            Optional.empty(),
            Optional.of(
                new CalibrationSettings(
                    CalibrationSettings.Form.FLOW,
                    "flow",
                    List.of("texts.txt"),
                    List.of(),
                    9,
                    "none",
                    new TreeMap<>(),
                    JsonFiles.object())));
    Files.write(model.resolve("mirror4j.json"), JsonFiles.bytes(fitted.toJson()));
    Files.createFile(model.resolve("flow.safetensors"));
    expectRefusal(model, Precision.F32, "model: its vectors go through a flow");
  }

  private void expectRefusal(Path model, Precision precision, String message) {
    Path target = folder.resolve("refused");
    assertThatThrownBy(() -> OnnxExport.write(model, "model", precision, target, false))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("expected");
    assertThat(target).doesNotExist();
  }

  /** What a text is cut into must not depend on words that the graph puts beside it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"bert; a{} is [MASK] .", "bert; the {}s [MASK]", "roberta; the {} is [MASK] ."})
  void aTemplateThatTouchesTheTextIsRefused(String family, String template) throws IOException {
    Path model = model(family);
    settings(model, "{'format':1,'pooling':'mask','template':'%s'}".formatted(template));
    expectRefusal(
        model, Precision.F32, "model: its template '" + template + "' cannot be exported");
  }

  @Test
  void whatItsFilesSayAndCannotBeIsRefused() throws IOException {
    Path model = model("bert");
    settings(model, "{'format':1,'pooling':'max'}");
    expectRefusal(model, Precision.F32, "model: pooling is 'max'");
    settings(model, "{'format':1,'pooling':'mask','template':'a'}");
    expectRefusal(model, Precision.F32, "model: template is 'a'");
    settings(model, "{'format':1,'max_length':2}");
    expectRefusal(model, Precision.F32, "model: maximum length is 2");
  }

  @Test
  void aPromptOutsideThePoolingIsRefused() throws IOException {
    Path model = model("bert");
    settings(
        model, "{'format':1,'pooling':'mean','include_prompt':false,'template':'what is: {}'}");
    expectRefusal(model, Precision.F32, "include_prompt is false");
  }

  /**
   * Files appear whole or not at all, also where a value is found wanting while they are written.
   */
  @Test
  void whatHalfPrecisionCannotHoldIsRefused() throws IOException {
    Path model = model("bert");
    String name = "encoder.layer.1.output.dense.weight";
    rewrite(model, name, 65520);
    expectRefusal(model, Precision.F16, name + ": holds a value beyond 65504");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(model);
    }
    export(model, Precision.F32);
  }

  private static void rewrite(Path model, String changed, float value) throws IOException {
    Path file = model.resolve("model.safetensors");
    Path other = model.resolve("model.safetensors.new");
    try (SafeTensors tensors = SafeTensors.open(file);
        Arena arena = Arena.ofConfined();
        var channel =
            Files.newByteChannel(other, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      List<TensorEntry> entries =
          tensors.names().stream()
              .map(
                  name -> {
                    MemorySegment values = arena.allocate(4 * tensors.shape(name).size(), 4);
                    tensors.readFloats(name, values);
                    if (name.equals(changed)) {
                      values.set(ValueLayout.JAVA_FLOAT, 4, value);
                    }
                    return new TensorEntry(name, DType.F32, tensors.shape(name), values);
                  })
              .toList();
      SafeTensorsWriter.write(channel, Map.of("format", "pt"), entries);
    }
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void onlyAModelIsReplaced() throws IOException {
    Path model = model("bert");
    Path target = export(model, Precision.F32);
    assertThatThrownBy(() -> OnnxExport.write(model, "model", Precision.F32, target, false))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("exists already and is not empty");
    OnnxExport.write(model, "model", Precision.F16, target, true);
    Files.writeString(target.resolve("diary.txt"), "mine");
    assertThatThrownBy(() -> OnnxExport.write(model, "model", Precision.F32, target, true))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("'diary.txt' is no file of a model");
    assertThat(target.resolve("diary.txt")).hasContent("mine");
  }

  @Test
  void aModelThatSaysNoPoolingTakesTheMeanAndSaysSo() throws IOException {
    OnnxExport.Result result =
        OnnxExport.write(model("bert"), "model", Precision.F32, folder.resolve("exported"), false);
    assertThat(result.pooling()).isEqualTo(Pooling.MEAN);
    assertThat(result.notes()).containsExactly("says no pooling, as it is not tuned: taking mean");
    assertThat(result.dimensions()).isEqualTo(24);
    assertThat(result.bytes()).isEqualTo(Files.size(folder.resolve("exported/model.onnx")));
  }

  @Test
  void whatDjlPoolsIsToldToIt() throws IOException {
    Path model = model("roberta");
    settings(model, "{'format':1,'pooling':'cls','normalize':true}");
    assertThat(export(model, Precision.F32).resolve("serving.properties"))
        .hasContent("engine=OnnxRuntime\nincludeTokenTypes=false\npooling=cls\nnormalize=true");
    settings(model, "{'format':1,'pooling':'last-2-avg'}");
    assertThat(export(model, Precision.F32).resolve("serving.properties")).doesNotExist();
  }

  @Test
  void aLicenceGoesWithIt() throws IOException {
    Path model = model("bert");
    Files.writeString(model.resolve("LICENSE"), "as is");
    assertThat(export(model, Precision.F32).resolve("LICENSE")).hasContent("as is");
    ObjectNode config = JsonFiles.readObject(folder.resolve("exported/config.json"));
    assertThat(config.at("/architectures/0").asText()).isEqualTo("BertModel");
  }
}

package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.BertConfig.Family;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.support.MemoryTensors;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class WeightMapTest {
  private static final BertConfig CONFIG = config(2);

  private static BertConfig config(int layers) {
    return config(Family.BERT, layers);
  }

  private static BertConfig config(Family family, int layers) {
    return SmallModel.config(family, 20, 6, layers, GeluForm.ERF);
  }

  private static MemoryTensors file(UnaryOperator<String> rename) {
    return MemoryTensors.of(CONFIG, rename);
  }

  private static Map<String, float[]> values(WeightMap map) {
    Map<String, float[]> values = new LinkedHashMap<>();
    map.parameters()
        .forEach(
            (name, shape) -> {
              float[] floats = new float[(int) shape.size()];
              map.read(name, MemorySegment.ofArray(floats));
              values.put(name, floats);
            });
    return values;
  }

  private static void expect(MemoryTensors file, String message) {
    assertThatThrownBy(() -> WeightMap.of(file, CONFIG))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert.",
        "roberta.",
        "bert.bert.",
        "module.",
        "module.bert.",
        "model.",
        "encoder.",
        "0.auto_model.",
        "_orig_mod.model.bert.",
        "electra."
      })
  void anyModulesAround(String prefix) {
    WeightMap map = WeightMap.of(file(name -> prefix + name), CONFIG);
    Map<String, float[]> expected = values(WeightMap.of(file(name -> name), CONFIG));
    assertThat(values(map)).usingRecursiveComparison().isEqualTo(expected);
    assertThat(map.unused()).isEmpty();
    assertThat(map.notes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "encoder.encoder."})
  void layersUnderOtherNames(String instead) {
    MemoryTensors file = file(name -> "bert." + name.replaceFirst("^encoder\\.", instead));
    Map<String, float[]> expected = values(WeightMap.of(file(name -> name), CONFIG));
    assertThat(values(WeightMap.of(file, CONFIG))).usingRecursiveComparison().isEqualTo(expected);
  }

  @Test
  void headsAreNotUsedAndSaidSo() {
    MemoryTensors file = file(name -> "module.bert." + name);
    file.add("module.mlp.dense.weight", 6, 6);
    file.add("module.mlp.dense.bias", 6);
    file.add("module.cls.predictions.bias", 20);
    file.add("module.bert.pooler.dense.weight", 6, 6);
    file.add("module.bert.embeddings.position_ids", 36);
    file.add("qa_outputs.bias", 2);
    WeightMap map = WeightMap.of(file, CONFIG);
    assertThat(map.unused())
        .containsExactly(
            "module.mlp.dense.weight",
            "module.mlp.dense.bias",
            "module.cls.predictions.bias",
            "module.bert.pooler.dense.weight",
            "qa_outputs.bias");
    assertThat(map.notes())
        .containsExactly(
            "tensors not used: 'module.*' (2), 'cls.*' (1), 'pooler.*' (1), 'qa_outputs.*'"
                + " (1)");
  }

  /** A pretrained model has the head of a masked language model: nothing to be told of. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void aWholeMaskedHeadIsLeftUnsaid(Family family) {
    BertConfig config = config(family, 2);
    MemoryTensors file =
        MemoryTensors.of(config, name -> name, PretrainingHeads.MASKED.blocks(config));
    String decoder = family == Family.BERT ? "cls.predictions.decoder" : "lm_head.decoder";
    file.add(decoder + ".weight", 20, 6);
    WeightMap map = WeightMap.of(file, config);
    assertThat(map.unused()).hasSize(6).contains(decoder + ".weight");
    assertThat(map.notes()).isEmpty();
    file.tensors().remove(family == Family.BERT ? "cls.predictions.bias" : "lm_head.bias");
    assertThat(WeightMap.of(file, config).notes())
        .singleElement()
        .asString()
        .matches("tensors not used: '(cls|lm_head)\\.\\*' \\(5\\)");
  }

  /** The head of a masked language model stands beside the innermost module or further out. */
  @ParameterizedTest
  @ValueSource(strings = {"", "module.", "a.b."})
  void headsInModules(String around) {
    MemoryTensors file =
        MemoryTensors.of(
            CONFIG,
            name -> around + (name.startsWith("cls.") ? name : "bert." + name),
            PretrainingHeads.MASKED.blocks(CONFIG));
    WeightMap map = WeightMap.of(file, CONFIG, PretrainingHeads.MASKED.blocks(CONFIG));
    assertThat(values(map)).containsKey("cls.predictions.bias");
    assertThat(map.unused()).isEmpty();
    file.tensors()
        .put(
            around + "cls.predictions.decoder.bias",
            file.tensors().remove(around + "cls.predictions.bias"));
    assertThat(values(WeightMap.of(file, CONFIG, PretrainingHeads.MASKED.blocks(CONFIG))))
        .containsKey("cls.predictions.bias");
  }

  @ParameterizedTest
  @CsvSource({
    "'', bert.embeddings.word_embeddings.weight, embeddings.word_embeddings.weight",
    "'', bert.encoder.layer.1.output.dense.bias, encoder.layer.1.output.dense.bias",
    "bert., bert.embeddings.LayerNorm.gamma, embeddings.LayerNorm.weight",
    "'', layer.0.output.dense.bias, encoder.layer.0.output.dense.bias"
  })
  void twoCandidatesAreRefused(String prefix, String added, String parameter) {
    MemoryTensors file = file(name -> prefix + name);
    file.tensors().put(added, file.tensors().get(prefix + parameter));
    expect(
        file,
        "file: '%s%s', '%s' are candidates for '%s', expected one tensor"
            .formatted(prefix, parameter, added, parameter));
  }

  /** What the architecture does not have would change what it computes. */
  @Test
  void unknownTensorsInTheEncoderAreRefused() {
    MemoryTensors file = file(name -> name);
    file.add("encoder.layer.0.attention.self.distance_embedding.weight", 71, 2);
    expect(
        file,
        "file: weights do not fit config.json:"
            + " 'encoder.layer.0.attention.self.distance_embedding.weight' [71,2] is no parameter"
            + " of the encoder");
  }

  @Test
  void fewerLayersInTheConfigurationAreObeyedAndSaid() {
    WeightMap map = WeightMap.of(file(name -> name), config(1));
    assertThat(map.parameters()).doesNotContainKey("encoder.layer.1.output.dense.bias");
    assertThat(map.unused()).hasSize(16).allMatch(name -> name.startsWith("encoder.layer.1."));
    assertThat(map.notes())
        .containsExactly(
            "2 layers of weights, of which config.json takes the first 1" + " (num_hidden_layers)");
  }

  @Test
  void moreLayersInTheConfigurationAreRefused() {
    assertThatThrownBy(() -> WeightMap.of(file(name -> name), config(1000)))
        .isInstanceOf(FileException.class)
        .hasMessage("file: 2 layers of weights, but num_hidden_layers of config.json is 1000");
    // One tensor of a late number is no proof of that many layers.
    MemoryTensors late = file(name -> name);
    late.add("encoder.layer.999999999.output.dense.bias", 6);
    assertThatThrownBy(() -> WeightMap.of(late, config(1000)))
        .hasMessage("file: 3 layers of weights, but num_hidden_layers of config.json is 1000");
  }

  @Test
  void messagesStayShort() {
    MemoryTensors other = new MemoryTensors(new LinkedHashMap<>());
    for (int i = 0; i < 200; i++) {
      other.add("transformer.h." + i + ".attn.c_attn.weight", 2);
    }
    assertThatThrownBy(() -> WeightMap.of(other, CONFIG))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith("file: holds 'transformer.h.0.attn.c_attn.weight', ")
        .hasMessageEndingWith(
            ", and 195 more, expected the weights of a BERT or RoBERTa: no"
                + " embeddings.word_embeddings.weight under any prefix");
    MemoryTensors few = file(name -> name);
    few.tensors().keySet().removeIf(name -> name.endsWith(".bias"));
    assertThatThrownBy(() -> WeightMap.of(few, CONFIG))
        .hasMessageContaining("embeddings.LayerNorm.bias is missing, expected [6]")
        .hasMessageEndingWith(" more")
        .message()
        .hasSizeLessThan(300);
    assertThatThrownBy(() -> WeightMap.of(new MemoryTensors(Map.of()), CONFIG))
        .hasMessageContaining("file: holds no tensor, expected");
  }

  @Test
  void typesThatAreNoFloatsAreRefusedAndF64IsRounded() {
    MemoryTensors file = file(name -> name);
    String bias = "encoder.layer.1.output.dense.bias";
    file.tensors()
        .put(
            bias,
            new TensorEntry(bias, DType.I64, Shape.of(6), MemorySegment.ofArray(new long[6])));
    expect(
        file,
        "file: tensor 'encoder.layer.1.output.dense.bias' has elements I64, expected F32, F16, BF16"
            + " or F64");
    file.tensors()
        .put(
            bias,
            new TensorEntry(bias, DType.F64, Shape.of(6), MemorySegment.ofArray(new float[6])));
    assertThat(WeightMap.of(file, CONFIG).notes())
        .containsExactly("weights in f64, rounded to f32");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY})
  void valuesThatAreNotFiniteAreRefused(float value) {
    MemoryTensors file = file(name -> "bert." + name);
    float[] words = new float[120];
    words[119] = value;
    words[3] = -Float.MAX_VALUE;
    String name = "bert.embeddings.word_embeddings.weight";
    file.tensors()
        .put(name, new TensorEntry(name, DType.F32, Shape.of(20, 6), MemorySegment.ofArray(words)));
    WeightMap map = WeightMap.of(file, CONFIG);
    assertThatThrownBy(() -> values(map))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "file: tensor 'bert.embeddings.word_embeddings.weight': element 119 is %s, expected a"
                    .formatted(value)
                + " finite number");
  }
}

package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.MemoryTensors;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Workspace;

class BertModelTest {
  private static final BertConfig BERT = config(BertConfig.Family.BERT);

  private Device device;
  private Workspace workspace;
  private Arena arena;

  @BeforeEach
  void open() {
    device = new HostDevice(1);
    workspace = new Workspace(device);
    arena = Arena.ofConfined();
  }

  @AfterEach
  void close() {
    arena.close();
    workspace.close();
    device.close();
  }

  private static BertConfig config(BertConfig.Family family) {
    return SmallModel.config(family, 50, 24, 2, GeluForm.ERF);
  }

  private static ParameterTable.Block[] head(BertConfig config) {
    return PretrainingHeads.MASKED.blocks(config);
  }

  private BertModel random(BertConfig config, ParameterTable.Block... heads) {
    return SmallModel.load(
        device,
        workspace,
        config,
        ReferenceParameters.random(SmallModel.reference(config), 3),
        heads);
  }

  private Map<String, float[]> values(BertModel model) {
    return SmallModel.download(device, model.table(), model.parameters());
  }

  @ParameterizedTest
  @EnumSource
  void savedAndLoaded(BertConfig.Family family) {
    BertConfig config = config(family);
    for (ParameterTable.Block[] heads : new ParameterTable.Block[][] {head(config), {}}) {
      BertModel model = random(config, heads);
      List<TensorEntry> saved = model.tensors(device, arena, DType.F32);
      String prefix = heads.length > 0 ? family.prefix() : "";
      assertThat(saved.getFirst().name()).isEqualTo(prefix + "embeddings.word_embeddings.weight");
      BertModel loaded =
          BertModel.load(device, workspace, config, MemoryTensors.of(saved, name -> name), heads);
      assertSame(values(loaded), values(model));
      assertThat(loaded.pooler()).isEmpty();
    }
  }

  /** The head stays in the file when only the encoder is wanted. */
  @Test
  void encoderOfAMaskedLanguageModel() {
    BertModel model = random(BERT, head(BERT));
    MemoryTensors file = MemoryTensors.of(model.tensors(device, arena, DType.F32), name -> name);
    BertModel encoder = BertModel.load(device, workspace, BERT, file);
    Map<String, float[]> expected = values(model);
    expected.keySet().removeIf(name -> name.startsWith("cls."));
    assertSame(values(encoder), expected);
  }

  /** Files of 2018 and 2019 call LayerNorm's parameters gamma and beta. */
  @Test
  void legacyNames() {
    BertModel model = random(BERT, head(BERT));
    MemoryTensors file =
        MemoryTensors.of(
            model.tensors(device, arena, DType.F32),
            name ->
                name.replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta"));
    assertThat(file.names())
        .contains("bert.embeddings.LayerNorm.gamma")
        .noneMatch(name -> name.endsWith("LayerNorm.weight"));
    BertModel loaded = BertModel.load(device, workspace, BERT, file, head(BERT));
    assertSame(values(loaded), values(model));
  }

  @Test
  void poolerIsKept() {
    BertModel model = random(BERT);
    MemoryTensors file =
        MemoryTensors.of(model.tensors(device, arena, DType.F32), name -> "bert." + name);
    MemorySegment weight = arena.allocate(4L * 24 * 24, 64);
    weight.setAtIndex(ValueLayout.JAVA_FLOAT, 7, 1.5f);
    String name = "bert.pooler.dense.weight";
    file.tensors().put(name, new TensorEntry(name, DType.F32, Shape.of(24, 24), weight));
    String bias = "bert.pooler.dense.bias";
    file.tensors()
        .put(bias, new TensorEntry(bias, DType.F32, Shape.of(24), arena.allocate(96, 64)));
    BertModel loaded = BertModel.load(device, workspace, BERT, file);
    TensorEntry kept = loaded.tensors(device, arena, DType.F32).reversed().get(1);
    assertThat(kept.name()).isEqualTo("pooler.dense.weight");
    assertThat(kept.values().mismatch(weight)).isEqualTo(-1);
  }

  @Test
  void weightsThatDoNotFit() {
    BertModel model = random(BERT);
    MemoryTensors file =
        MemoryTensors.of(model.tensors(device, arena, DType.F32), name -> "bert." + name);
    file.tensors().remove("bert.encoder.layer.1.output.dense.bias");
    file.tensors()
        .computeIfPresent(
            "bert.embeddings.word_embeddings.weight",
            (name, words) -> new TensorEntry(name, DType.F32, Shape.of(25, 48), words.values()));
    assertThatThrownBy(() -> BertModel.load(device, workspace, BERT, file))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "file: weights do not fit config.json: 'bert.embeddings.word_embeddings.weight' is"
                + " [25,48], expected [50,24]; encoder.layer.1.output.dense.bias is missing,"
                + " expected [24]");
  }

  @Test
  void weightsThatAreNotFiniteAreNotSaved() {
    BertModel model = random(BERT);
    float[] gamma = new float[24];
    gamma[5] = Float.NaN;
    device.upload(model.table().view(model.parameters(), "embeddings.LayerNorm.weight"), gamma);
    assertThatThrownBy(() -> model.tensors(device, arena, DType.F32))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "trained weights: tensor 'embeddings.LayerNorm.weight': element 5 is NaN, expected a"
                + " finite number");
  }

  @ParameterizedTest
  @EnumSource
  void freshWeights(BertConfig.Family family) {
    BertConfig config = config(family);
    Map<String, float[]> values =
        values(
            BertModel.fresh(device, workspace, config, 1, PretrainingHeads.MASKED.blocks(config)));
    Map<String, Shape> shapes = new TreeMap<>();
    for (ParameterTable.Entry entry :
        BertModel.table(config, PretrainingHeads.MASKED.blocks(config)).entries()) {
      shapes.put(SmallModel.referenceName(entry.name()), entry.shape());
    }
    values.forEach(
        (name, numbers) -> {
          if (shapes.get(name).rank() == 1) {
            assertThat(numbers).as(name).containsOnly(name.endsWith("Norm.weight") ? 1f : 0f);
            return;
          }
          double squares = 0;
          for (float number : numbers) {
            squares += (double) number * number;
          }
          // The variance of n normal numbers varies by sqrt(2 / n); five times that is never seen.
          double variance = 0.02 * 0.02;
          assertThat(squares / numbers.length)
              .as(name)
              .isCloseTo(variance, within(5 * variance * Math.sqrt(2.0 / numbers.length)));
        });
    assertSame(
        values(
            BertModel.fresh(device, workspace, config, 1, PretrainingHeads.MASKED.blocks(config))),
        values);
    String words = "embeddings.word_embeddings.weight";
    Map<String, float[]> encoder = values(BertModel.fresh(device, workspace, config, 1));
    assertThat(encoder.get(words)).isEqualTo(values.get(words));
    Map<String, float[]> other =
        values(
            BertModel.fresh(device, workspace, config, 2, PretrainingHeads.MASKED.blocks(config)));
    assertThat(other.get(words)).isNotEqualTo(values.get(words));
  }

  /** Query, key and value side by side, matrices before vectors, a head after the encoder. */
  @ParameterizedTest
  @EnumSource
  void namesShapesAndOrderOfTransformers(BertConfig.Family family) {
    BertConfig config = config(family);
    List<String> matrices = new ArrayList<>();
    List<String> vectors = new ArrayList<>();
    for (String table : List.of("word [50,24]", "position [%d,24]", "token_type [2,24]")) {
      matrices.add("embeddings." + table.replaceFirst(" ", "_embeddings.weight "));
    }
    matrices.replaceAll(name -> name.formatted(config.maxPositionEmbeddings()));
    vectors.addAll(List.of("embeddings.LayerNorm.weight [24]", "embeddings.LayerNorm.bias [24]"));
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "encoder.layer." + layer + ".";
      for (String part : List.of("query", "key", "value")) {
        matrices.add(prefix + "attention.self." + part + ".weight [24,24]");
        vectors.add(prefix + "attention.self." + part + ".bias [24]");
      }
      matrices.add(prefix + "attention.output.dense.weight [24,24]");
      matrices.add(prefix + "intermediate.dense.weight [40,24]");
      matrices.add(prefix + "output.dense.weight [24,40]");
      vectors.add(prefix + "attention.output.dense.bias [24]");
      vectors.add(prefix + "attention.output.LayerNorm.weight [24]");
      vectors.add(prefix + "attention.output.LayerNorm.bias [24]");
      vectors.add(prefix + "intermediate.dense.bias [40]");
      vectors.add(prefix + "output.dense.bias [24]");
      vectors.add(prefix + "output.LayerNorm.weight [24]");
      vectors.add(prefix + "output.LayerNorm.bias [24]");
    }
    boolean bert = family == BertConfig.Family.BERT;
    String transform = bert ? "cls.predictions.transform." : "lm_head.";
    String norm = transform + (bert ? "LayerNorm" : "layer_norm");
    matrices.add(transform + "dense.weight [24,24]");
    vectors.add(transform + "dense.bias [24]");
    vectors.add(norm + ".weight [24]");
    vectors.add(norm + ".bias [24]");
    vectors.add((bert ? "cls.predictions" : "lm_head") + ".bias [50]");
    ParameterTable table = BertModel.table(config, head(config));
    matrices.addAll(vectors);
    assertThat(table.entries())
        .extracting(entry -> entry.name() + " " + entry.shape())
        .isEqualTo(matrices);
    assertThat(table.entries())
        .allSatisfy(
            entry -> assertThat(entry.parameter().decays()).isEqualTo(entry.shape().rank() == 2));
  }

  private static void assertSame(Map<String, float[]> got, Map<String, float[]> expected) {
    assertThat(got.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, values) -> assertThat(got.get(name)).as(name).isEqualTo(values));
  }
}

package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.reference.ReferenceBatch;
import org.mirror4j.reference.ReferenceConfig;
import org.mirror4j.reference.ReferenceEncoder;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.reference.Tape;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;

/**
 * What transformers and PyTorch made of tiny models that transformers wrote, see {@code
 * weights-converter/golden/make_golden.py}: the oracle is BERT, and the product reads and trains
 * it.
 */
class HuggingFaceGoldenTest {
  /**
   * Both sides compute in double; what remains is the order of sums of at most 48 terms over two
   * layers, some hundred roundings of 2^-53, amplified by LayerNorm's division.
   */
  private static final double DOUBLE = 1e-11;

  /** Gradients were stored as f32, half a unit in the last place of the largest. */
  private static final double STORED = 0x1p-24;

  /** As of the product against the oracle, see {@link MirrorTrainingTest}. */
  private static final double SINGLE = 1e-5;

  @TempDir Path folder;

  /** A model directory and what was computed with it. */
  private record Golden(Path directory, JsonNode values) {
    static Golden of(String family) {
      Path directory = Path.of("src/test/resources/golden", family);
      return new Golden(directory, JsonFiles.read(directory.resolve("golden.json")));
    }

    List<String> texts(String field) {
      return StreamSupport.stream(values.path(field).spliterator(), false)
          .map(JsonNode::asText)
          .toList();
    }

    List<String> texts() {
      List<String> all = new ArrayList<>(texts("left"));
      all.addAll(texts("right"));
      return all;
    }

    int[][] tokenIds() {
      return StreamSupport.stream(values.path("tokenIds").spliterator(), false)
          .map(ids -> IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray())
          .toArray(int[][]::new);
    }

    BertConfig config() {
      return BertConfig.parse(ModelDirectory.open(directory).config());
    }

    ReferenceBatch batch(int sequences) {
      int[][] ids = Arrays.copyOf(tokenIds(), sequences);
      return SmallModel.reference(PackedBatch.of(ids, config().positions()));
    }

    /** The parameters of the first layers, for the oracle. */
    ReferenceParameters parameters(int layers) {
      ReferenceConfig all = SmallModel.reference(config());
      ReferenceParameters parameters =
          ReferenceParameters.zeros(
              new ReferenceConfig(
                  all.vocabSize(),
                  all.hiddenSize(),
                  layers,
                  all.heads(),
                  all.intermediateSize(),
                  all.maxPositions(),
                  all.typeVocabSize(),
                  all.layerNormEps(),
                  all.gelu()));
      try (SafeTensors file = SafeTensors.open(directory.resolve("model.safetensors"))) {
        for (String name : parameters.names()) {
          if (!name.startsWith("cls.")) {
            read(file, name, parameters.get(name));
          }
        }
      }
      return parameters;
    }
  }

  private static void read(TensorSource source, String name, DMatrixRMaj into) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(4L * into.data.length, 64);
      source.readFloats(name, values);
      for (int i = 0; i < into.data.length; i++) {
        into.data[i] = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void tokenIds(String family) {
    Golden golden = Golden.of(family);
    try (Tokenizer tokenizer = Tokenizer.open(golden.directory())) {
      assertThat(tokenizer.encodeAll(golden.texts(), 30)).isDeepEqualTo(golden.tokenIds());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void hiddenStatesOfEveryLayer(String family) {
    Golden golden = Golden.of(family);
    JsonNode states = golden.values().path("hiddenStatesOfFirst");
    assertThat(states).hasSize(golden.config().numHiddenLayers() + 1);
    for (int layers = 0; layers < states.size(); layers++) {
      ReferenceParameters parameters = golden.parameters(layers);
      DMatrixRMaj got =
          new ReferenceEncoder(
                  new Tape(),
                  parameters,
                  ReferenceParameters.zeros(parameters.config()),
                  Dropout.NONE)
              .encode(golden.batch(1))
              .getFirst()
              .value();
      double[] expected = flat(states.get(layers));
      assertClose(got.data, expected, DOUBLE * largest(expected), "layer " + layers);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void lossAndTheGradientOfEveryWeight(String family) {
    Golden golden = Golden.of(family);
    ReferenceParameters parameters = golden.parameters(golden.config().numHiddenLayers());
    int texts = golden.texts().size();
    ReferenceTraining.Step step =
        ReferenceTraining.contrastive(
            parameters,
            golden.batch(texts),
            Pooling.CLS,
            TextGroups.distinct(texts / 2),
            golden.values().path("temperature").asDouble(),
            Dropout.NONE);
    double loss = golden.values().path("loss").asDouble();
    assertThat(step.loss()).isCloseTo(loss, within(DOUBLE * loss));
    try (SafeTensors file = SafeTensors.open(golden.directory().resolve("gradients.safetensors"))) {
      assertThat(parameters.names()).containsAll(file.names());
      Map<String, DMatrixRMaj> expected = new TreeMap<>();
      double largest = 0;
      for (String name : file.names()) {
        DMatrixRMaj gradient = new DMatrixRMaj(step.gradients().get(name));
        read(file, name, gradient);
        expected.put(name, gradient);
        largest = Math.max(largest, largest(gradient.data));
      }
      for (String name : expected.keySet()) {
        double[] values = expected.get(name).data;
        // That of the keys' bias is zero but for roundings, as softmax takes no notice of it.
        double unit = Math.max(largest(values), 1e-6 * largest);
        assertClose(step.gradients().get(name).data, values, (DOUBLE + STORED) * unit, name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void vectors(String family) {
    Golden golden = Golden.of(family);
    ModelDirectory directory = ModelDirectory.open(golden.directory());
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device);
        Tokenizer tokenizer = Tokenizer.open(golden.directory());
        SafeTensors weights = directory.weights()) {
      BertModel model = BertModel.load(device, workspace, golden.config(), weights);
      for (Pooling pooling : List.of(Pooling.CLS, Pooling.MEAN)) {
        try (TextEncoder encoder = new TextEncoder(device, model, tokenizer, pooling, 30, 5)) {
          float[][] vectors = encoder.encode(golden.texts());
          JsonNode rows =
              golden.values().path("vectors").path(pooling == Pooling.CLS ? "cls" : "mean");
          for (int text = 0; text < vectors.length; text++) {
            float[] vector = vectors[text];
            double[] got = IntStream.range(0, vector.length).mapToDouble(i -> vector[i]).toArray();
            double[] expected = flat(rows.get(text));
            assertClose(got, expected, SINGLE * largest(expected), pooling + " of text " + text);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void tenLossesOfTraining(String family) {
    Golden golden = Golden.of(family);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < golden.texts("left").size(); i++) {
      lines.add(golden.texts("left").get(i) + Corpus.DELIMITER + golden.texts("right").get(i));
    }
    JsonNode losses = golden.values().path("losses");
    MirrorSettings settings =
        TinyRun.plainSettings(
                losses.size(), lines.size(), golden.values().path("learningRate").asDouble())
            .with(
                Map.of(
                    "lowerCase",
                    false,
                    "pairwise",
                    true,
                    "pooling",
                    Pooling.CLS,
                    "maxLength",
                    30,
                    "weightDecay",
                    golden.values().path("weightDecay").asDouble(),
                    "temperature",
                    golden.values().path("temperature").asDouble()));
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(2)) {
      TinyRun.run(
          device,
          TinyRun.tuning(
              golden.directory(), TinyRun.write(folder.resolve("corpus"), lines), settings),
          folder.resolve("output"),
          new RunOptions(1000, false, false),
          heard);
    }
    assertThat(heard.losses()).hasSize(losses.size());
    for (int i = 0; i < losses.size(); i++) {
      double expected = losses.get(i).asDouble();
      assertThat(heard.losses().get(i))
          .as("step %d", i + 1)
          .isCloseTo(expected, within(SINGLE * expected));
    }
  }

  private static double[] flat(JsonNode node) {
    return node.isArray()
        ? StreamSupport.stream(node.spliterator(), false)
            .flatMapToDouble(child -> Arrays.stream(flat(child)))
            .toArray()
        : new double[] {node.asDouble()};
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static void assertClose(double[] got, double[] expected, double bound, String what) {
    assertThat(got).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).as("%s, element %d", what, i).isCloseTo(expected[i], within(bound));
    }
  }
}

package org.mirror4j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.Encoder;
import org.mirror4j.bert.Pooling;
import org.mirror4j.calibrate.LinearKind;
import org.mirror4j.calibrate.Whitening;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.method.whiten.ModelWhitening;
import org.mirror4j.train.TrainingListener;

/** Vectors of exported models in ONNX Runtime beside our own. */
class ExportedModelTest {
  /**
   * Largest difference in f32, of the largest element: some 100 roundings one after the other in
   * either engine, of 6e-8 each, that fall as they like.
   */
  private static final double SINGLE = 1e-5;

  private static final List<String> TEXTS = SmallModels.TEXTS;

  @TempDir Path folder;

  @BeforeAll
  static void environment() {
    SmallModels.environment();
  }

  private static double largest(float[][] vectors) {
    double largest = 0;
    for (float[] vector : vectors) {
      for (float value : vector) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  private static double difference(float[][] a, float[][] b) {
    assertThat(a).hasDimensions(b.length, b[0].length);
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        // Not a number is no difference that a maximum would see.
        assertThat(a[i][j]).isFinite();
        largest = Math.max(largest, Math.abs((double) a[i][j] - b[i][j]));
      }
    }
    return largest;
  }

  private static double leastCosine(float[][] a, float[][] b) {
    double least = 1;
    for (int i = 0; i < a.length; i++) {
      double dot = 0;
      double aa = 0;
      double bb = 0;
      for (int j = 0; j < a[i].length; j++) {
        dot += (double) a[i][j] * b[i][j];
        aa += (double) a[i][j] * a[i][j];
        bb += (double) b[i][j] * b[i][j];
      }
      least = Math.min(least, dot / Math.sqrt(aa * bb));
    }
    return least;
  }

  private Path export(Path model, Precision precision) {
    Path target = folder.resolve("exported-" + precision);
    OnnxExport.write(model, "model", precision, target, false);
    return target;
  }

  /** In one padded batch, and each text alone. */
  private void expectSame(Path model, List<String> texts) throws Exception {
    float[][] expected;
    try (Encoder encoder = SmallModels.encoder(model)) {
      expected = encoder.embed(texts);
    }
    try (Runtime runtime = new Runtime(export(model, Precision.F32))) {
      List<float[]> alone = new ArrayList<>();
      for (String text : texts) {
        alone.add(runtime.embed(List.of(text))[0]);
      }
      double bound = SINGLE * largest(expected);
      assertThat(difference(runtime.embed(texts), expected)).isLessThan(bound);
      assertThat(difference(alone.toArray(float[][]::new), expected)).isLessThan(bound);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bert, cls",
    "bert, mean",
    "bert, mean-padded",
    "bert, first-last-avg",
    "bert, last-2-avg",
    "roberta, cls",
    "roberta, mean",
    "roberta, mean-padded",
    "roberta, first-last-avg",
    "roberta, last-2-avg",
  })
  void poolings(String family, String pooling) throws Exception {
    String settings = "{'format': 1, 'pooling': '%s', 'max_length': 20}".formatted(pooling);
    expectSame(SmallModels.of(folder.resolve("model"), family, settings), TEXTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "mask; the {} is [MASK] .",
        "mask; [MASK] : {}",
        "mask-mean; what \"{}\" is [MASK]",
        "mean; cold {} river !",
        "mean-padded; cold {} river !",
        "cls; {} .",
        "mean; the cat & {}",
      })
  void templates(String pooling, String template) throws Exception {
    String settings =
        "{'format': 1, 'pooling': '%s', 'max_length': 20, 'template': '%s', 'normalize': true}"
            .formatted(pooling, template.replace("\"", "\\'"));
    expectSame(SmallModels.of(folder.resolve("model"), "bert", settings), TEXTS);
  }

  /** The last mask of all, wherever it stands. */
  @Test
  void masksInTheText() throws Exception {
    String settings =
        "{'format': 1, 'pooling': 'mask', 'max_length': 20, 'template': '[MASK] : {}'}";
    expectSame(
        SmallModels.of(folder.resolve("model"), "bert", settings),
        List.of("the cat", "the [MASK] sat", "[MASK] two [MASK] birds fly", "home"));
  }

  @Test
  void aDefaultPrompt() throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), "bert", "");
    SmallModels.write(
        model,
        "config_sentence_transformers.json",
        "{'prompts': {'query': 'what is: ', 'text': ''}, 'default_prompt_name': 'query'}");
    expectSame(model, TEXTS);
  }

  @Test
  void denseModulesAndANormalisation() throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), "bert", "");
    SmallModels.addDense(model);
    expectSame(model, TEXTS);
  }

  /** Fitted by the product, to fewer values; its matrix divides by small deviations. */
  @Test
  void aWhitening() throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), "bert", "");
    Path whitened = folder.resolve("whitened");
    List<String> texts =
        IntStream.range(0, 200)
            .mapToObj(i -> Integer.toString(i, 26).replaceAll("(.)", "$1 ") + TEXTS.get(i % 10))
            .toList();
    Encoding encoding =
        new Encoding(
            Optional.of(Pooling.FIRST_LAST_AVG),
            OptionalInt.empty(),
            64,
            org.mirror4j.device.Precision.F32);
    try (Device device = new HostDevice(1)) {
      new ModelWhitening(
              model,
              "model",
              encoding,
              List.of(LinearKind.WHITENING.of(OptionalInt.of(7), 1, Whitening.DEFAULT_EPSILON)),
              List.of(new FittingTexts("texts", false, false, texts)))
          .write(device, whitened, false, TrainingListener.NONE);
    }
    expectSame(whitened, TEXTS);
  }

  @Test
  void leadingElementsAlone() throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), "bert", "");
    SmallModels.addDense(model);
    SmallModels.write(model, "config_sentence_transformers.json", "{'truncate_dim': 5}");
    expectSame(model, TEXTS);
  }

  @ParameterizedTest
  @CsvSource({"bert", "roberta"})
  void geluByTanh(String family) throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), family, "");
    SmallModels.configure(model, "hidden_act", "gelu_new");
    expectSame(model, TEXTS);
  }

  /** RoBERTa's tokenizer does not lower-case, the module of sentence-transformers does. */
  @Test
  void textInLowerCase() throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), "roberta", "");
    SmallModels.write(
        model, "sentence_bert_config.json", "{'max_seq_length': 12, 'do_lower_case': true}");
    expectSame(model, TEXTS);
  }

  /** As a model of over 2 GiB is written: values beside the graph. */
  @Test
  void valuesInAFileOfTheirOwn() throws Exception {
    int count = 400;
    ByteBuffer values = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      values.putFloat(i);
    }
    Graph graph = new Graph();
    String x = graph.input("x", ElementType.F32, "rows", count);
    for (String name : List.of("a", "b")) {
      Initializer table =
          new Initializer(
              name,
              ElementType.F32,
              List.of((long) count),
              sink -> sink.write(MemorySegment.ofArray(values.array())));
      x = graph.add(x + name, "Add", List.of(x, graph.constant(table)));
    }
    graph.output(x, ElementType.F32, "rows", count);
    new ModelFile(graph, "two files", 4 * count).write(folder);
    assertThat(folder.resolve(ModelFile.DATA)).hasSize(2 * 4 * count);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(folder.resolve(ModelFile.NAME).toString());
        OnnxTensor input = OnnxTensor.createTensor(environment, new float[1][count]);
        OrtSession.Result result = session.run(Map.of("x", input))) {
      float[][] sums = (float[][]) result.get(0).getValue();
      for (int i = 0; i < count; i++) {
        assertThat(sums[0][i]).isEqualTo(2f * i);
      }
    }
  }

  @Test
  void inputsAreThoseOfTransformers() throws Exception {
    for (String family : List.of("bert", "roberta")) {
      Path target = folder.resolve("exported-" + family);
      Path model = SmallModels.of(folder.resolve(family), family, "");
      OnnxExport.write(model, family, Precision.F32, target, false);
      try (Runtime runtime = new Runtime(target)) {
        assertThat(runtime.inputs())
            .containsExactlyElementsOf(
                family.equals("bert")
                    ? List.of("input_ids", "attention_mask", "token_type_ids")
                    : List.of("input_ids", "attention_mask"));
      }
    }
  }

  /** A text without a mask has no vector, and is not given another one. */
  @Test
  void aTextWithoutItsMaskIsNoNumber() throws Exception {
    Path model =
        SmallModels.of(folder.resolve("model"), "bert", "{'format': 1, 'pooling': 'mask'}");
    try (Runtime runtime = new Runtime(export(model, Precision.F32))) {
      float[][] vectors = runtime.embed(List.of("the cat", "the [MASK]"));
      assertThat(vectors[0]).containsOnly(Float.NaN);
      assertThat(vectors[1]).doesNotContain(Float.NaN);
    }
  }

  /** Rounding of the weights alone: 2^-11 of each, in sums of either sign. */
  @Test
  void matricesInHalfPrecision() throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), "roberta", "");
    float[][] expected;
    try (Encoder encoder = SmallModels.encoder(model)) {
      expected = encoder.embed(TEXTS);
    }
    Path exported = export(model, Precision.F16);
    try (Runtime runtime = new Runtime(exported)) {
      float[][] vectors = runtime.embed(TEXTS);
      assertThat(difference(vectors, expected))
          .isBetween(1e-6 * largest(expected), 2e-3 * largest(expected));
    }
  }

  @Test
  void theBundledModel() throws Exception {
    try (Bundled bundled = Bundled.open()) {
      expectSame(bundled.model(), TEXTS);
    }
  }

  /**
   * Steps are a 64th of the largest of a weight's row and a 255th of an activation's range. An
   * error is spread evenly over a step, its deviation the step by sqrt(12); with elements a tenth
   * of the range in the mean that is 1/(6.4 sqrt 12) = 4.5 percent of a weight and 1.1 of an
   * activation, and sums over hundreds of them, whose terms are independent, have the same share. A
   * layer has two blocks, of which each adds a few tenths of its vector to the residual, and the
   * word embeddings are integers too: four layers add up to sqrt(4.5^2 + 8 (0.3 x 4.7)^2) = 6
   * percent, a cosine of 0.998; the bound is that of twice as much.
   */
  @Test
  void theBundledModelInIntegers() throws Exception {
    try (Bundled bundled = Bundled.open()) {
      float[][] expected;
      try (Encoder encoder = SmallModels.encoder(bundled.model())) {
        expected = encoder.embed(TEXTS);
      }
      Path single = export(bundled.model(), Precision.F32);
      Path integers = export(bundled.model(), Precision.INT8);
      try (Runtime runtime = new Runtime(integers)) {
        assertThat(leastCosine(runtime.embed(TEXTS), expected)).isGreaterThan(0.993);
      }
      assertThat(Files.size(integers.resolve("model.onnx")))
          .isLessThan(3 * Files.size(single.resolve("model.onnx")) / 10);
    }
  }
}

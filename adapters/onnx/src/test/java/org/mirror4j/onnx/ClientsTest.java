package org.mirror4j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.huggingface.translator.TextEmbeddingTranslatorFactory;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.Encoder;
import org.springframework.ai.transformers.TransformersEmbeddingModel;

/** Exported directories in libraries that take them as they are and pool for themselves. */
class ClientsTest {
  /** Of the largest element of all vectors, as in {@link ExportedModelTest}. */
  private static final float SINGLE = 1e-5f;

  /** LangChain4j refuses texts of nothing that its tokenizer knows; these are known. */
  private static final List<String> TEXTS =
      List.of("the cat sat", "cold", "two green birds fly home", "what is it about the stream");

  @TempDir Path folder;

  @BeforeAll
  static void environment() {
    SmallModels.environment();
  }

  private float[][] expected;

  /** A golden model, exported; what it gives is in {@link #expected}. */
  private Path exported(String family, String settings) throws Exception {
    Path model = SmallModels.of(folder.resolve("model"), family, settings);
    try (Encoder encoder = SmallModels.encoder(model)) {
      expected = encoder.embed(TEXTS);
    }
    Path target = folder.resolve("exported");
    OnnxExport.write(model, family, Precision.F32, target, false);
    return target;
  }

  private float rounding() {
    float largest = 0;
    for (float[] vector : expected) {
      for (float value : vector) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return SINGLE * largest;
  }

  private static float[] normalized(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float[] normalized = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      normalized[i] = (float) (vector[i] / Math.sqrt(squares));
    }
    return normalized;
  }

  /** It puts a text together again from pieces, as of a WordPiece: not for RoBERTa. */
  @ParameterizedTest
  @CsvSource({"mean, MEAN", "cls, CLS"})
  void langChain4j(String pooling, PoolingMode mode) throws Exception {
    Path directory = exported("bert", "{'format': 1, 'pooling': '%s'}".formatted(pooling));
    EmbeddingModel model =
        new OnnxEmbeddingModel(
            directory.resolve("model.onnx"), directory.resolve("tokenizer.json"), mode);
    List<TextSegment> segments = TEXTS.stream().map(TextSegment::from).toList();
    for (int i = 0; i < TEXTS.size(); i++) {
      float[] vector = model.embedAll(segments).content().get(i).vector();
      assertThat(vector).containsExactly(normalized(expected[i]), within(SINGLE));
    }
  }

  /** It takes the mean and does not normalise. */
  @ParameterizedTest
  @CsvSource({"bert", "roberta"})
  void springAi(String family) throws Exception {
    Path directory = exported(family, "{'format': 1, 'pooling': 'mean'}");
    try (TransformersEmbeddingModel model = new TransformersEmbeddingModel()) {
      model.setDisableCaching(true);
      model.setModelResource("file:" + directory.resolve("model.onnx"));
      model.setTokenizerResource("file:" + directory.resolve("tokenizer.json"));
      model.afterPropertiesSet();
      List<float[]> vectors = model.embed(TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        assertThat(vectors.get(i)).containsExactly(expected[i], within(rounding()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bert, mean, false",
    "bert, cls, true",
    "roberta, mean, true",
    "roberta, cls, false",
  })
  void djl(String family, String pooling, boolean normalize) throws Exception {
    Path directory =
        exported(
            family,
            "{'format': 1, 'pooling': '%s', 'normalize': %s}".formatted(pooling, normalize));
    Criteria<String, float[]> criteria =
        Criteria.builder()
            .setTypes(String.class, float[].class)
            .optModelPath(directory)
            .optEngine("OnnxRuntime")
            .optTranslatorFactory(new TextEmbeddingTranslatorFactory())
            .build();
    try (ZooModel<String, float[]> model = criteria.loadModel();
        Predictor<String, float[]> predictor = model.newPredictor()) {
      for (int i = 0; i < TEXTS.size(); i++) {
        assertThat(predictor.predict(TEXTS.get(i)))
            .containsExactly(expected[i], within(rounding()));
      }
      List<float[]> batch = predictor.batchPredict(TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        assertThat(batch.get(i)).containsExactly(expected[i], within(rounding()));
      }
    }
  }

  /** Where DJL would pool something else, it is not told how. */
  @Test
  void whatDjlCannotPoolIsNotSaidToIt() throws Exception {
    Path directory = exported("bert", "{'format': 1, 'pooling': 'first-last-avg'}");
    assertThat(directory.resolve("serving.properties")).doesNotExist();
    assertThat(Files.readString(directory.resolve("README.md")))
        .contains("vectors are others than its own");
  }
}

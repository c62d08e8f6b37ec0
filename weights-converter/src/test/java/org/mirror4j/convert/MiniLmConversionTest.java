package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.text.Tokenizer;

/** The published export of all-MiniLM-L6-v2: 6 layers, hidden 384, 12 heads. */
class MiniLmConversionTest {
  private static final String QUERY = "encoder.layer.0.attention.self.query.weight";

  @TempDir static Path directory;
  private static Path onnx;

  @BeforeAll
  static void unpack() throws IOException {
    onnx = unpack("all-minilm-l6-v2.onnx");
    unpack("all-minilm-l6-v2-tokenizer.json");
  }

  private static Path unpack(String resource) throws IOException {
    Path file = directory.resolve(resource);
    try (InputStream stream =
        MiniLmConversionTest.class.getClassLoader().getResourceAsStream(resource)) {
      Files.copy(stream, file);
    }
    return file;
  }

  @Test
  void theGraphHoldsTheWeights() {
    OnnxModel model = OnnxModel.open(onnx);
    assertThat(model.initializers()).hasSize(104);
    try (OnnxWeights weights = new OnnxWeights(model)) {
      // 104 initialisers: 1 of positions, 5 of the embeddings, 16 a layer, 2 of the pooler.
      assertThat(weights.names()).hasSize(104);
      assertThat(weights.shape("embeddings.word_embeddings.weight"))
          .isEqualTo(Shape.of(30522, 384));
      assertThat(weights.shape("encoder.layer.5.intermediate.dense.weight"))
          .isEqualTo(Shape.of(1536, 384));
      assertThat(weights.shape("encoder.layer.5.output.dense.weight"))
          .isEqualTo(Shape.of(384, 1536));
      assertThat(weights.shape("pooler.dense.weight")).isEqualTo(Shape.of(384, 384));
    }
  }

  @Test
  void theConvertedDirectoryOpens() {
    Path out = directory.resolve("converted");
    Converter.Result result = Converter.convert(onnx, out);
    assertThat(result.ignored()).isEmpty();
    assertThat(result.maskedLanguageModel()).isFalse();
    ModelDirectory model = ModelDirectory.open(out);
    BertConfig config = BertConfig.parse(model.config());
    assertThat(config)
        .isEqualTo(
            new BertConfig(
                BertConfig.Family.BERT,
                30522,
                384,
                6,
                12,
                1536,
                512,
                2,
                1e-12f,
                GeluForm.ERF,
                0.02f,
                0));
    OnnxModel graph = OnnxModel.open(onnx);
    try (SafeTensors weights = model.weights();
        OnnxWeights source = new OnnxWeights(graph);
        Tokenizer tokenizer = Tokenizer.open(out)) {
      for (ParameterTable.Entry entry : BertModel.table(config).entries()) {
        assertThat(weights.shape(entry.name())).isEqualTo(entry.shape());
      }
      assertThat(weights.names()).hasSize(103).doesNotContain("embeddings.position_ids");
      float[] written = floats(weights, QUERY);
      assertThat(written).isEqualTo(floats(source, QUERY));
      // Found independently of the code that names matrices: onnx::MatMul_885, transposed.
      float[] stored = new float[384 * 384];
      graph.readFloats(graph.initializers().get("onnx::MatMul_885"), MemorySegment.ofArray(stored));
      assertThat(written[2 * 384 + 5]).isEqualTo(stored[5 * 384 + 2]).isNotZero();
      // Values read from the file by other means.
      float[] words = floats(weights, "embeddings.word_embeddings.weight");
      assertThat(words[3 * 384 + 7]).isEqualTo(0.0002667904f);
      assertThat(written[7 * 384 + 3]).isEqualTo(0.14798415f);
      float[] output = floats(weights, "encoder.layer.3.output.dense.weight");
      assertThat(output[7 * 1536 + 3]).isEqualTo(0.027213765f);
      assertThat(floats(weights, "encoder.layer.5.output.dense.bias")[383])
          .isEqualTo(0.0077719186f);
      assertThat(tokenizer.encode("Hello world", 16)).containsExactly(101, 7592, 2088, 102);
    }
  }

  private static float[] floats(TensorSource source, String name) {
    float[] values = new float[Math.toIntExact(source.shape(name).size())];
    source.readFloats(name, MemorySegment.ofArray(values));
    return values;
  }
}

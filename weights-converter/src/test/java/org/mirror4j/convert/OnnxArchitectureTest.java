package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Tokenizer;

class OnnxArchitectureTest {
  private static final BertConfig CONFIG =
      new BertConfig(BertConfig.Family.BERT, 8, 6, 2, 3, 10, 16, 2, 1e-5f, GeluForm.ERF, 0.02f, 0);

  @TempDir Path directory;

  @Test
  void everythingFollowsFromTheGraph() throws IOException {
    OnnxWriter graph = WeightFiles.weights(CONFIG);
    heads(graph, 3, 2);
    heads(graph, 3, 2);
    epsilon(graph, 1e-5f);
    graph.message(1, OnnxWriter.node("Erf", List.of("x"), List.of("y")));
    assertThat(derive(graph, OptionalInt.empty())).isEqualTo(CONFIG);
  }

  @Test
  void newerOperationsSayTheSame() throws IOException {
    OnnxWriter graph = WeightFiles.weights(CONFIG);
    graph.message(1, OnnxWriter.constant("shape", 7, longs(0, -1, 3, 2), 4));
    graph.message(1, OnnxWriter.node("Reshape", List.of("q", "shape"), List.of("split")));
    OnnxWriter norm = OnnxWriter.node("LayerNormalization", List.of("x"), List.of("n"));
    graph.message(1, norm.message(5, new OnnxWriter().text(1, "epsilon").fixed32(2, 1e-5f)));
    graph.message(1, OnnxWriter.node("Gelu", List.of("x"), List.of("y")));
    assertThat(derive(graph, OptionalInt.empty())).isEqualTo(CONFIG);
  }

  /** The attribute of opset 20. */
  @Test
  void theFormOfGeluIsObeyed() throws IOException {
    for (String approximate : List.of("none", "tanh", "sigmoid")) {
      OnnxWriter graph = WeightFiles.weights(CONFIG);
      epsilon(graph, 1e-5f);
      graph.message(1, gelu(approximate));
      if (approximate.equals("sigmoid")) {
        expect(
            graph,
            OptionalInt.of(3),
            "Gelu '/act' has the approximation 'sigmoid', expected 'none' or 'tanh'");
        continue;
      }
      assertThat(derive(graph, OptionalInt.of(3)).geluForm())
          .isEqualTo(approximate.equals("tanh") ? GeluForm.TANH : GeluForm.ERF);
    }
    OnnxWriter both = WeightFiles.weights(CONFIG);
    epsilon(both, 1e-5f);
    both.message(1, gelu("none")).message(1, gelu("tanh"));
    expect(both, OptionalInt.of(3), "the activation (found [ERF, TANH]) cannot be told");
  }

  private static OnnxWriter gelu(String approximate) {
    OnnxWriter attribute =
        new OnnxWriter().text(1, "approximate").text(4, approximate).number(20, 3);
    return OnnxWriter.node("Gelu", List.of("x"), List.of("y"))
        .text(3, "/act")
        .message(5, attribute);
  }

  @Test
  void whatDoesNotFollowIsAsked() throws IOException {
    OnnxWriter graph = WeightFiles.weights(CONFIG);
    expect(graph, OptionalInt.empty(), "the number of attention heads (found []) cannot be told");
    expect(
        graph, OptionalInt.of(4), "hidden size is 6, expected a multiple of the number of heads");
    expect(graph, OptionalInt.of(0), "number of heads, 0");
    expect(graph, OptionalInt.of(3), "the epsilon of LayerNorm (found []) cannot be told");
    epsilon(graph, 1e-5f);
    expect(graph, OptionalInt.of(3), "the activation (found []) cannot be told");
    graph.message(1, OnnxWriter.node("Erf", List.of("x"), List.of("y")));
    assertThat(derive(graph, OptionalInt.of(3))).isEqualTo(CONFIG);
    heads(graph, 3, 2);
    heads(graph, 2, 3);
    expect(graph, OptionalInt.empty(), "(found [2, 3])");
    epsilon(graph, 1e-12f);
    expect(graph, OptionalInt.of(3), "the epsilon of LayerNorm (found [1.0E-12, 1.0E-5])");
  }

  @Test
  void otherModelsAreRefused() throws IOException {
    expect(new OnnxWriter(), OptionalInt.of(1), "holds no tensor, expected the weights of a BERT");
    BertConfig oneType =
        new BertConfig(
            BertConfig.Family.BERT, 8, 6, 2, 3, 10, 16, 1, 1e-5f, GeluForm.ERF, 0.02f, 0);
    expect(
        WeightFiles.weights(oneType),
        OptionalInt.of(3),
        "the family of a model with one token type");
  }

  @Test
  void aConfigurationBesideTheFileWins() throws IOException {
    Files.write(directory.resolve("m.onnx"), OnnxWriter.model(WeightFiles.weights(CONFIG)));
    Files.writeString(
        directory.resolve("config.json"), CONFIG.toJson(false).put("pad_token_id", 5).toString());
    Files.writeString(directory.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      tokenizer.save(directory);
    }
    Path out = directory.resolve("out");
    Converter.convert(directory.resolve("m.onnx"), out);
    assertThat(ModelDirectory.open(out).config().path("pad_token_id").asInt()).isEqualTo(5);
    assertThatThrownBy(
            () ->
                Converter.convert(
                    directory.resolve("m.onnx"),
                    directory.resolve("other"),
                    new Converter.Options(OptionalInt.of(2), false)))
        .isInstanceOf(FileException.class)
        .hasMessageEndingWith(
            "m.onnx: attention heads are 2, expected 3 as its configuration says");
  }

  /** With two token types a RoBERTa's graph looks like a BERT's; its tokenizer does not. */
  @Test
  void aGraphAloneWithMergedPairsIsRefused() throws IOException {
    Files.write(directory.resolve("m.onnx"), OnnxWriter.model(WeightFiles.weights(CONFIG)));
    Files.writeString(directory.resolve("vocab.json"), "{\"<s>\":0,\"</s>\":1,\"a\":2}");
    Files.writeString(directory.resolve("merges.txt"), "#version: 0.2\n");
    Files.writeString(
        directory.resolve("special_tokens_map.json"),
        "{\"unk_token\":\"a\",\"pad_token\":\"a\",\"mask_token\":\"a\"}");
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      tokenizer.save(directory);
    }
    assertThatThrownBy(
            () -> Converter.convert(directory.resolve("m.onnx"), directory.resolve("out")))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(
            "m.onnx: tokenizer.json is a tokenizer of BPE, which does not tell BERT from RoBERTa,"
                + " expected a config.json beside it");
  }

  private static void heads(OnnxWriter graph, long heads, long headSize) {
    String name = heads + "x" + headSize;
    graph.message(1, OnnxWriter.constant(name + "/heads", 7, longs(heads), 1));
    graph.message(1, OnnxWriter.constant(name + "/size", 7, longs(headSize), 1));
    List<String> parts = List.of("batch", "length", name + "/heads", name + "/size");
    graph.message(1, OnnxWriter.node("Concat", parts, List.of(name)));
  }

  private static void epsilon(OnnxWriter graph, float epsilon) {
    String name = "eps" + epsilon;
    graph.message(1, OnnxWriter.constant(name, 1, TorchFile.bytes(epsilon)));
    graph.message(1, OnnxWriter.node("Add", List.of("variance", name), List.of(name + "/sum")));
    graph.message(1, OnnxWriter.node("Sqrt", List.of(name + "/sum"), List.of(name + "/root")));
  }

  private static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  private BertConfig derive(OnnxWriter graph, OptionalInt heads) throws IOException {
    Path file = Files.write(directory.resolve("model.onnx"), OnnxWriter.model(graph));
    OnnxModel model = OnnxModel.open(file);
    try (OnnxWeights weights = new OnnxWeights(model)) {
      return OnnxArchitecture.of(model, weights, heads);
    }
  }

  private void expect(OnnxWriter graph, OptionalInt heads, String expected) {
    assertThatThrownBy(() -> derive(graph, heads))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(expected);
  }
}

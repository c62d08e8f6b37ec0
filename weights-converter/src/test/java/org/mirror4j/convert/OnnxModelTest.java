package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class OnnxModelTest {
  private static final byte[] MATRIX = TorchFile.bytes(1, 2, 3, 4, 5, 6);

  @TempDir Path directory;

  @Test
  void initialisersAndNodesAreFound() throws IOException {
    OnnxWriter packed = new OnnxWriter().bytes(1, new byte[] {2, 3}).number(2, 1);
    OnnxWriter half = OnnxWriter.tensor("half", 10, TorchFile.shorts(0x3C00, 0xC000), 2);
    OnnxWriter gemm = OnnxWriter.node("Gemm", List.of("x", "w", "b"), List.of("y"));
    gemm.text(3, "/dense/Gemm");
    gemm.message(5, new OnnxWriter().text(1, "transB").number(3, 1).number(20, 2));
    gemm.message(5, new OnnxWriter().text(1, "beta").fixed32(2, 0.5f).number(20, 1));
    OnnxWriter graph =
        new OnnxWriter()
            .text(2, "graph")
            .message(5, packed.bytes(4, MATRIX).text(8, "packed"))
            .message(5, half)
            .message(1, gemm)
            .message(1, OnnxWriter.constant("c", 7, new byte[] {12, 0, 0, 0, 0, 0, 0, 0}, 1));
    try (OnnxModel model = open(OnnxWriter.model(graph))) {
      assertThat(model.initializers()).containsOnlyKeys("packed", "half");
      OnnxModel.Constant found = model.initializers().get("packed");
      assertThat(found.shape()).isEqualTo(Shape.of(2, 3));
      assertThat(found.dtype()).isEqualTo(DType.F32);
      float[] values = new float[6];
      model.readFloats(found, MemorySegment.ofArray(values));
      assertThat(values).containsExactly(1, 2, 3, 4, 5, 6);
      float[] halves = new float[2];
      model.readFloats(model.initializers().get("half"), MemorySegment.ofArray(halves));
      assertThat(halves).containsExactly(1, -2);
      OnnxModel.Node node = model.nodes().getFirst();
      assertThat(node.operation()).isEqualTo("Gemm");
      assertThat(node.name()).isEqualTo("/dense/Gemm");
      assertThat(node.inputs()).containsExactly("x", "w", "b");
      assertThat(node.outputs()).containsExactly("y");
      assertThat(node.integers()).containsEntry("transB", 1L);
      assertThat(node.floats()).containsEntry("beta", 0.5f);
      assertThat(model.nodes().get(1).value().data().byteSize()).isEqualTo(8);
    }
  }

  @Test
  void matricesGetTheirNamesBackFromTheirBiases() throws IOException {
    OnnxWriter graph = new OnnxWriter();
    for (String name : List.of("onnx::MatMul_1", "onnx::MatMul_2", "onnx::Gemm_3", "p.weight")) {
      graph.message(5, OnnxWriter.tensor(name, 1, MATRIX, 2, 3));
    }
    for (String name : List.of("a.bias", "b.bias", "c.bias", "p.bias", "norm.weight")) {
      graph.message(5, OnnxWriter.tensor(name, 1, TorchFile.bytes(7), 1));
    }
    graph.message(1, node("MatMul", List.of("x", "onnx::MatMul_1"), "xa"));
    graph.message(1, node("Add", List.of("a.bias", "xa"), "ya"));
    graph.message(1, node("MatMul", List.of("ya", "onnx::MatMul_2"), "xb"));
    graph.message(1, node("Add", List.of("xb", "b.bias"), "yb"));
    graph.message(1, node("Gemm", List.of("yb", "onnx::Gemm_3", "c.bias"), "yc"));
    OnnxWriter transposing = node("Gemm", List.of("yc", "p.weight", "p.bias"), "yp");
    transposing.message(5, new OnnxWriter().text(1, "transB").number(3, 1));
    graph.message(1, transposing);
    graph.message(1, node("Identity", List.of("norm.weight"), "other.weight"));
    // Neither an activation by an activation nor a sum of two of them names anything.
    graph.message(1, node("MatMul", List.of("ya", "yb"), "scores"));
    graph.message(1, node("Add", List.of("scores", "mask"), "masked"));
    graph.message(1, node("Add", List.of("ya", "yb"), "residual"));
    try (OnnxWeights weights = new OnnxWeights(open(OnnxWriter.model(graph)))) {
      assertThat(weights.names())
          .containsExactlyInAnyOrder(
              "a.weight",
              "a.bias",
              "b.weight",
              "b.bias",
              "c.weight",
              "c.bias",
              "p.weight",
              "p.bias",
              "norm.weight",
              "other.weight");
      for (String name : List.of("a.weight", "b.weight", "c.weight")) {
        assertThat(weights.shape(name)).isEqualTo(Shape.of(3, 2));
        assertThat(floats(weights, name)).containsExactly(1, 4, 2, 5, 3, 6);
      }
      assertThat(weights.shape("p.weight")).isEqualTo(Shape.of(2, 3));
      assertThat(floats(weights, "p.weight")).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(floats(weights, "other.weight")).containsExactly(7);
      assertThatThrownBy(() -> weights.shape("q"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("no tensor 'q'");
    }
  }

  /** A layer with another factor has other weights than those that are stored. */
  @Test
  void aGemmThatIsNoLinearLayerIsRefused() throws IOException {
    OnnxWriter alpha = new OnnxWriter().text(1, "alpha").fixed32(2, 0.5f).number(20, 1);
    OnnxWriter beta = new OnnxWriter().text(1, "beta").fixed32(2, 2).number(20, 1);
    OnnxWriter transA = new OnnxWriter().text(1, "transA").number(3, 1).number(20, 2);
    Map<OnnxWriter, String> refused =
        Map.of(
            alpha, "alpha 0.5, beta 1.0 and transA 0",
            beta, "alpha 1.0, beta 2.0 and transA 0",
            transA, "alpha 1.0, beta 1.0 and transA 1");
    for (Map.Entry<OnnxWriter, String> attribute : refused.entrySet()) {
      OnnxWriter gemm = node("Gemm", List.of("x", "onnx::Gemm_1", "c.bias"), "y");
      OnnxWriter graph =
          new OnnxWriter()
              .message(5, OnnxWriter.tensor("onnx::Gemm_1", 1, MATRIX, 2, 3))
              .message(5, OnnxWriter.tensor("c.bias", 1, TorchFile.bytes(7, 8, 9), 3))
              .message(1, gemm.text(3, "/c").message(5, attribute.getKey()));
      try (OnnxModel model = open(OnnxWriter.model(graph))) {
        assertThatThrownBy(() -> new OnnxWeights(model))
            .isInstanceOf(FileException.class)
            .hasMessageEndingWith(
                ": Gemm '/c' has " + attribute.getValue() + ", expected 1, 1 and 0");
      }
    }
  }

  /** Before memory is taken for what the shape says. */
  @Test
  void aShapeWithoutItsValuesHasNoType() throws IOException {
    OnnxWriter claim = new OnnxWriter().number(1, 1 << 24).number(1, 1024).number(2, 1);
    OnnxWriter graph = new OnnxWriter().message(5, claim.text(8, "w"));
    try (OnnxWeights weights = new OnnxWeights(open(OnnxWriter.model(graph)))) {
      assertThatThrownBy(() -> weights.dtype("w"))
          .isInstanceOf(FileException.class)
          .hasMessageEndingWith(
              ": 'w' is F32[16777216,1024] in 0 bytes of raw values, expected 68719476736");
    }
  }

  @Test
  void brokenWireDataEndsInOneLine() throws IOException {
    expect(new OnnxWriter(), "no graph, expected an ONNX file");
    expect(new OnnxWriter().text(7, "").text(7, ""), "two graphs");
    expect(new OnnxWriter().number(7, 3), "field 7 has wire type 0, expected bytes");
    expect(new OnnxWriter().raw(0x3A, 5, 1), "needs 5 bytes, but 1 are left");
    expect(new OnnxWriter().raw(0x3A).varint(-1), "needs 18446744073709551615 bytes");
    expect(new OnnxWriter().raw(0x3A).varint(Long.MAX_VALUE), "needs 9223372036854775807");
    expect(new OnnxWriter().raw(0x08).raw(ones(9)).raw(0x02), "an integer longer than 64 bits");
    expect(new OnnxWriter().raw(0x08).raw(ones(11)), "an integer longer than 64 bits");
    expect(new OnnxWriter().raw(0x08).raw(ones(3)), "needs 1 bytes, but 0 are left");
    expect(new OnnxWriter().raw(0x00, 0x00), "field number 0");
    expect(new OnnxWriter().varint(1L << 32).varint(0), "field number 536870912");
    expect(new OnnxWriter().raw(0x0B), "wire type 3, expected 0, 1, 2 or 5");
    expect(new OnnxWriter().raw(0x0D, 1, 2), "needs 4 bytes, but 2 are left");
    expect(new OnnxWriter().raw(0x09, 1, 2), "needs 8 bytes, but 2 are left");
  }

  @Test
  void brokenTensorsEndInOneLine() throws IOException {
    expectTensor(OnnxWriter.tensor("w", 1, MATRIX, 2, 4), "'w' is F32[2,4] in 24 bytes");
    expectTensor(OnnxWriter.tensor("w", 1, MATRIX, 2, -3), "'w' has a dimension of -3");
    expectTensor(OnnxWriter.tensor("w", 1, MATRIX, 1L << 31), "has a dimension of 2147483648");
    long most = Integer.MAX_VALUE;
    expectTensor(OnnxWriter.tensor("w", 1, MATRIX, most, most, most), "more elements than fit");
    expectTensor(OnnxWriter.tensor("w", 1, MATRIX, new long[17]), "more than 16 dimensions");
    expectTensor(OnnxWriter.tensor("w", 1, MATRIX, 6).bytes(4, MATRIX), "in two pieces");
    expectTensor(new OnnxWriter().text(8, "w").number(14, 1), "values of 'w' lie in another file");
    expectTensor(new OnnxWriter().text(8, "w").text(13, "x"), "values of 'w' lie in another file");
    OnnxWriter tensor = OnnxWriter.tensor("w", 1, MATRIX, 6);
    expect(
        new OnnxWriter().message(7, new OnnxWriter().message(5, tensor).message(5, tensor)),
        "two initialisers 'w'");
    byte[] good = OnnxWriter.model(new OnnxWriter().message(5, tensor));
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> open(cut).close()).isInstanceOf(FileException.class);
    }
  }

  @Test
  void typesThatAreNoFloatsFailWhenRead() throws IOException {
    OnnxWriter graph = new OnnxWriter().message(5, OnnxWriter.tensor("w", 3, new byte[6], 2, 3));
    graph.message(5, new OnnxWriter().text(8, "empty").number(1, 3).number(2, 1));
    try (OnnxWeights weights = new OnnxWeights(open(OnnxWriter.model(graph)))) {
      assertThatThrownBy(() -> floats(weights, "w"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("'w' has elements of type 3");
      assertThatThrownBy(() -> floats(weights, "empty"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("'empty' is F32[3] in 0 bytes of raw values, expected 12");
    }
  }

  @Test
  void doublesAreRounded() throws IOException {
    byte[] raw = new byte[8];
    ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putDouble(1 + 0x1p-30);
    OnnxWriter graph = new OnnxWriter().message(5, OnnxWriter.tensor("w", 11, raw, 1));
    try (OnnxWeights weights = new OnnxWeights(open(OnnxWriter.model(graph)))) {
      assertThat(weights.dtype("w")).isEqualTo(DType.F64);
      assertThat(floats(weights, "w")).containsExactly(1);
    }
  }

  /** Two bytes of a file become an object of a hundred. */
  @Test
  void fieldsAndTextsAreBounded() throws IOException {
    byte[] nodes = new byte[2 * (1 << 20)];
    for (int i = 0; i < nodes.length; i += 2) {
      nodes[i] = 0x0A; // field 1, a node of no bytes
    }
    expect(new OnnxWriter().bytes(7, nodes), "more than 1048576 fields");
    OnnxWriter longName = new OnnxWriter().text(3, "x".repeat((1 << 16) + 1));
    expect(
        new OnnxWriter().message(7, new OnnxWriter().message(1, longName)),
        "a text of 65537 bytes, expected at most 65536");
  }

  private static OnnxWriter node(String operation, List<String> inputs, String output) {
    return OnnxWriter.node(operation, inputs, List.of(output));
  }

  private static int[] ones(int count) {
    int[] bytes = new int[count];
    Arrays.fill(bytes, 0xFF);
    return bytes;
  }

  private OnnxModel open(byte[] content) throws IOException {
    return OnnxModel.open(Files.write(directory.resolve("model.onnx"), content));
  }

  private static float[] floats(OnnxWeights weights, String name) {
    float[] values = new float[Math.toIntExact(weights.shape(name).size())];
    weights.readFloats(name, MemorySegment.ofArray(values));
    return values;
  }

  private void expectTensor(OnnxWriter tensor, String expected) throws IOException {
    expect(new OnnxWriter().message(7, new OnnxWriter().message(5, tensor)), expected);
  }

  private void expect(OnnxWriter model, String expected) throws IOException {
    assertThatThrownBy(() -> open(model.toByteArray()).close())
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(directory.toString())
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }
}

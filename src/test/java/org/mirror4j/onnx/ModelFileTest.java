package org.mirror4j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.convert.OnnxModel;
import org.mirror4j.file.FileException;

class ModelFileTest {
  /** More than stay in the graph. */
  private static final int LARGE = 300;

  @TempDir Path folder;

  private static Initializer floats(String name, int count, float first) {
    return new Initializer(
        name,
        ElementType.F32,
        List.of((long) count),
        sink -> sink.write(MemorySegment.ofArray(bytes(count, first))));
  }

  private static byte[] bytes(int count, float first) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(first + i);
    }
    return bytes.array();
  }

  private static Graph graph() {
    Graph graph = new Graph();
    String x = graph.input("x", ElementType.F32, "rows", LARGE);
    String a = graph.constant(floats("a", LARGE, 0));
    String b = graph.constant(floats("b", LARGE, 1000));
    String sum = graph.add("sum", "Add", List.of(x, a));
    graph.add("y", "Mul", List.of(graph.add("all", "Add", List.of(sum, b)), graph.number(2)));
    graph.output("y", ElementType.F32, "rows", LARGE);
    return graph;
  }

  @Test
  void aSmallModelIsOneFile() throws IOException {
    new ModelFile(graph(), "small").write(folder);
    assertThat(folder.resolve(ModelFile.DATA)).doesNotExist();
    try (OnnxModel model = OnnxModel.open(folder.resolve(ModelFile.NAME))) {
      assertThat(model.initializers().keySet()).containsExactly("a", "b", "onnx::number_2.0");
      assertThat(
              model
                  .initializers()
                  .get("b")
                  .data()
                  .mismatch(MemorySegment.ofArray(bytes(LARGE, 1000))))
          .isEqualTo(-1);
      assertThat(model.nodes())
          .extracting(OnnxModel.Node::operation)
          .containsExactly("Add", "Add", "Mul");
    }
  }

  /** As with one larger than a protobuf can be: values beside it, in the order of the graph. */
  @Test
  void aLargeModelIsTwo() throws IOException {
    new ModelFile(graph(), "large", 2 * 4 * LARGE).write(folder);
    byte[] data = Files.readAllBytes(folder.resolve(ModelFile.DATA));
    ByteBuffer expected = ByteBuffer.allocate(2 * 4 * LARGE);
    expected.put(bytes(LARGE, 0)).put(bytes(LARGE, 1000));
    assertThat(data).isEqualTo(expected.array());
    assertThat(Files.size(folder.resolve(ModelFile.NAME))).isLessThan(1000);
    assertThatThrownBy(() -> OnnxModel.open(folder.resolve(ModelFile.NAME)))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("values of 'a' lie in another file");
  }

  @Test
  void aConstantOfAnotherSizeThanItSaysIsAFault() {
    Graph graph = new Graph();
    graph.constant(
        new Initializer(
            "a",
            ElementType.F32,
            List.of(3L),
            sink -> sink.write(MemorySegment.ofArray(bytes(2, 0)))));
    assertThatThrownBy(() -> new ModelFile(graph, "wrong").write(folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a has 8 bytes, expected 12");
  }

  @Test
  void namesAreDefinedOnceAndBeforeTheirUse() {
    Graph graph = graph();
    assertThatThrownBy(() -> graph.add("sum", "Add", List.of("x", "a")))
        .hasMessage("graph: sum is defined twice");
    assertThatThrownBy(() -> graph.add("z", "Tanh", List.of("w")))
        .hasMessage("graph: w is used and not defined");
    assertThat(graph.integers(1, 2)).isEqualTo(graph.integers(1, 2));
  }
}

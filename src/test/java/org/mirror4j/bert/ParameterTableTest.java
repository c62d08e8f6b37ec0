package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

class ParameterTableTest {
  private final BertConfig config =
      SmallModel.config(BertConfig.Family.BERT, 51, 27, 2, GeluForm.ERF);
  private final ParameterTable table = ParameterTable.maskedLanguageModel(config);

  @Test
  void parametersLieApartInOrder() {
    long end = 0;
    for (ParameterTable.Entry entry : table.entries()) {
      assertThat(entry.offset()).as(entry.name()).isGreaterThanOrEqualTo(end);
      // Nothing lies between, but where the vectors start.
      assertThat(entry.offset() - end)
          .as(entry.name())
          .isLessThan(entry.offset() == table.matrixSize() ? 16 : 1);
      end = entry.offset() + entry.shape().size();
    }
    assertThat(table.size()).isEqualTo(Math.toIntExact(end));
  }

  @Test
  void matricesComeBeforeVectors() {
    assertThat(table.matrixSize() % 16).isZero();
    for (ParameterTable.Entry entry : table.entries()) {
      assertThat(entry.offset() < table.matrixSize())
          .as(entry.name())
          .isEqualTo(entry.shape().rank() == 2);
    }
  }

  @Test
  void queryKeyAndValueStandSideBySide() {
    Tensor flat = Workspace.counting().f32("flat", table.size());
    for (int layer = 0; layer < 2; layer++) {
      for (String kind : List.of("weight", "bias")) {
        Tensor all = table.queryKeyValue(flat, layer, kind);
        long address = all.address();
        for (String part : List.of("query", "key", "value")) {
          String name = "encoder.layer." + layer + ".attention.self." + part + "." + kind;
          Tensor one = table.view(flat, name);
          assertThat(one.address()).as(name).isEqualTo(address);
          address += one.bytes();
        }
        assertThat(all.address() + all.bytes()).isEqualTo(address);
      }
    }
  }

  @Test
  void namesAndShapesOfTransformers() {
    assertThat(table.entries()).hasSize(5 + 2 * 16 + 5);
    assertThat(shape("embeddings.word_embeddings.weight")).isEqualTo(Shape.of(51, 27));
    assertThat(shape("embeddings.position_embeddings.weight")).isEqualTo(Shape.of(36, 27));
    assertThat(shape("embeddings.token_type_embeddings.weight")).isEqualTo(Shape.of(2, 27));
    assertThat(shape("encoder.layer.1.intermediate.dense.weight")).isEqualTo(Shape.of(40, 27));
    assertThat(shape("encoder.layer.1.output.dense.weight")).isEqualTo(Shape.of(27, 40));
    assertThat(shape("cls.predictions.bias")).isEqualTo(Shape.of(51));
    assertThat(table.has("encoder.layer.2.output.dense.weight")).isFalse();
    assertThat(ParameterTable.encoder(config).has("cls.predictions.bias")).isFalse();
  }

  @Test
  void headOfRoberta() {
    BertConfig roberta = SmallModel.config(BertConfig.Family.ROBERTA, 51, 27, 1, GeluForm.ERF);
    assertThat(ParameterTable.maskedLanguageModel(roberta).entries())
        .extracting(ParameterTable.Entry::name)
        .contains(
            "lm_head.dense.weight",
            "lm_head.dense.bias",
            "lm_head.layer_norm.weight",
            "lm_head.layer_norm.bias",
            "lm_head.bias");
  }

  @Test
  void unknownName() {
    Tensor flat = Workspace.counting().f32("flat", table.size());
    assertThatThrownBy(() -> table.view(flat, "pooler.dense.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no parameter pooler.dense.weight");
  }

  private Shape shape(String name) {
    return table.entries().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow()
        .shape();
  }
}

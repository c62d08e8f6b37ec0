package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.GeluForm;

class ReferenceParametersTest {
  private final ReferenceConfig config =
      new ReferenceConfig(20, 12, 2, 2, 18, 9, 2, 1e-12, GeluForm.ERF);

  @Test
  void floatsHoldEveryValue() {
    ReferenceParameters parameters = ReferenceParameters.random(config, 8);
    for (String name : parameters.names()) {
      DMatrixRMaj tensor = parameters.get(name);
      float[] floats = parameters.floats(name);
      for (int i = 0; i < floats.length; i++) {
        assertThat((double) floats[i])
            .as(name)
            .isEqualTo(tensor.data[i])
            .isNotZero()
            .isNotEqualTo(1);
      }
    }
  }

  @Test
  void seedsDecide() {
    String name = "encoder.layer.1.output.dense.weight";
    double[] values = ReferenceParameters.random(config, 8).get(name).data;
    assertThat(ReferenceParameters.random(config, 8).get(name).data).containsExactly(values);
    assertThat(ReferenceParameters.random(config, 9).get(name).data).isNotEqualTo(values);
  }

  @Test
  void shapesAreThoseOfTheCheckpoint() {
    ReferenceParameters parameters = ReferenceParameters.zeros(config);
    // 5 embedding tensors, 16 a layer, 5 of the head.
    assertThat(parameters.names()).hasSize(5 + 2 * 16 + 5);
    DMatrixRMaj up = parameters.get("encoder.layer.0.intermediate.dense.weight");
    assertThat(new int[] {up.numRows, up.numCols}).containsExactly(18, 12);
    DMatrixRMaj down = parameters.get("encoder.layer.1.output.dense.weight");
    assertThat(new int[] {down.numRows, down.numCols}).containsExactly(12, 18);
    DMatrixRMaj bias = parameters.get("cls.predictions.bias");
    assertThat(new int[] {bias.numRows, bias.numCols}).containsExactly(1, 20);
  }

  @Test
  void unknownNames() {
    assertThatThrownBy(() -> ReferenceParameters.zeros(config).get("pooler.dense.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no parameter pooler.dense.weight, expected one of [embeddings.");
  }
}

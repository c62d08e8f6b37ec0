package org.mirror4j.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.mirror4j.checkpoint.DenseModule;

class AffineMapTest {
  static AffineMap random(int outputs, int inputs, long seed) {
    Random random = new Random(seed);
    return new AffineMap(
        RandomMatrices_DDRM.rectangle(outputs, inputs, -1, 1, random),
        RandomMatrices_DDRM.rectangle(outputs, 1, -1, 1, random));
  }

  /** The map by its definition, in double. */
  static double[] apply(AffineMap map, float[] x) {
    double[] y = new double[map.matrix().numRows];
    for (int i = 0; i < y.length; i++) {
      y[i] = map.offset().get(i);
      for (int j = 0; j < x.length; j++) {
        y[i] += map.matrix().get(i, j) * x[j];
      }
    }
    return y;
  }

  static float[][] apply(AffineMap map, float[][] vectors) {
    float[][] mapped = new float[vectors.length][map.matrix().numRows];
    for (int row = 0; row < vectors.length; row++) {
      double[] y = apply(map, vectors[row]);
      for (int i = 0; i < y.length; i++) {
        mapped[row][i] = (float) y[i];
      }
    }
    return mapped;
  }

  @Test
  void oneAfterTheOther() {
    AffineMap first = random(4, 3, 1);
    AffineMap second = random(2, 4, 2);
    float[] x = {0.5f, -2, 3};
    double[] between = apply(first, x);
    double[] both = apply(first.then(second), x);
    for (int i = 0; i < 2; i++) {
      double expected = second.offset().get(i);
      for (int j = 0; j < 4; j++) {
        expected += second.matrix().get(i, j) * between[j];
      }
      assertThat(both[i]).isCloseTo(expected, within(1e-14));
    }
  }

  @Test
  void asModule() {
    AffineMap map = random(2, 3, 4);
    DenseModule module = map.module();
    assertThat(module.inFeatures()).isEqualTo(3);
    assertThat(module.outFeatures()).isEqualTo(2);
    assertThat(module.activation()).isEqualTo(DenseModule.Activation.IDENTITY);
    for (int i = 0; i < 6; i++) {
      assertThat(module.weight().getAtIndex(ValueLayout.JAVA_FLOAT, i))
          .isEqualTo((float) map.matrix().get(i));
    }
    assertThat(module.bias().orElseThrow().getAtIndex(ValueLayout.JAVA_FLOAT, 1))
        .isEqualTo((float) map.offset().get(1));
    map.matrix().set(0, 1e300);
    assertThatThrownBy(map::module)
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("calibration: a value is 1.0E300, expected one that f32 has");
    assertThatThrownBy(() -> new AffineMap(map.matrix(), new DMatrixRMaj(3, 1)))
        .hasMessage("offset is [3, 1], expected [2, 1]");
  }
}

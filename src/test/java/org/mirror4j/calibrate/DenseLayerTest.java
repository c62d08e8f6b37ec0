package org.mirror4j.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Devices;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

class DenseLayerTest {
  private static float[] random(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "CPU, 1, 1, 1, true, IDENTITY",
    "CPU, 33, 24, 7, true, IDENTITY",
    "CPU, 31, 7, 33, false, TANH",
    "CPU, 3, 127, 129, true, TANH",
    "PTX, 3, 24, 7, true, IDENTITY",
    "PTX, 5, 7, 33, false, TANH"
  })
  void isTheProductInDouble(
      Devices.Choice choice,
      int rows,
      int in,
      int out,
      boolean biased,
      DenseModule.Activation activation) {
    float[] weight = random(out * in, 1);
    float[] bias = random(out, 2);
    float[] x = random(rows * in, 3);
    DenseModule module =
        new DenseModule(
            in,
            out,
            MemorySegment.ofArray(weight),
            biased ? Optional.of(MemorySegment.ofArray(bias)) : Optional.empty(),
            activation);
    try (Device device = Devices.open(choice, 1).device();
        Workspace workspace = new Workspace(device)) {
      Tensor vectors = workspace.f32("vectors", rows + 2, in);
      VectorMap map = DenseLayer.load(device, workspace, module);
      assertThat(map.inputWidth()).isEqualTo(in);
      assertThat(map.outputWidth()).isEqualTo(out);
      VectorMap.Pass pass = map.plan(device, workspace, rows + 2);
      // A fuller call before leaves nothing behind.
      device.upload(vectors.rows(rows + 2), random((rows + 2) * in, 4));
      pass.forward(vectors);
      device.upload(vectors.rows(rows), x);
      Tensor result = pass.forward(vectors);
      assertThat(result.rows()).isEqualTo(rows);
      float[] y = new float[rows * out];
      device.download(y, result);
      for (int row = 0; row < rows; row++) {
        for (int j = 0; j < out; j++) {
          double sum = biased ? bias[j] : 0;
          double sizes = Math.abs(sum);
          for (int i = 0; i < in; i++) {
            double product = (double) x[row * in + i] * weight[j * in + i];
            sum += product;
            sizes += Math.abs(product);
          }
          boolean tanh = activation == DenseModule.Activation.TANH;
          // Sums of in + 1 terms; tanh has a slope of 1 at most and is good to a few ulps of 1.
          double bound = (in + 2) * 0x1p-24 * sizes + (tanh ? 0x1p-21 : 0);
          assertThat((double) y[row * out + j])
              .isCloseTo(tanh ? Math.tanh(sum) : sum, within(bound));
        }
      }
    }
  }
}

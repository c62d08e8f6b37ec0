package org.mirror4j.objective;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.Device;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

class HeadLogitsTest {
  private static final float FINE = 0x1p-12f;

  /**
   * What bf16 and f16 cannot tell apart is told apart; only what goes on to products is rounded.
   */
  @ParameterizedTest
  @CsvSource({"F32, 0x1p-12", "BF16, 0", "F16, 0"})
  void logitsAreF32(DType storage, float finest) {
    try (Device device = new RoundingDevice(1);
        Workspace workspace = new Workspace(device)) {
      HeadLogits logits = new HeadLogits(device, workspace, "test", storage, 3, 2);
      logits.rows(2);
      device.upload(logits.values(), new float[] {1, 1 + FINE, -2, 4 + 4 * FINE});
      Tensor bias = workspace.f32("bias", 2);
      device.upload(bias, new float[] {0.5f, -1});
      assertThat(logits.download(bias)).startsWith(1.5f, FINE, -1.5f, 3 + 4 * FINE);

      assertThat(logits.gradient().dtype()).isEqualTo(storage);
      Tensor wide = workspace.f32("wide", 2, 2);
      device.kernels().memory().convert(wide, logits.gradient());
      float[] gradient = new float[4];
      device.download(gradient, wide);
      assertThat(gradient).containsExactly(1, 1 + finest, -2, 4 + 4 * finest);
    }
  }
}

package org.mirror4j.research.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.research.card.ComparedKernels.Outcome;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

class ComparedKernelsTest {
  @TempDir Path folder;

  /** What is sought is the worst, whenever it was found; NaN is beyond all bounds. */
  @Test
  void notANumberIsTheWorstError() {
    Outcome right = new Outcome(1, 0.5, "right");
    assertThat(right.and(Double.NaN, "wrong").and(0.1, "later").tensor()).isEqualTo("wrong");
    assertThat(right.and(0.1, "less").tensor()).isEqualTo("right");
    assertThat(right.and(Double.POSITIVE_INFINITY, "more").tensor()).isEqualTo("more");
  }

  /** A kernel that stores NaN for a factor that is infinite, and is right for the one after it. */
  @Test
  void aCallThatGivesNanIsNotForgottenBehindOneThatIsRight() throws IOException {
    String load = "ld.param.f32 %f_factor, [factor];";
    Outcome outcome =
        compared(
            load,
            load + "   fma.rn.f32 %f_factor, %f_factor, 0f00000000, %f_factor;",
            new float[] {1, 2, 3},
            Float.POSITIVE_INFINITY,
            2);
    assertThat(outcome.calls()).isEqualTo(2);
    assertThat(outcome.error()).isNaN();
  }

  /** An infinity where there should be one is no unit for the errors of other elements. */
  @Test
  void anInfinityHidesNoOtherError() throws IOException {
    float[] values = {Float.MAX_VALUE, 2, 3, 4};
    // 2 + 8 instead of 2 * 8, in units of 4 * 8.
    assertThat(compared("mul.rn.f32 %f_x1", "add.rn.f32 %f_x1", values, 8).error())
        .isEqualTo(6.0 / 32);
  }

  /** What is found of a kernel that scales otherwise, over values by one factor after the other. */
  private Outcome compared(String right, String wrong, float[] values, float... factors)
      throws IOException {
    String text = KernelLibrary.bundled().get("scale").text();
    assertThat(text).contains(right);
    Files.writeString(folder.resolve("scale.ptx"), text.replace(right, wrong));
    try (Device card = PtxDriver.device(CheckLevel.ALL, 1, KernelLibrary.with(folder));
        Device cpu = new HostDevice(1);
        DeviceBuffers buffers = new DeviceBuffers(card)) {
      ComparedKernels compared = new ComparedKernels(card, cpu);
      compared.begin();
      for (float factor : factors) {
        Tensor x = buffers.f32("x", values, values.length);
        compared.device().kernels().optimizer().scale(x, factor);
      }
      return compared.outcomes().get("scale");
    }
  }
}

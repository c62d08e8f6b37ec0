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
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

class ComparedKernelsTest {
  /** What is sought is the worst, whenever it was found; NaN is beyond all bounds. */
  @Test
  void notANumberIsTheWorstError() {
    ComparedKernels.Outcome right = new ComparedKernels.Outcome(1, 0.5, "right");
    assertThat(right.and(Double.NaN, "wrong").and(0.1, "later").tensor()).isEqualTo("wrong");
    assertThat(right.and(0.1, "less").tensor()).isEqualTo("right");
    assertThat(right.and(Double.POSITIVE_INFINITY, "more").tensor()).isEqualTo("more");
  }

  /** A kernel that stores NaN for a factor that is infinite, and is right for the one after it. */
  @Test
  void aCallThatGivesNanIsNotForgottenBehindOneThatIsRight(@TempDir Path folder)
      throws IOException {
    String text = KernelLibrary.bundled().get("scale").text();
    String wrong =
        text.replace(
            "ld.param.f32 %f_factor, [factor];",
            "ld.param.f32 %f_factor, [factor];   fma.rn.f32 %f_factor, %f_factor, 0f00000000,"
                + " %f_factor;");
    assertThat(wrong).isNotEqualTo(text);
    Files.writeString(folder.resolve("scale.ptx"), wrong);
    try (Device card = PtxDriver.device(CheckLevel.ALL, 1, KernelLibrary.with(folder));
        Device cpu = new HostDevice(1);
        DeviceBuffers buffers = new DeviceBuffers(card)) {
      ComparedKernels compared = new ComparedKernels(card, cpu);
      compared.begin();
      Tensor x = buffers.f32("x", new float[] {1, 2, 3}, 3);
      Tensor y = buffers.f32("y", new float[] {1, 2, 3}, 3);
      compared.device().kernels().optimizer().scale(x, Float.POSITIVE_INFINITY);
      compared.device().kernels().optimizer().scale(y, 2);
      assertThat(compared.outcomes().get("scale").calls()).isEqualTo(2);
      assertThat(compared.outcomes().get("scale").error()).isNaN();
    }
  }

  /** An infinity where there should be one is no unit for the errors of other elements. */
  @Test
  void anInfinityHidesNoOtherError(@TempDir Path folder) throws IOException {
    String text = KernelLibrary.bundled().get("scale").text();
    String wrong = text.replace("mul.rn.f32 %f_x1", "add.rn.f32 %f_x1");
    assertThat(wrong).isNotEqualTo(text);
    Files.writeString(folder.resolve("scale.ptx"), wrong);
    try (Device card = PtxDriver.device(CheckLevel.ALL, 1, KernelLibrary.with(folder));
        Device cpu = new HostDevice(1);
        DeviceBuffers buffers = new DeviceBuffers(card)) {
      ComparedKernels compared = new ComparedKernels(card, cpu);
      compared.begin();
      float[] values = {Float.MAX_VALUE, 2, 3, 4};
      compared.device().kernels().optimizer().scale(buffers.f32("x", values, 4), 8);
      // 2 + 8 instead of 2 * 8, in units of 4 * 8.
      assertThat(compared.outcomes().get("scale").error()).isEqualTo(6.0 / 32);
    }
  }
}

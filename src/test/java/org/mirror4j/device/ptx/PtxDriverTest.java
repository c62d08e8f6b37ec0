package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** What the driver itself does with findings; those of launches are tested with their checks. */
class PtxDriverTest {
  private final PtxDriver driver = new PtxDriver(CheckLevel.ALL, LaunchOptions.defaults());

  private Tensor matrix(String name) {
    return Tensor.at(driver.allocate(16), name, DType.F32, Shape.of(2, 2));
  }

  @Test
  void aCopyOfWhatWasNeverWrittenEndsThere() {
    try (driver) {
      long from = driver.allocate(16);
      long to = driver.allocate(16);
      assertThatThrownBy(() -> driver.copy(to, from, 16))
          .isInstanceOf(PtxException.class)
          .hasMessage("uninitialised: copy from: byte 0 of 'block' was never written");
    }
  }

  @Test
  void aProductOfWhatWasNeverWrittenEndsThere() {
    try (driver;
        MatrixProducts products = driver.matrixProducts()) {
      Tensor a = matrix("a");
      Tensor b = matrix("b");
      Tensor c = matrix("c");
      driver.upload(a.address(), MemorySegment.ofArray(new float[4]), a.bytes());
      assertThatThrownBy(() -> products.multiply(GemmSpec.NN, Factors.AS_STORED, 1, c, a, b))
          .isInstanceOf(PtxException.class)
          .hasMessage("uninitialised: gemm: b, b: byte 0 of 'block' was never written");
    }
  }

  @Test
  void bytesBesideABlockEndItsFreeingAndAreToldOnce() {
    try (driver) {
      long block = driver.allocate(16);
      NativeMemory.putByte(block + 16, (byte) 0);
      assertThatThrownBy(() -> driver.free(block))
          .isInstanceOf(PtxException.class)
          .hasMessageStartingWith("red zone: bytes beside 'block' u8[16] changed");
    }
  }

  @Test
  void bytesBesideABlockThatIsInUseEndTheClosing() {
    NativeMemory.putByte(driver.allocate(16) - 1, (byte) 0);
    assertThatThrownBy(driver::close)
        .isInstanceOf(PtxException.class)
        .hasMessageStartingWith("red zone: bytes beside 'block' u8[16] changed");
  }
}

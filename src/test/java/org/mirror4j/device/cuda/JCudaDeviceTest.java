package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.MemoryContract;
import org.mirror4j.device.OperationContract.Setup;
import org.mirror4j.device.OptimizerContract;
import org.mirror4j.device.OwnershipContract;
import org.mirror4j.device.ProductContract;
import org.mirror4j.device.RowContract;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Operations of a card through JCuda, whose driver executes the kernels on the interpreter: they
 * pass their contracts and give the bits of the interpreter without JCuda.
 */
@Tag("stand-in")
class JCudaDeviceTest {
  private static final KernelLibrary KERNELS = KernelLibrary.bundled();

  private InterpretedMachine machine;
  private StandInCard card;
  private DriverDevice device;
  private DriverDevice interpreter;

  @BeforeEach
  void open() {
    machine = new InterpretedMachine();
    card = new StandInCard(machine);
    card.driver().setCards(new StandInDriver.Card("Stand-in A100", 8, 0, 1 << 28));
    device = new DriverDevice("cuda", card.open(), KERNELS);
    interpreter = PtxDriver.device(CheckLevel.BOUNDS, 1, KERNELS);
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
      interpreter.close();
      assertThat(card.driver().asynchronousCause()).isNull();
      assertThat(machine.findings().list()).isEmpty();
      card.driver().assertUnbroken();
      card.cublas().assertUnbroken();
      card.driver().assertNothingLeft();
    }
  }

  @Test
  void aStepIsRecordedTheSecondTimeAndReplayedFromThenOn() {
    Tensor x = Tensor.at(device.ownership(), device.allocate(400), "x", DType.F32, Shape.of(100));
    float[] values = new float[100];
    for (int step = 0; step < 4; step++) {
      values[99] = step;
      device.upload(x, values);
      card.driver().takeCalls();
      device.repeat(x.ownership(), "step", () -> device.kernels().optimizer().scale(x, 3));
      List<String> calls = card.driver().takeCalls();
      assertThat(calls.contains("cuLaunchKernel")).isEqualTo(step < 2);
      assertThat(calls.contains("cuGraphLaunch")).isEqualTo(step > 0);
      float[] got = new float[100];
      device.download(got, x);
      assertThat(got[99]).isEqualTo(3f * step);
    }
  }

  @Nested
  class Owned extends OwnershipContract {
    /** The open one, as one card is all there is. */
    @Override
    protected DriverDevice open() {
      return device;
    }
  }

  @Nested
  class Memory extends MemoryContract {
    @Override
    protected List<Setup> setups() {
      return List.of(new Setup(DType.F16, List.of(device, interpreter)));
    }
  }

  @Nested
  class Optimizer extends OptimizerContract {
    @Override
    protected List<Setup> setups() {
      return List.of(new Setup(DType.F16, List.of(device, interpreter)));
    }
  }

  @Nested
  class Row extends RowContract {
    @Override
    protected List<Setup> setups() {
      return List.of(new Setup(DType.BF16, List.of(device, interpreter)));
    }
  }

  @Nested
  class Product extends ProductContract {
    @Override
    protected List<Setup> setups() {
      return List.of(new Setup(DType.F16, List.of(device)));
    }
  }
}

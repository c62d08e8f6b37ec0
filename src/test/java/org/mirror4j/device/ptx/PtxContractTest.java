package org.mirror4j.device.ptx;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.mirror4j.device.AttentionContract;
import org.mirror4j.device.BiasContract;
import org.mirror4j.device.EmbeddingContract;
import org.mirror4j.device.FlatContract;
import org.mirror4j.device.GemmContract;
import org.mirror4j.device.LayerNormContract;
import org.mirror4j.device.LossContract;
import org.mirror4j.device.OperationContract.Setup;
import org.mirror4j.device.PoolingContract;
import org.mirror4j.device.RowContract;
import org.mirror4j.device.cuda.CudaDevice;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.tensor.DType;

/**
 * The contracts on the interpreter under all checks: whatever the order of blocks and of lanes, the
 * bits are the same; wherever in their bounds approximate instructions lie, so are results.
 */
class PtxContractTest {
  private static final long SEED = 7;

  /** Lane by lane, a warp takes some 20 million through a sequence of 512 rows. */
  private static final long INSTRUCTIONS_PER_WARP = 100_000_000;

  private final List<CudaDevice> open = new ArrayList<>();
  private List<Setup> setups;

  @BeforeEach
  void open() {
    setups =
        List.of(
            new Setup(
                DType.F32,
                List.of(
                    device(Schedule.LOCKSTEP, CtaOrder.FORWARD, Approximation.NOMINAL),
                    device(Schedule.LOCKSTEP, CtaOrder.REVERSE, Approximation.NOMINAL),
                    device(Schedule.LANE_SERIAL, CtaOrder.SEEDED, Approximation.NOMINAL))),
            setup(DType.F32, Approximation.LOW),
            setup(DType.F32, Approximation.HIGH),
            setup(DType.F32, Approximation.random(SEED)),
            setup(DType.F16, Approximation.NOMINAL),
            setup(DType.BF16, Approximation.NOMINAL));
  }

  @AfterEach
  void close() {
    open.forEach(CudaDevice::close);
  }

  /** For operations whose kernels have no approximate instruction. */
  private List<Setup> exactSetups() {
    return List.of(setups.getFirst(), setups.get(setups.size() - 2), setups.getLast());
  }

  private Setup setup(DType storage, Approximation approximation) {
    return new Setup(storage, List.of(device(Schedule.LOCKSTEP, CtaOrder.FORWARD, approximation)));
  }

  private CudaDevice device(Schedule schedule, CtaOrder order, Approximation approximation) {
    LaunchOptions options =
        new LaunchOptions(schedule, order, SEED, approximation, 2, INSTRUCTIONS_PER_WARP, null);
    CudaDevice device =
        new CudaDevice("ptx", new PtxDriver(CheckLevel.ALL, options), KernelLibrary.bundled());
    open.add(device);
    return device;
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Gemm extends GemmContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Losses extends LossContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class LayerNorm extends LayerNormContract {
    @Override
    protected List<Setup> setups() {
      return exactSetups();
    }
  }

  @Nested
  class Embedding extends EmbeddingContract {
    @Override
    protected List<Setup> setups() {
      return exactSetups();
    }
  }

  @Nested
  class Bias extends BiasContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Pooled extends PoolingContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Rows extends RowContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Flat extends FlatContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }
}

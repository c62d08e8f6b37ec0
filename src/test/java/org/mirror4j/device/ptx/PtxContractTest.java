package org.mirror4j.device.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.mirror4j.device.ActivationContract;
import org.mirror4j.device.AttentionContract;
import org.mirror4j.device.EmbeddingContract;
import org.mirror4j.device.FlowContract;
import org.mirror4j.device.LossContract;
import org.mirror4j.device.MemoryContract;
import org.mirror4j.device.NormContract;
import org.mirror4j.device.OperationContract.Setup;
import org.mirror4j.device.OptimizerContract;
import org.mirror4j.device.OwnershipContract;
import org.mirror4j.device.ProductContract;
import org.mirror4j.device.RowContract;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.research.WatchedDriver;
import org.mirror4j.tensor.DType;

/**
 * The contracts on the interpreter under all checks, for every storage type: whatever the order of
 * blocks and of lanes, the bits are the same; wherever in their bounds approximate instructions
 * lie, so are results. A case that launches no kernel with such an instruction is the same in all
 * these modes by construction ({@link PtxProgram#isApproximate}) and is run in one. Two orders, as
 * unlike as can be, stand for all, which {@link org.mirror4j.research.KernelCheck} takes at fewer
 * sizes.
 */
class PtxContractTest {
  private static final long SEED = 7;

  /** Lane by lane, a warp takes some 20 million through a sequence of 512 rows. */
  private static final long INSTRUCTIONS_PER_WARP = 100_000_000;

  private static final KernelLibrary KERNELS = KernelLibrary.bundled();

  /** By entry and storage type. */
  private static final Map<String, Boolean> APPROXIMATE = new ConcurrentHashMap<>();

  private final List<DriverDevice> open = new ArrayList<>();
  private final List<Setup> setups = new ArrayList<>();

  /** For matrix products, which launch no kernel here. */
  private final List<Setup> products = new ArrayList<>();

  @BeforeEach
  void open() {
    for (DType storage : List.of(DType.F32, DType.F16, DType.BF16)) {
      WatchedDriver first =
          new WatchedDriver(driver(Schedule.LOCKSTEP, CtaOrder.FORWARD, Approximation.NOMINAL));
      AtomicBoolean approximate = new AtomicBoolean();
      first.watcher(
          (kernel, grid, block, shared, arguments) ->
              approximate.compareAndSet(false, isApproximate(arguments)));
      DriverDevice device = device(first);
      products.add(new Setup(storage, List.of(device)));
      setups.add(
          new Setup(
              storage,
              List.of(
                  device,
                  device(driver(Schedule.LANE_SERIAL, CtaOrder.SEEDED, Approximation.NOMINAL)))));
      for (Approximation mode :
          List.of(Approximation.LOW, Approximation.HIGH, Approximation.random(SEED))) {
        PtxDriver other = driver(Schedule.LOCKSTEP, CtaOrder.FORWARD, mode);
        setups.add(new Setup(storage, List.of(device(other)), approximate::get));
      }
    }
  }

  @AfterEach
  void close() {
    open.forEach(DriverDevice::close);
  }

  private static PtxDriver driver(Schedule schedule, CtaOrder order, Approximation approximation) {
    return new PtxDriver(
        CheckLevel.ALL,
        new LaunchOptions(
            schedule,
            order,
            SEED,
            approximation,
            PtxEngine.COMPILED,
            2,
            INSTRUCTIONS_PER_WARP,
            Long.MAX_VALUE,
            null));
  }

  private static boolean isApproximate(KernelArguments arguments) {
    String entry = arguments.contract().entry();
    DType storage = arguments.storage();
    return APPROXIMATE.computeIfAbsent(
        entry + " " + storage,
        key -> {
          KernelSource source = KERNELS.get(entry);
          return PtxModule.parse(source.file(), source.ptx(storage))
              .program(source.contract().entry(storage))
              .isApproximate();
        });
  }

  private DriverDevice device(Driver driver) {
    DriverDevice device = new DriverDevice("ptx", driver, KERNELS);
    open.add(device);
    return device;
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }

    @Override
    protected int leastTensorRows() {
      return 13;
    }

    @Override
    protected int leastTensorRowsBackward() {
      return 21;
    }
  }

  @Nested
  class Product extends ProductContract {
    @Override
    protected List<Setup> setups() {
      return products;
    }
  }

  @Nested
  class Loss extends LossContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Norm extends NormContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Embedding extends EmbeddingContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Activation extends ActivationContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Row extends RowContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Flow extends FlowContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Owned extends OwnershipContract {
    @Override
    protected DriverDevice open() {
      return PtxDriver.device(CheckLevel.BOUNDS, 1, KernelLibrary.bundled());
    }
  }

  @Nested
  class Memory extends MemoryContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Optimizer extends OptimizerContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }
}

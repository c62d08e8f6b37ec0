package org.mirror4j.device.launch;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Launches kernels by name: {@code launcher.kernel("scale").on(F32).with(x).with(n).launch()}.
 * Grid, block and shared bytes are the header's. A kernel is loaded when it is first launched;
 * after that a launch allocates nothing.
 */
public final class KernelLauncher {
  private final Driver driver;
  private final KernelLibrary library;
  private final Map<String, Variants> kernels = new HashMap<>();

  /** A launcher of the library's kernels. */
  public KernelLauncher(Driver driver, KernelLibrary library) {
    this.driver = driver;
    this.library = library;
  }

  /** What launches. */
  public Driver driver() {
    return driver;
  }

  /** The kernel of that entry name; to be kept, not asked for at each launch. */
  public Variants kernel(String entry) {
    return kernels.computeIfAbsent(entry, name -> new Variants(driver, library.get(name)));
  }

  /** A kernel in its variants by storage type. */
  public static final class Variants {
    private final Driver driver;
    private final KernelSource source;
    private final Map<DType, Launch> launches = new EnumMap<>(DType.class);

    private Variants(Driver driver, KernelSource source) {
      this.driver = driver;
      this.source = source;
    }

    /** A launch of the variant for a storage type, its arguments still to be given. */
    public Launch on(DType storage) {
      Launch launch = launches.get(storage);
      if (launch == null) {
        launch = new Launch(driver, source, storage);
        launches.put(storage, launch);
      }
      launch.arguments.clear();
      return launch;
    }
  }

  /** One launch being put together. */
  public static final class Launch {
    private final Driver driver;
    private final KernelContract contract;
    private final Driver.Kernel kernel;
    private final KernelArguments arguments;

    private Launch(Driver driver, KernelSource source, DType storage) {
      this.driver = driver;
      contract = source.contract();
      kernel = driver.load(source, storage);
      arguments = new KernelArguments(contract, storage);
    }

    /** The next buffer. */
    public Launch with(Tensor tensor) {
      arguments.add(tensor);
      return this;
    }

    /** The next scalar, u32, s32 or u64. */
    public Launch with(long value) {
      arguments.add(value);
      return this;
    }

    /** The next scalar, f32. */
    public Launch with(float value) {
      arguments.add(value);
      return this;
    }

    /**
     * Launches, unless the grid is empty.
     *
     * @throws IllegalArgumentException if arguments are missing
     * @throws KernelException if the header's launch is larger than any card takes
     */
    public void launch() {
      arguments.requireComplete();
      long[] values = arguments.values();
      long grid = contract.grid().evaluate(values);
      if (grid == 0) {
        return;
      }
      long block = contract.block().evaluate(values);
      long shared = contract.shared().evaluate(values);
      boolean fits = grid > 0 && grid <= Integer.MAX_VALUE && block >= 1 && block <= 1024;
      if (!fits || shared < 0 || shared > KernelLimits.SHARED_BYTES) {
        throw new KernelException(
            "%s: grid %d, block %d, shared %d bytes; at most 2147483647, 1024 and %d"
                .formatted(contract.entry(), grid, block, shared, KernelLimits.SHARED_BYTES));
      }
      driver.launch(kernel, (int) grid, (int) block, (int) shared, arguments);
    }
  }
}

package org.mirror4j.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.device.cuda.CudaDevice;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.DType;

/** The interpreter under all checks, on which cases run and launches are watched. */
final class KernelMachine implements AutoCloseable {
  /** Of the inputs of every case. */
  static final long SEED = 1;

  private final PtxDriver driver;
  private final WatchingDriver watched;
  private final CudaDevice device;

  KernelMachine(KernelLibrary library, CheckLevel level, LaunchOptions options) {
    driver = new PtxDriver(level, options);
    watched = new WatchingDriver(driver);
    device = new CudaDevice("ptx", watched, library);
  }

  /** The results of a case. */
  List<CaseResult> run(OperationCase one, Sizes sizes, DType storage) {
    try (CaseTensors tensors = new CaseTensors(device, storage, storage, SEED)) {
      one.body().run(device.kernels(), tensors, sizes);
      return tensors.results();
    }
  }

  /**
   * The launches that a case asks for at these sizes, none of them executed.
   *
   * @return the threads of a block by entry
   */
  SortedMap<String, Integer> blocks(OperationCase one, Sizes sizes, DType storage) {
    SortedMap<String, Integer> blocks = new TreeMap<>();
    watched.watcher(
        (arguments, grid, block, execution) -> blocks.put(arguments.contract().entry(), block));
    try (CaseTensors tensors = new CaseTensors(device, storage, storage, SEED)) {
      one.body().run(device.kernels(), tensors, sizes);
    }
    return blocks;
  }

  /** The launches of a case with what each cost. */
  List<CountedLaunch> count(OperationCase one, Sizes sizes, DType storage, int threads) {
    List<CountedLaunch> launches = new ArrayList<>();
    watched.watcher(
        (arguments, grid, block, execution) -> {
          LaunchCounter counter = new LaunchCounter();
          driver.options(Execution.counted(threads, counter));
          execution.run();
          launches.add(CountedLaunch.of(arguments, grid, block, counter.counts()));
        });
    try (CaseTensors tensors = new CaseTensors(device, storage, storage, SEED)) {
      one.body().run(device.kernels(), tensors, sizes);
    }
    return launches;
  }

  @Override
  public void close() {
    device.close();
  }
}

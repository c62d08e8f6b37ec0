package org.mirror4j.research;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.PtxEngine;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.research.cases.CaseResult;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;

/**
 * The interpreter under all checks, on which cases run and launches are watched. Warnings end
 * nothing here: {@link #warnings} has them.
 */
final class KernelMachine implements AutoCloseable {
  private final PtxEngine engine;
  private final PtxDriver driver;
  private final WatchedDriver watched;
  private final DriverDevice device;

  KernelMachine(KernelLibrary library, CheckLevel level, LaunchOptions options) {
    engine = options.engine();
    driver = new PtxDriver(level, options);
    driver.allowWarnings();
    watched = new WatchedDriver(driver);
    device = new DriverDevice("ptx", watched, library);
  }

  /** The results of a case. */
  List<CaseResult> run(OperationCase one, Sizes sizes, DType storage) {
    return one.results(device, storage, storage, sizes);
  }

  /**
   * The scalars of the first launch of each entry that a case launches, in the order of the
   * launches; 0 stands for those in f32.
   */
  SequencedMap<String, long[]> scalars(OperationCase one, Sizes sizes, DType storage) {
    SequencedMap<String, long[]> scalars = new LinkedHashMap<>();
    watched.watcher(
        (kernel, grid, block, sharedBytes, arguments) -> {
          KernelContract contract = arguments.contract();
          scalars.putIfAbsent(
              contract.entry(), Arrays.copyOf(arguments.values(), contract.scalars().size()));
        });
    run(one, sizes, storage);
    return scalars;
  }

  /** A launch that is being counted. */
  private record Counting(
      KernelArguments arguments, int grid, int block, int sharedBytes, LaunchCounter counter) {
    CountedLaunch counted() {
      return CountedLaunch.of(arguments, grid, block, sharedBytes, counter.counts());
    }
  }

  /** What a case gave, and its launches with what each cost. */
  record Counted(List<CaseResult> results, List<CountedLaunch> launches) {}

  /** Runs a case and counts its launches. */
  Counted count(OperationCase one, Sizes sizes, DType storage, int threads) {
    List<Counting> launches = new ArrayList<>();
    watched.watcher(
        (kernel, grid, block, sharedBytes, arguments) -> {
          LaunchCounter counter = new LaunchCounter();
          driver.options(Execution.counted(threads, counter).withEngine(engine));
          launches.add(new Counting(arguments.copy(), grid, block, sharedBytes, counter));
        });
    List<CaseResult> results = run(one, sizes, storage);
    return new Counted(results, launches.stream().map(Counting::counted).toList());
  }

  /** What launches so far did that is allowed and mostly a mistake, a line each. */
  List<String> warnings() {
    return driver.findings().lines(Check::isWarning);
  }

  /** Instructions of warps that all launches so far took. */
  long instructions() {
    return driver.instructions();
  }

  @Override
  public void close() {
    device.close();
  }
}

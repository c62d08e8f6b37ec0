package org.mirror4j.kernels;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.count.CounterFile;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.DType;

/**
 * The counters of every kernel at the sizes of a BERT-base training step, in f32 and f16: what
 * {@code bench/counters} keeps. bf16 is f16 with other conversions.
 */
public final class KernelCounters {
  private static final List<DType> STORAGES = List.of(DType.F32, DType.F16);

  private KernelCounters() {}

  /**
   * Counts the first launch of each kernel that the first operation launching it makes.
   *
   * @param threads of the interpreter; counts do not depend on it
   * @return by entry
   */
  public static SortedMap<String, CounterFile> of(KernelLibrary library, int threads) {
    SortedMap<String, CounterFile> files = new TreeMap<>();
    for (DType storage : STORAGES) {
      Set<String> counted = new HashSet<>();
      for (OperationCase one : OperationCases.all()) {
        for (CountedLaunch launch : count(library, one, storage, threads)) {
          boolean varies = !library.get(launch.entry()).contract().storages().isEmpty();
          boolean first = varies || !files.containsKey(launch.entry());
          if (counted.add(launch.entry()) && first) {
            files
                .computeIfAbsent(launch.entry(), CounterFile::new)
                .put(
                    "%s %s %s".formatted(one.operation(), storage.label(), one.base()),
                    launch.counts());
          }
        }
      }
    }
    return files;
  }

  private static List<CountedLaunch> count(
      KernelLibrary library, OperationCase one, DType storage, int threads) {
    try (KernelMachine machine =
        new KernelMachine(library, CheckLevel.BOUNDS, LaunchOptions.defaults())) {
      return machine.count(one, one.base(), storage, threads);
    }
  }
}

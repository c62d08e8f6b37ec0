package org.mirror4j.research;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterFile;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.tensor.DType;

/**
 * The counters of every kernel at the sizes of a BERT-base training step, in f32 and f16: what
 * {@code bench/counters} keeps. bf16 is f16 with other conversions.
 */
final class KernelCounters {
  private static final List<DType> STORAGES = List.of(DType.F32, DType.F16);

  /** What these cost a token grows with the length of sequences; each that they take is counted. */
  private static final String BY_LENGTH = "attention_tensor";

  private KernelCounters() {}

  /**
   * Counts the first launch of each variant of a kernel that the first operation launching it
   * makes; of attention on tensor cores, those of each size.
   *
   * @param threads of the interpreter; counts do not depend on it
   */
  static List<KernelProfile> count(KernelLibrary library, int threads) {
    List<KernelProfile> profiles = new ArrayList<>();
    Set<String> counted = new HashSet<>();
    for (DType storage : STORAGES) {
      for (OperationCase one : OperationCases.all()) {
        try (KernelMachine machine =
            new KernelMachine(library, CheckLevel.BOUNDS, LaunchOptions.defaults())) {
          for (CountedLaunch launch : machine.count(one, one.base(), storage, threads).launches()) {
            boolean varies = !library.get(launch.entry()).contract().storages().isEmpty();
            String key = launch.entry() + (varies ? storage : "");
            if (launch.entry().startsWith(BY_LENGTH)) {
              key += one.base();
            }
            // A launch for lengths that are not there stores nothing.
            boolean works = launch.counts().get(Counter.GLOBAL_STORE_REQUESTS) > 0;
            if (works && counted.add(key)) {
              profiles.add(new KernelProfile(one, one.base(), launch, Optional.empty()));
            }
          }
        }
      }
    }
    return profiles;
  }

  /** The files of what was counted, by entry. */
  static SortedMap<String, CounterFile> files(List<KernelProfile> profiles) {
    SortedMap<String, CounterFile> files = new TreeMap<>();
    for (KernelProfile profile : profiles) {
      CountedLaunch launch = profile.launch();
      files
          .computeIfAbsent(launch.entry(), CounterFile::new)
          .put(
              "%s %s %s"
                  .formatted(
                      profile.operation().operation(), launch.storage().label(), profile.sizes()),
              launch.counts());
    }
    return files;
  }
}

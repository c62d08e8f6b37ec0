package org.mirror4j.research;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;

/** Which operations launch which entries, as watched at the driver. */
public final class LaunchMap {
  /** So few rows that nothing takes long; widths, and so blocks, are those of BERT-base. */
  private static final Sizes FEW_ROWS =
      Sizes.of("tokens=8,sequences=2,selected=8,vocabulary=2048,elements=2048");

  /** Scalars by entry, in the order of the first launches. */
  private final SequencedMap<OperationCase, SequencedMap<String, long[]>> scalars =
      new LinkedHashMap<>();

  private LaunchMap() {}

  /** Watches the cases. */
  public static LaunchMap of(List<OperationCase> cases) {
    LaunchMap map = new LaunchMap();
    try (KernelMachine machine =
        new KernelMachine(KernelLibrary.bundled(), CheckLevel.BOUNDS, LaunchOptions.defaults())) {
      for (OperationCase one : cases) {
        // In half precision: then conversions are launched as well.
        map.scalars.put(one, machine.scalars(one, one.base().from(FEW_ROWS), DType.F16));
      }
    }
    return map;
  }

  /** The cases that launch an entry. */
  public List<OperationCase> cases(String entry) {
    return scalars.entrySet().stream()
        .filter(one -> one.getValue().containsKey(entry))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The entries that each operation launches, in the order of their first launches. */
  public SequencedMap<OperationCase, List<String>> launches() {
    SequencedMap<OperationCase, List<String>> launches = new LinkedHashMap<>();
    scalars.forEach((one, entries) -> launches.put(one, List.copyOf(entries.keySet())));
    return launches;
  }

  /**
   * The scalars of an entry's first launch, at the width of BERT-base, in the order of its
   * parameters and 0 for those in f32; empty where no case launches it.
   */
  Optional<long[]> scalars(String entry) {
    return scalars.values().stream()
        .filter(entries -> entries.containsKey(entry))
        .map(entries -> entries.get(entry))
        .findFirst();
  }
}

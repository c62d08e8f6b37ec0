package org.mirror4j.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.DType;

/** Which operations launch an entry, as watched at the driver. */
public final class LaunchMap {
  /** So few rows that nothing takes long; widths, and so blocks, are those of BERT-base. */
  private static final Sizes FEW_ROWS =
      Sizes.of("tokens=8,sequences=2,selected=8,vocabulary=2048,elements=2048");

  private final SortedMap<String, List<OperationCase>> cases = new TreeMap<>();
  private final SortedMap<String, Integer> blocks = new TreeMap<>();

  private LaunchMap() {}

  /** Watches the cases. */
  public static LaunchMap of(List<OperationCase> cases) {
    LaunchMap map = new LaunchMap();
    try (KernelMachine machine =
        new KernelMachine(KernelLibrary.bundled(), CheckLevel.BOUNDS, LaunchOptions.defaults())) {
      for (OperationCase one : cases) {
        // In half precision: then conversions are launched as well.
        machine
            .blocks(one, one.base().from(FEW_ROWS), DType.F16)
            .forEach(
                (entry, block) -> {
                  map.cases.computeIfAbsent(entry, e -> new ArrayList<>()).add(one);
                  map.blocks.putIfAbsent(entry, block);
                });
      }
    }
    return map;
  }

  /** The cases that launch an entry. */
  public List<OperationCase> cases(String entry) {
    return cases.getOrDefault(entry, List.of());
  }

  /** Threads of a block at the width of BERT-base, if any case launches the entry. */
  public OptionalInt block(String entry) {
    Integer block = blocks.get(entry);
    return block == null ? OptionalInt.empty() : OptionalInt.of(block);
  }
}

package org.mirror4j.device.ptx.count;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a launch cost.
 *
 * @param lines counts of each line that was executed, by its number from 1
 * @param bytesTouched distinct bytes read plus distinct bytes written in global memory: what memory
 *     must move if a cache catches every repetition
 * @param sectorBytesTouched the same in whole sectors of 32 bytes
 */
public record LaunchCounts(
    SortedMap<Integer, CounterValues> lines, long bytesTouched, long sectorBytesTouched) {
  /** Keeps the lines from being changed. */
  public LaunchCounts {
    lines = Collections.unmodifiableSortedMap(lines);
  }

  /** The sum over all lines. */
  public CounterValues total() {
    return lines.values().stream().reduce(CounterValues.zero(), CounterValues::plus);
  }

  /** One counter, over all lines. */
  public long get(Counter counter) {
    return total().get(counter);
  }

  /**
   * Totals by the names that files use, in a fixed order; those of tensor cores only where there
   * are any.
   */
  public Map<String, Long> byName() {
    Map<String, Long> values = new LinkedHashMap<>();
    CounterValues total = total();
    for (Counter counter : Counter.values()) {
      if (counter.always() || total.get(counter) != 0) {
        values.put(counter.label(), total.get(counter));
      }
    }
    values.put("bytesTouched", bytesTouched);
    values.put("sectorBytesTouched", sectorBytesTouched);
    values.put("bytesMoved", bytesMoved());
    return values;
  }

  /** Bytes that pass between multiprocessors and the second-level cache: all sectors times 32. */
  public long bytesMoved() {
    return RequestShape.SECTOR_BYTES * total().globalSectors();
  }
}

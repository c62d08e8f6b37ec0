package org.mirror4j.device.ptx.count;

import java.util.SortedMap;
import java.util.TreeMap;

/** The counts of all threads of a launch, being added up. */
final class LaunchTotals {
  private final SortedMap<Integer, long[]> lines = new TreeMap<>();
  private final ByteSet read = new ByteSet();
  private final ByteSet written = new ByteSet();

  void add(int line, long[] counts) {
    long[] sums = lines.computeIfAbsent(line, l -> new long[CountingListener.COUNTERS]);
    for (int i = 0; i < counts.length; i++) {
      sums[i] += counts[i];
    }
  }

  void add(ByteSet moreRead, ByteSet moreWritten) {
    read.addAll(moreRead);
    written.addAll(moreWritten);
  }

  LaunchCounts counts() {
    SortedMap<Integer, CounterValues> byLine = new TreeMap<>();
    lines.forEach((line, values) -> byLine.put(line, new CounterValues(values)));
    return new LaunchCounts(
        byLine,
        read.size() + written.size(),
        RequestShape.SECTOR_BYTES * (read.sectors() + written.sectors()));
  }
}

package org.mirror4j.device.ptx.count;

import java.util.Arrays;

/** A value of each {@link Counter}. */
public final class CounterValues {
  private final long[] values;

  CounterValues(long[] values) {
    this.values = values.clone();
  }

  /** Values that are all 0. */
  static CounterValues zero() {
    return new CounterValues(new long[CountingListener.COUNTERS]);
  }

  /** One of the values. */
  public long get(Counter counter) {
    return values[counter.ordinal()];
  }

  /** The sums of two. */
  public CounterValues plus(CounterValues other) {
    long[] sums = values.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += other.values[i];
    }
    return new CounterValues(sums);
  }

  /** Average number of lanes that take part in an instruction; 0 if there was none. */
  public double averageActiveLanes() {
    long warps = get(Counter.WARP_INSTRUCTIONS);
    return warps == 0 ? 0 : (double) get(Counter.THREAD_INSTRUCTIONS) / warps;
  }

  /** Loaded and stored sectors. */
  public long globalSectors() {
    return get(Counter.GLOBAL_LOAD_SECTORS) + get(Counter.GLOBAL_STORE_SECTORS);
  }

  /** Sectors that the requests would need if their bytes lay together. */
  public long globalIdealSectors() {
    return get(Counter.GLOBAL_LOAD_IDEAL_SECTORS) + get(Counter.GLOBAL_STORE_IDEAL_SECTORS);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CounterValues that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** The values that are not 0. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Counter counter : Counter.values()) {
      if (get(counter) != 0) {
        text.append(text.isEmpty() ? "" : ", ").append(counter.label()).append(' ');
        text.append(get(counter));
      }
    }
    return text.toString();
  }
}

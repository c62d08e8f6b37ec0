package org.mirror4j.research;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.LowerBound;

/** What the launches of a step add up to, by kernel. */
final class EpochSums {
  private final SequencedMap<String, Sum> sums = new LinkedHashMap<>();

  private record Sum(double launches, double bytes, double micros) {
    Sum plus(Sum other) {
      return new Sum(launches + other.launches, bytes + other.bytes, micros + other.micros);
    }
  }

  /**
   * Adds a launch.
   *
   * @param times how often a step makes it
   * @param scale how much more there is in it than was counted
   */
  void add(CountedLaunch launch, Gpu gpu, int times, double scale) {
    add(
        launch.entry(),
        times,
        times * scale * launch.counts().bytesTouched(),
        times * scale * LowerBound.of(launch.counts(), gpu).micros());
  }

  /** Adds launches. */
  void add(String name, double launches, double bytes, double micros) {
    sums.merge(name, new Sum(launches, bytes, micros), Sum::plus);
  }

  private Sum all() {
    return sums.values().stream().reduce(new Sum(0, 0, 0), Sum::plus);
  }

  /** Of all kernels. */
  double launches() {
    return all().launches;
  }

  /** Of all kernels. */
  double bytes() {
    return all().bytes;
  }

  /** Of all kernels. */
  double micros() {
    return all().micros;
  }

  /** Of a number of steps, the kernel that takes longest first. */
  List<Epoch.Kernel> kernels(int steps) {
    return sums.entrySet().stream()
        .map(
            one ->
                new Epoch.Kernel(
                    one.getKey(),
                    steps * one.getValue().launches,
                    steps * one.getValue().bytes,
                    steps * one.getValue().micros * 1e-6))
        .sorted(Comparator.comparingDouble(Epoch.Kernel::seconds).reversed())
        .toList();
  }
}

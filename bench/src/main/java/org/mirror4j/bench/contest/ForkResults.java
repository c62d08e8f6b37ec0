package org.mirror4j.bench.contest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What the forks of one contender gave so far. */
public final class ForkResults {
  private final Contender contender;
  private final List<Double> seconds = new ArrayList<>();
  private int forks;
  private double peakMiB;
  private double allocatedBytes = Double.POSITIVE_INFINITY;
  private String failure;

  ForkResults(Contender contender) {
    this.contender = contender;
  }

  void add(List<Double> secondsOfIterations, double allocated, double peak) {
    seconds.addAll(secondsOfIterations);
    forks++;
    peakMiB = Math.max(peakMiB, peak);
    allocatedBytes = Math.min(allocatedBytes, allocated);
  }

  void fail(String reason) {
    failure = reason;
  }

  /** The side. */
  public Contender contender() {
    return contender;
  }

  /** Forks that it was measured in. */
  public int forks() {
    return forks;
  }

  /** Why there are no numbers; null if there are. */
  public String failure() {
    return failure;
  }

  /** Seconds a call, one for each iteration, ascending. */
  public List<Double> seconds() {
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    return sorted;
  }

  /** Median of {@link #seconds}. */
  public double median() {
    List<Double> sorted = seconds();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  /** Bytes of the heap that a call takes, in the iteration that took the least. */
  public double allocatedBytes() {
    return allocatedBytes;
  }

  /** The most memory of a fork, in MiB. */
  public double peakMiB() {
    return peakMiB;
  }
}

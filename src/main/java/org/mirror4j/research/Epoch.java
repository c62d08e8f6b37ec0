package org.mirror4j.research;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What an epoch takes.
 *
 * @param tokensPerStep mean of the real tokens of a batch of 200 pairs
 * @param launches of kernels and matrix products
 * @param bytes least traffic with memory
 * @param matrixFlops of the matrix products
 * @param matrixSeconds lower bound of the matrix products
 * @param kernels all others, the one that takes longest first
 */
public record Epoch(
    int steps,
    int tokensPerStep,
    double launches,
    double bytes,
    double matrixFlops,
    double matrixSeconds,
    List<Kernel> kernels) {
  /** Lower bound of all kernels but the matrix products. */
  public double kernelSeconds() {
    return kernels.stream().mapToDouble(Kernel::seconds).sum();
  }

  /** The bound. */
  public double seconds() {
    return matrixSeconds + kernelSeconds();
  }

  /** What a kernel takes; nothing if it is not launched. */
  public double seconds(String entry) {
    return kernels.stream()
        .filter(kernel -> kernel.entry.equals(entry))
        .mapToDouble(Kernel::seconds)
        .sum();
  }

  /**
   * What the launches of a kernel take in an epoch.
   *
   * @param bytes least traffic with memory
   * @param seconds lower bound
   */
  public record Kernel(String entry, double launches, double bytes, double seconds) {}

  /**
   * An epoch with the kernels of this build, and with some replaced.
   *
   * @param original of this build
   * @param variant the same where nothing is replaced
   * @param wrong by each kernel that is replaced and launched: where the results of an operation
   *     that launches it are not those of the processor, if anywhere
   */
  public record Comparison(
      Epoch original, Epoch variant, SortedMap<String, Optional<String>> wrong) {}
}

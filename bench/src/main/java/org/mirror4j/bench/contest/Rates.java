package org.mirror4j.bench.contest;

/**
 * A measurement in the units that are compared.
 *
 * @param itemsPerSecond see {@link Work#items}
 * @param gflops 1e9 flops of the products a second; 0 without products
 * @param gigabytes 1e9 bytes a second of those that must be moved; 0 where they are not counted
 */
public record Rates(
    Work work, double seconds, double itemsPerSecond, double gflops, double gigabytes) {
  /** Rates at the median. */
  public static Rates of(ForkResults measurement) {
    Work work = measurement.contender().work();
    double seconds = measurement.median();
    return new Rates(
        work,
        seconds,
        work.items() / seconds,
        work.flops() / seconds * 1e-9,
        work.bytes() / seconds * 1e-9);
  }

  /** Time and rates on one line. */
  String summary() {
    StringBuilder line = new StringBuilder("%.4g s".formatted(seconds));
    line.append(", %.4g %s/s".formatted(itemsPerSecond, work.item()));
    if (gflops > 0) {
      line.append(", %.1f GFLOP/s".formatted(gflops));
    }
    if (gigabytes > 0) {
      line.append(", %.1f GB/s".formatted(gigabytes));
    }
    return line.toString();
  }
}

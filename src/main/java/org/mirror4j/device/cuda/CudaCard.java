package org.mirror4j.device.cuda;

import java.util.Locale;

/**
 * A card as its driver describes it.
 *
 * @param ordinal the driver's number for it, from 0
 * @param major compute capability before the point
 * @param minor compute capability after the point
 * @param memoryBytes all of its memory, used or not
 */
public record CudaCard(int ordinal, String name, int major, int minor, long memoryBytes) {
  /** Compute capability 7.5 (Turing): the kernels' target. */
  private static final int OLDEST = 75;

  /** Compute capability without the point: 75, 80, 90. */
  public int capability() {
    return 10 * major + minor;
  }

  /** Whether the kernels run on it. */
  public boolean usable() {
    return capability() >= OLDEST;
  }

  /** Whether it multiplies bf16 and TF32 (Ampere and later). */
  public boolean hasBf16AndTf32() {
    return capability() >= 80;
  }

  /** Name, compute capability and memory, and why it is not usable if it is not. */
  public String description() {
    String text =
        String.format(
            Locale.ROOT,
            "%s, compute capability %d.%d, %.1f GiB",
            name,
            major,
            minor,
            memoryBytes / (double) (1L << 30));
    return usable() ? text : text + " (not usable: expected compute capability 7.5 or later)";
  }
}

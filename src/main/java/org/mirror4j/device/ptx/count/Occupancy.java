package org.mirror4j.device.ptx.count;

/**
 * How many warps of a kernel are resident on a multiprocessor, as the CUDA occupancy calculator has
 * it: registers are given to a warp in multiples of 256, from a quarter of the register file each,
 * and shared memory to a CTA in multiples of the architecture's granule.
 *
 * @param ctas resident CTAs
 * @param warps resident warps
 * @param maxWarps the most there can be
 * @param limiter what keeps more CTAs away: {@code warps}, {@code ctas}, {@code registers} or
 *     {@code shared}
 */
public record Occupancy(int ctas, int warps, int maxWarps, String limiter) {
  private static final int LANES = 32;
  private static final int REGISTER_GRANULE = 256;
  private static final int QUARTERS = 4;

  /** Of a CTA, on every card. */
  private static final int MOST_THREADS = 1024;

  /**
   * Occupancy of a launch.
   *
   * @param threads threads of a CTA
   * @param registers registers of a thread, as assembled
   * @param sharedBytes shared memory of a CTA, static and dynamic
   * @throws IllegalArgumentException if not even one CTA fits
   */
  public static Occupancy of(Gpu gpu, long threads, int registers, long sharedBytes) {
    boolean fits =
        threads >= 1
            && threads <= MOST_THREADS
            && sharedBytes >= 0
            && sharedBytes <= gpu.sharedBytesPerCta();
    if (fits) {
      Occupancy occupancy = of(gpu, (int) threads, registers, (int) sharedBytes);
      if (occupancy.ctas >= 1) {
        return occupancy;
      }
    }
    throw new IllegalArgumentException(
        "%s: a CTA of %d threads with %d registers and %d bytes of shared memory does not fit"
            .formatted(gpu.name(), threads, registers, sharedBytes));
  }

  private static Occupancy of(Gpu gpu, int threads, int registers, int sharedBytes) {
    int warps = roundUp(threads, LANES) / LANES;
    int byWarps = gpu.maxWarps() / warps;
    int perWarp = roundUp(Math.max(registers, 1) * LANES, REGISTER_GRANULE);
    int warpsByRegisters = gpu.registers() / QUARTERS / perWarp * QUARTERS;
    int byRegisters = warpsByRegisters / warps;
    int perCta = roundUp(sharedBytes + gpu.reservedSharedBytes(), gpu.sharedGranule());
    int byShared = perCta == 0 ? Integer.MAX_VALUE : gpu.sharedBytes() / perCta;
    int ctas = Math.min(Math.min(byWarps, gpu.maxCtas()), Math.min(byRegisters, byShared));
    String limiter =
        ctas == byWarps
            ? "warps"
            : ctas == byRegisters ? "registers" : ctas == byShared ? "shared" : "ctas";
    return new Occupancy(ctas, ctas * warps, gpu.maxWarps(), limiter);
  }

  private static int roundUp(int value, int granule) {
    return (value + granule - 1) / granule * granule;
  }

  /** Share of the warps there can be. */
  public double fraction() {
    return (double) warps / maxWarps;
  }
}

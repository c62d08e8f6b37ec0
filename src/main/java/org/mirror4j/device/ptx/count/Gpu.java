package org.mirror4j.device.ptx.count;

import java.util.List;
import java.util.Locale;

/**
 * A card by its public datasheet and the limits of its compute capability (CUDA programming guide,
 * tables of arithmetic throughput and of technical specifications). Rates are those of the boost
 * clock; "lanes" are results of 32-bit threads a clock and multiprocessor.
 *
 * @param name marketing name
 * @param architecture what to assemble for: {@code sm_75}
 * @param multiprocessors number of them
 * @param clockMegahertz boost clock
 * @param bandwidthGigabytes memory bandwidth, 10^9 bytes a second
 * @param f32Lanes fused multiply-adds of f32
 * @param f64Lanes fused multiply-adds of f64
 * @param sfuLanes transcendental functions, and conversions between integers and floats
 * @param tensorTeraflops dense f16 products summed in f32, 10^12 operations a second
 * @param registers registers of 32 bits a multiprocessor
 * @param maxWarps resident warps a multiprocessor
 * @param maxCtas resident CTAs a multiprocessor
 * @param sharedBytes shared memory of a multiprocessor
 * @param sharedBytesPerCta most that a CTA may have
 * @param reservedSharedBytes what the system takes of shared memory for each CTA
 * @param sharedGranule shared memory is given out in multiples of this
 */
public record Gpu(
    String name,
    String architecture,
    int multiprocessors,
    int clockMegahertz,
    double bandwidthGigabytes,
    int f32Lanes,
    int f64Lanes,
    int sfuLanes,
    double tensorTeraflops,
    int registers,
    int maxWarps,
    int maxCtas,
    int sharedBytes,
    int sharedBytesPerCta,
    int reservedSharedBytes,
    int sharedGranule) {
  /** Warp instructions that a multiprocessor issues a clock: one by each of four schedulers. */
  public static final int ISSUES_PER_CLOCK = 4;

  /** The first architecture with TF32, and that keeps a KiB of shared memory for itself. */
  public static final int AMPERE = 80;

  private static final int KIB = 1024;
  private static final int REGISTERS = 64 * KIB;

  /** GeForce RTX 2080 Ti; its tensor cores sum in f32 at half their rate. */
  public static final Gpu RTX_2080_TI =
      new Gpu(
          "RTX 2080 Ti",
          "sm_75",
          68,
          1545,
          616,
          64,
          2,
          16,
          53.8,
          REGISTERS,
          32,
          16,
          64 * KIB,
          64 * KIB,
          0,
          256);

  /** GeForce RTX 3090; its tensor cores sum in f32 at half their rate. */
  public static final Gpu RTX_3090 =
      new Gpu(
          "RTX 3090",
          "sm_86",
          82,
          1695,
          936,
          128,
          2,
          16,
          71,
          REGISTERS,
          48,
          16,
          100 * KIB,
          99 * KIB,
          KIB,
          128);

  /** GeForce RTX 4090; its tensor cores sum in f32 at half their rate. */
  public static final Gpu RTX_4090 =
      new Gpu(
          "RTX 4090",
          "sm_89",
          128,
          2520,
          1008,
          128,
          2,
          16,
          165.2,
          REGISTERS,
          48,
          24,
          100 * KIB,
          99 * KIB,
          KIB,
          128);

  /** A100, SXM, 80 GB. */
  public static final Gpu A100 =
      new Gpu(
          "A100", "sm_80", 108, 1410, 2039, 64, 32, 16, 312, REGISTERS, 64, 32, 164 * KIB,
          163 * KIB, KIB, 128);

  /** H100, SXM, 80 GB. */
  public static final Gpu H100 =
      new Gpu(
          "H100", "sm_90", 132, 1980, 3350, 128, 64, 16, 989.4, REGISTERS, 64, 32, 228 * KIB,
          227 * KIB, KIB, 128);

  /** H200, SXM: the multiprocessors of the H100 with faster memory. */
  public static final Gpu H200 =
      new Gpu(
          "H200", "sm_90", 132, 1980, 4800, 128, 64, 16, 989.4, REGISTERS, 64, 32, 228 * KIB,
          227 * KIB, KIB, 128);

  /** All cards with a datasheet here. */
  public static final List<Gpu> ALL = List.of(RTX_2080_TI, RTX_3090, RTX_4090, A100, H100, H200);

  /** The name in options: {@code rtx2080ti}. */
  public String label() {
    return name.replace(" ", "").toLowerCase(Locale.ROOT);
  }

  /** Multiprocessor clocks that all multiprocessors together make in a microsecond. */
  double clocksPerMicro() {
    return (double) multiprocessors * clockMegahertz;
  }

  /** Peak rate of f32, two operations a fused multiply-add, in 10^12 a second. */
  public double f32Teraflops() {
    return 2 * f32Lanes * clocksPerMicro() * 1e-6;
  }

  /** Whether it multiplies bf16 and TF32, as cards do from Ampere on. */
  public boolean hasBf16AndTf32() {
    return Integer.parseInt(architecture.substring("sm_".length())) >= AMPERE;
  }

  /** Peak rate of TF32 where there is any, in 10^12 a second: half that of f16. */
  public double tf32Teraflops() {
    return tensorTeraflops / 2;
  }
}

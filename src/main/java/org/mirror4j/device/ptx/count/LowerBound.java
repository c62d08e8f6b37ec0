package org.mirror4j.device.ptx.count;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A time that a launch cannot take less than on a card, in microseconds: the longest of what each
 * resource needs with everything else free, at boost clock, spread evenly over all multiprocessors.
 * Memory is taken to hold nothing of the launch's data in caches beforehand, and to move each byte
 * once. All other terms count PTX instructions, of which an assembler may drop some (moves, parts
 * of addresses): where one of them decides, the bound is that of the text as written.
 *
 * @param memoryMicros distinct bytes over bandwidth
 * @param issueMicros warp instructions over four a clock and multiprocessor
 * @param fmaMicros multiply-adds over their rate
 * @param sfuMicros special functions over theirs
 * @param f64Micros arithmetic of f64 over its rate
 * @param tensorMicros additions and multiplications of tensor cores over their rate
 * @param sharedMicros passes through shared memory, one a clock and multiprocessor
 */
public record LowerBound(
    double memoryMicros,
    double issueMicros,
    double fmaMicros,
    double sfuMicros,
    double f64Micros,
    double tensorMicros,
    double sharedMicros) {
  private static final double LANES = 32;

  /** The bound for one launch. */
  public static LowerBound of(LaunchCounts counts, Gpu gpu) {
    CounterValues total = counts.total();
    double clocks = gpu.clocksPerMicro();
    return new LowerBound(
        counts.bytesTouched() / (gpu.bandwidthGigabytes() * 1e3),
        total.get(Counter.WARP_INSTRUCTIONS) / (Gpu.ISSUES_PER_CLOCK * clocks),
        total.get(Counter.FMA_INSTRUCTIONS) * LANES / (gpu.f32Lanes() * clocks),
        total.get(Counter.SFU_INSTRUCTIONS) * LANES / (gpu.sfuLanes() * clocks),
        total.get(Counter.F64_INSTRUCTIONS) * LANES / (gpu.f64Lanes() * clocks),
        total.get(Counter.TENSOR_OPERATIONS) / (gpu.tensorTeraflops() * 1e6),
        total.get(Counter.SHARED_WAVEFRONTS) / clocks);
  }

  /** Each term by its name. */
  public Map<String, Double> terms() {
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("memory", memoryMicros);
    terms.put("issue", issueMicros);
    terms.put("fma", fmaMicros);
    terms.put("sfu", sfuMicros);
    terms.put("f64", f64Micros);
    terms.put("tensor", tensorMicros);
    terms.put("shared", sharedMicros);
    return terms;
  }

  /** The bound: the longest term. */
  public double micros() {
    return terms().get(limiter());
  }

  /** Which term it is. */
  public String limiter() {
    return terms().entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .orElseThrow()
        .getKey();
  }
}

package org.mirror4j.research;

import java.util.List;
import org.mirror4j.device.ptx.CtaOrder;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxEngine;
import org.mirror4j.device.ptx.Schedule;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.number.Approximation;

/** The ways in which kernels are executed to be checked. */
final class Execution {
  private static final long SEED = 7;

  /** A warp of the largest case takes some ten thousand. */
  private static final long INSTRUCTIONS_PER_WARP = 10_000_000;

  /** The largest launch of a case takes 3 million. */
  private static final long INSTRUCTIONS_PER_LAUNCH = 50_000_000;

  /** All launches of a check of one kernel: some 40 seconds. */
  static final long INSTRUCTIONS_PER_CHECK = 200_000_000;

  private Execution() {}

  /** Orders of blocks and lanes, and both engines; results are the same bits in all. */
  static List<LaunchOptions> orders() {
    return List.of(
        options(Schedule.LOCKSTEP, CtaOrder.FORWARD, Approximation.NOMINAL),
        options(Schedule.LOCKSTEP, CtaOrder.REVERSE, Approximation.NOMINAL)
            .withEngine(PtxEngine.REFERENCE),
        options(Schedule.LANE_SERIAL, CtaOrder.SEEDED, Approximation.NOMINAL));
  }

  /** The other places in their bounds that approximate instructions are put at. */
  static List<LaunchOptions> approximations() {
    return List.of(
        options(Schedule.LOCKSTEP, CtaOrder.FORWARD, Approximation.LOW),
        options(Schedule.LOCKSTEP, CtaOrder.FORWARD, Approximation.HIGH),
        options(Schedule.LOCKSTEP, CtaOrder.FORWARD, Approximation.random(SEED)));
  }

  private static LaunchOptions options(
      Schedule schedule, CtaOrder order, Approximation approximation) {
    return new LaunchOptions(
        schedule,
        order,
        SEED,
        approximation,
        PtxEngine.COMPILED,
        1,
        INSTRUCTIONS_PER_WARP,
        INSTRUCTIONS_PER_LAUNCH,
        null);
  }

  /** An ordinary execution that is counted. */
  static LaunchOptions counted(int threads, LaunchCounter counter) {
    return LaunchOptions.defaults().withThreads(threads).withListener(counter);
  }
}

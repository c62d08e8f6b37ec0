package org.mirror4j.device.ptx;

import java.util.function.Supplier;
import org.mirror4j.device.ptx.number.Approximation;

/**
 * How a launch is executed; none of it may change a correct kernel's results beyond what the
 * approximate instructions allow.
 *
 * @param seed of everything that is drawn: CTA order, order of lanes
 * @param approximation where in its bound the result of an approximate instruction lies
 * @param engine what executes the instructions
 * @param threads Java threads over which CTAs are spread
 * @param instructionsPerWarp how many instructions a warp may execute before it counts as hanging
 * @param instructionsPerLaunch how many instructions all warps together may execute
 * @param listener called once for each Java thread, gives what is told of every instruction; null
 *     for none
 */
public record LaunchOptions(
    Schedule schedule,
    CtaOrder order,
    long seed,
    Approximation approximation,
    PtxEngine engine,
    int threads,
    long instructionsPerWarp,
    long instructionsPerLaunch,
    Supplier<? extends ExecutionListener> listener) {
  private static final long DEFAULT_INSTRUCTIONS_PER_WARP = 100_000_000;

  /** A minute or two on one thread; the largest launch of a step of BERT-base takes 14 million. */
  private static final long DEFAULT_INSTRUCTIONS_PER_LAUNCH = 500_000_000;

  /** The same on another number of Java threads. */
  public LaunchOptions withThreads(int threads) {
    return with(engine, threads, listener);
  }

  /** The same by another engine. */
  public LaunchOptions withEngine(PtxEngine engine) {
    return with(engine, threads, listener);
  }

  /** The same with another listener. */
  public LaunchOptions withListener(Supplier<? extends ExecutionListener> listener) {
    return with(engine, threads, listener);
  }

  private LaunchOptions with(
      PtxEngine engine, int threads, Supplier<? extends ExecutionListener> listener) {
    return new LaunchOptions(
        schedule,
        order,
        seed,
        approximation,
        engine,
        threads,
        instructionsPerWarp,
        instructionsPerLaunch,
        listener);
  }

  /** Lockstep, CTAs forward, on one thread, without a listener. */
  public static LaunchOptions defaults() {
    return new LaunchOptions(
        Schedule.LOCKSTEP,
        CtaOrder.FORWARD,
        0,
        Approximation.NOMINAL,
        PtxEngine.COMPILED,
        1,
        DEFAULT_INSTRUCTIONS_PER_WARP,
        DEFAULT_INSTRUCTIONS_PER_LAUNCH,
        null);
  }
}

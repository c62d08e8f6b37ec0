package org.mirror4j.fuzz;

import java.util.function.Consumer;

/** Reads the inputs of a range of numbers, whatever one of them does. */
interface FuzzRunner extends AutoCloseable {
  /** Longest time for one input until it counts as endless, on a machine that does other work. */
  long PATIENCE_NANOS = 20_000_000_000L;

  /**
   * Reads inputs.
   *
   * @param from first number
   * @param to behind the last number
   * @param endings is told of each
   */
  void run(long from, long to, Consumer<Ending> endings);

  @Override
  void close();

  /** The runner for a format. */
  static FuzzRunner of(FuzzTarget target) {
    return target.isNative() ? new ForkedRunner(target.name()) : new InProcessRunner(target);
  }
}

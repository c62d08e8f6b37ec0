package org.mirror4j.bench.contest;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How often and how long each contender of a contest runs. A contest goes in rounds, each contender
 * once a round in a process of its own, so that a drift of the machine meets all of them.
 *
 * @param rounds forks of each contender
 * @param warmups iterations thrown away in each fork
 * @param iterations iterations that count
 * @param calls of the benchmark method in an iteration that is timed as a whole; 0 for as many as
 *     fit into {@code seconds}
 * @param seconds of an iteration
 */
public record Protocol(int rounds, int warmups, int iterations, int calls, double seconds) {
  /** Iterations of so many calls each. */
  public static Protocol calls(int rounds, int warmups, int iterations, int calls) {
    return new Protocol(rounds, warmups, iterations, calls, 0);
  }

  /** Iterations of so many seconds each. */
  public static Protocol seconds(int rounds, int warmups, int iterations, double seconds) {
    return new Protocol(rounds, warmups, iterations, 0, seconds);
  }

  void apply(ChainedOptionsBuilder options) {
    options.forks(1).warmupIterations(warmups).measurementIterations(iterations);
    if (calls > 0) {
      options.mode(Mode.SingleShotTime).warmupBatchSize(calls).measurementBatchSize(calls);
    } else {
      TimeValue time = TimeValue.milliseconds(Math.round(seconds * 1e3));
      options.mode(Mode.AverageTime).warmupTime(time).measurementTime(time);
    }
  }
}

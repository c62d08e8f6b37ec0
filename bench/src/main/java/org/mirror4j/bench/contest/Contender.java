package org.mirror4j.bench.contest;

import java.util.HashMap;
import java.util.Map;
import org.mirror4j.device.Precision;

/**
 * One side of a contest.
 *
 * @param side what results call it, as in {@code mirror4j f32}
 * @param benchmark class and method of the JMH benchmark
 * @param parameters values of its {@code @Param} fields
 * @param environment of its forks
 * @param threads that may compute
 * @param work what one operation does
 */
public record Contender(
    String side,
    String benchmark,
    Map<String, String> parameters,
    Environment environment,
    int threads,
    Work work) {
  /** The benchmark method of a class, nested ones as JMH names them. */
  public static String benchmark(Class<?> type, String method) {
    return type.getCanonicalName() + "." + method;
  }

  /** What results call the engine. */
  public static String engine(Precision precision, int threads) {
    return "mirror4j %s, %d thread%s"
        .formatted(precision.label(), threads, threads == 1 ? "" : "s");
  }

  /** This side with more parameters. */
  public Contender with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(parameters);
    all.putAll(more);
    return new Contender(side, benchmark, Map.copyOf(all), environment, threads, work);
  }

  /** One thread and all threads, in that order. */
  public static int[] oneAndAll(int threads) {
    return threads == 1 ? new int[] {1} : new int[] {1, threads};
  }
}

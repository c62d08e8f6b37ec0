package org.mirror4j.serve;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** Counts values by how large they are, as Prometheus wants them. */
final class Histogram {
  private final double[] bounds;

  /** Of values up to each bound and above the one before; the last is of those beyond all. */
  private final LongAdder[] counts;

  private final DoubleAdder sum = new DoubleAdder();

  /**
   * Nothing counted yet.
   *
   * @param bounds the largest value of each bucket, ascending
   */
  Histogram(double... bounds) {
    this.bounds = bounds;
    counts = new LongAdder[bounds.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void add(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(value);
  }

  /**
   * Appends its lines in Prometheus' text format, each bucket with all below it.
   *
   * @param labels inside the braces, ended by a comma; perhaps none
   */
  void append(StringBuilder text, String name, String labels) {
    long count = 0;
    for (int i = 0; i < counts.length; i++) {
      count += counts[i].sum();
      String bound = i == bounds.length ? "+Inf" : number(bounds[i]);
      text.append(name).append("_bucket{").append(labels);
      text.append("le=\"").append(bound).append("\"} ").append(count).append('\n');
    }
    String braces = labels.isEmpty() ? "" : "{" + labels.substring(0, labels.length() - 1) + "}";
    text.append(name).append("_sum").append(braces).append(' ');
    text.append(number(sum.sum())).append('\n');
    text.append(name).append("_count").append(braces).append(' ').append(count).append('\n');
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}

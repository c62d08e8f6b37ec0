package org.mirror4j.research.card;

import java.util.List;

/** Numbers of repeated measurements. */
final class Summary {
  private Summary() {}

  /** The middle value, or the mean of the two middle ones. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int count = sorted.size();
    return (sorted.get((count - 1) / 2) + sorted.get(count / 2)) / 2;
  }
}

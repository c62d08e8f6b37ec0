package org.mirror4j.eval;

import java.util.List;
import java.util.Optional;

/**
 * Values of one measure, as of models that differ in their seed alone.
 *
 * @param values NaN where it is not defined
 */
public record Runs(List<Double> values) {
  /** The mean, NaN if a value is; of none there is none. */
  public double mean() {
    return values.stream().mapToDouble(value -> value).average().orElseThrow();
  }

  /** Of the sample; absent for one run. */
  public Optional<Double> standardDeviation() {
    if (values.size() < 2) {
      return Optional.empty();
    }
    double mean = mean();
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return Optional.of(Math.sqrt(squares / (values.size() - 1)));
  }
}

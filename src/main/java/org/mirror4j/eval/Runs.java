package org.mirror4j.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.mirror4j.statistics.StudentT;

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

  /** Where the mean of all such models is, with 95 %; absent for one run and where not defined. */
  public Optional<StudentT.Interval> interval() {
    return StudentT.interval(values.stream().mapToDouble(value -> value).toArray());
  }

  /**
   * Puts mean and, of several runs, standard deviation and {@code interval95} into an object; null
   * where not defined.
   */
  public void put(ObjectNode json) {
    json.put("mean", Measurement.defined(mean()));
    standardDeviation()
        .ifPresent(value -> json.put("standardDeviation", Measurement.defined(value)));
    interval()
        .ifPresent(
            interval -> json.putArray("interval95").add(interval.low()).add(interval.high()));
  }
}

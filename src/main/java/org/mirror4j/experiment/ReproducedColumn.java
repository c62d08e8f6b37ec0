package org.mirror4j.experiment;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.Runs;

/**
 * What a table says of a row.
 *
 * @param task as measured
 * @param measure by its name
 * @param kind what that is where vectors are measured; absent of fine-tuned models
 * @param decides whether it is the first that is said of the task
 */
record ReproducedColumn(
    String task, String measure, Optional<Measurement.Measure> kind, boolean decides) {
  /** That of a measurement. */
  static ReproducedColumn of(Measurement measurement) {
    return new ReproducedColumn(
        measurement.task(),
        measurement.measure().label(),
        Optional.of(measurement.measure()),
        true);
  }

  /** What a fine-tuned model scores on a set. */
  static ReproducedColumn scored(String set, String measure, boolean decides) {
    return new ReproducedColumn(set, measure, Optional.empty(), decides);
  }

  /** The same after the last step in place of the best one. */
  ReproducedColumn ofLastStep() {
    return scored(task, measure + ", last step", false);
  }

  /** Whether a published figure of a measure stands beside it. */
  boolean isOrAverages(String name) {
    return kind.map(known -> known.isOrAverages(name)).orElse(measure.equals(name));
  }

  private String text(double value) {
    return kind.map(known -> known.text(value))
        .orElseGet(() -> Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, "%.2f", value));
  }

  /** The mean of values, and the spread of several. */
  String ours(List<Double> values) {
    Runs runs = new Runs(values);
    return text(runs.mean())
        + runs.standardDeviation().map(value -> " ± " + text(value)).orElse("");
  }

  /** The 95 % interval of the mean of several values, where it is defined. */
  Optional<String> interval(List<Double> values) {
    return new Runs(values)
        .interval()
        .map(where -> "[%s, %s]".formatted(text(where.low()), text(where.high())));
  }

  /** What was published, and the mean of ours less that. */
  static String beside(double figure, List<Double> values) {
    double mean = new Runs(values).mean();
    return Double.isNaN(mean)
        ? String.valueOf(figure)
        : String.format(Locale.ROOT, "%s, %+.2f", figure, mean - figure);
  }
}

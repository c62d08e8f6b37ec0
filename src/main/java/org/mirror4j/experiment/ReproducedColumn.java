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
 * @param isOfLastStep whether it is of a fine-tuned model after the last step of its run, not after
 *     the best one
 */
record ReproducedColumn(
    String task,
    String measure,
    Optional<Measurement.Measure> kind,
    boolean decides,
    boolean isOfLastStep) {
  /** That of a measurement. */
  static ReproducedColumn of(Measurement measurement) {
    return new ReproducedColumn(
        measurement.task(),
        measurement.measure().label(),
        Optional.of(measurement.measure()),
        true,
        false);
  }

  /** What a fine-tuned model scores on a set after the best step. */
  static ReproducedColumn scored(String set, String measure, boolean decides) {
    return new ReproducedColumn(set, measure, Optional.empty(), decides, false);
  }

  /** The same after the last step in place of the best one. */
  ReproducedColumn ofLastStep() {
    return new ReproducedColumn(task, measure, kind, false, true);
  }

  /** The measure, and of which step it is if not of the best. */
  String label() {
    return isOfLastStep ? measure + ", last step" : measure;
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

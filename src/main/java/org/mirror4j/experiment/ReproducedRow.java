package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.eval.Measurement;

/** What is known of a row of a table. */
final class ReproducedRow {
  private final SequencedMap<ReproducedColumn, List<Double>> values = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private double seconds;
  private Optional<String> leftOut = Optional.empty();

  /** Adds a measurement of one run. */
  void add(Measurement measurement) {
    add(ReproducedColumn.of(measurement), measurement.value());
    measurement.notes().forEach(note -> notes.add("%s: %s".formatted(measurement.task(), note)));
  }

  /** Adds what one run scores on a set; the first decides. */
  void add(String set, SequencedMap<String, Double> scores) {
    String deciding = scores.firstEntry().getKey();
    scores.forEach(
        (measure, value) ->
            add(
                new ReproducedColumn(set, measure, Optional.empty(), measure.equals(deciding)),
                value));
  }

  private void add(ReproducedColumn column, double value) {
    values.computeIfAbsent(column, _ -> new ArrayList<>()).add(value);
  }

  /** Adds what something of it took. */
  void took(double more) {
    seconds += more;
  }

  /** Nothing comes of it, for a reason. */
  void leftOut(String why) {
    leftOut = Optional.of(why);
  }

  /** By column those of all runs. */
  SequencedMap<ReproducedColumn, List<Double>> values() {
    return Collections.unmodifiableSequencedMap(values);
  }

  /** What is to be said beside the values. */
  List<String> notes() {
    return Collections.unmodifiableList(notes);
  }

  /** Why there is nothing; empty where there may be something. */
  Optional<String> leftOut() {
    return leftOut;
  }

  int runs() {
    return values.values().stream().mapToInt(List::size).max().orElse(0);
  }

  /** What a run took; of none there is nothing to say. */
  double secondsPerRun() {
    return seconds / runs();
  }
}

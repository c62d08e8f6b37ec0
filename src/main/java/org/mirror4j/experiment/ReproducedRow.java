package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.eval.Measurement;
import org.mirror4j.statistics.StudentT;

/** What is known of a row of a table. */
final class ReproducedRow {
  private final SequencedMap<ReproducedColumn, List<Double>> values = new LinkedHashMap<>();

  /** Seeds of the values of a column, in their order. */
  private final Map<ReproducedColumn, List<OptionalLong>> seeds = new HashMap<>();

  private final List<String> notes = new ArrayList<>();
  private double seconds;
  private Optional<String> leftOut = Optional.empty();

  /**
   * Adds a measurement of one run.
   *
   * @param seed absent where the row comes out the same with every seed
   */
  void add(OptionalLong seed, Measurement measurement) {
    add(seed, ReproducedColumn.of(measurement), measurement.value());
    measurement.notes().forEach(note -> notes.add("%s: %s".formatted(measurement.task(), note)));
  }

  /** Adds what one run scores on a set; the first decides. */
  void add(OptionalLong seed, String set, ScoreStore.TaskScores scores) {
    String deciding = scores.scores().firstEntry().getKey();
    scores
        .scores()
        .forEach(
            (measure, value) ->
                add(seed, ReproducedColumn.scored(set, measure, measure.equals(deciding)), value));
    scores
        .last()
        .forEach(
            (measure, value) ->
                add(seed, ReproducedColumn.scored(set, measure, false).ofLastStep(), value));
  }

  /** Whether each run that has a value after the best step has one after the last step too. */
  boolean hasLastStep(ReproducedColumn best) {
    return values.containsKey(best.ofLastStep())
        && values.get(best.ofLastStep()).size() == values.get(best).size();
  }

  private void add(OptionalLong seed, ReproducedColumn column, double value) {
    values.computeIfAbsent(column, _ -> new ArrayList<>()).add(value);
    seeds.computeIfAbsent(column, _ -> new ArrayList<>()).add(seed);
  }

  /** The values of a column by their seeds, ascending; of a row that has none, nothing. */
  private SortedMap<Long, Double> bySeed(ReproducedColumn column) {
    SortedMap<Long, Double> all = new TreeMap<>();
    List<OptionalLong> of = seeds.getOrDefault(column, List.of());
    for (int i = 0; i < of.size(); i++) {
      double value = values.get(column).get(i);
      of.get(i).ifPresent(seed -> all.put(seed, value));
    }
    return all;
  }

  /** Whether a column has values of several seeds. */
  boolean hasSeeds(ReproducedColumn column) {
    return bySeed(column).size() > 1;
  }

  /**
   * The paired t test of a column against another row, over the seeds that both have.
   *
   * @return absent where it is not defined, see {@link StudentT#pairedTest}
   */
  Optional<PairedTest> against(ReproducedRow other, ReproducedColumn column) {
    SortedMap<Long, Double> ours = bySeed(column);
    SortedMap<Long, Double> theirs = other.bySeed(column);
    ours.keySet().retainAll(theirs.keySet());
    theirs.keySet().retainAll(ours.keySet());
    OptionalDouble p = StudentT.pairedTest(array(ours), array(theirs));
    return p.isPresent()
        ? Optional.of(new PairedTest(ours.size(), p.getAsDouble()))
        : Optional.empty();
  }

  private static double[] array(SortedMap<Long, Double> values) {
    return values.values().stream().mapToDouble(value -> value).toArray();
  }

  /**
   * How two rows differ.
   *
   * @param seeds that both have
   * @param p two-sided
   */
  record PairedTest(int seeds, double p) {
    /** For people. */
    String text() {
      return p < 0.001 ? "p < 0.001" : String.format(Locale.ROOT, "p = %.3f", p);
    }
  }

  /** Adds what something of it took. */
  void took(double more) {
    seconds += more;
  }

  /** Adds what is to be said beside the values. */
  void note(String note) {
    notes.add(note);
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

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
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.mirror4j.eval.Measurement;
import org.mirror4j.statistics.StudentT;

/** What is known of a row of a table. */
final class ReproducedRow {
  private final SequencedMap<ReproducedColumn, List<Double>> values = new LinkedHashMap<>();

  /** Seeds of the values of a column, in their order. */
  private final Map<ReproducedColumn, List<OptionalLong>> seeds = new HashMap<>();

  /** Each with the seeds of the runs that it is of. */
  private final SequencedMap<String, SortedSet<Long>> notes = new LinkedHashMap<>();

  private double seconds;
  private boolean isTimed = true;
  private Optional<String> leftOut = Optional.empty();

  /**
   * Adds a measurement of one run.
   *
   * @param seed absent where the row comes out the same with every seed
   */
  void add(OptionalLong seed, Measurement measurement) {
    add(seed, ReproducedColumn.of(measurement), measurement.value());
    measurement.notes().forEach(note -> note(seed, measurement.task() + ": " + note));
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

  /** Adds what something of it took; absent where that is not known. */
  void took(Optional<Double> more) {
    seconds += more.orElse(0.0);
    isTimed &= more.isPresent();
  }

  /** Adds what is to be said beside the values of one run. */
  void note(OptionalLong seed, String note) {
    SortedSet<Long> of = notes.computeIfAbsent(note, _ -> new TreeSet<>());
    seed.ifPresent(of::add);
  }

  /** Nothing comes of it, for a reason. */
  void leftOut(String why) {
    leftOut = Optional.of(why);
  }

  /** By column those of all runs. */
  SequencedMap<ReproducedColumn, List<Double>> values() {
    return Collections.unmodifiableSequencedMap(values);
  }

  /** What is to be said beside the values, with the seeds where it is not of all. */
  List<String> notes() {
    Set<Long> all =
        seeds.values().stream()
            .flatMap(List::stream)
            .flatMap(seed -> seed.stream().boxed())
            .collect(Collectors.toSet());
    return notes.entrySet().stream()
        .map(
            note ->
                note.getValue().containsAll(all)
                    ? note.getKey()
                    : note.getValue().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(", ", "seed ", ": " + note.getKey())))
        .toList();
  }

  /** Why there is nothing; empty where there may be something. */
  Optional<String> leftOut() {
    return leftOut;
  }

  int runs() {
    return values.values().stream().mapToInt(List::size).max().orElse(0);
  }

  /** What a run took; absent where there is none or not all is known. */
  Optional<Double> secondsPerRun() {
    return isTimed && runs() > 0 ? Optional.of(seconds / runs()) : Optional.empty();
  }
}

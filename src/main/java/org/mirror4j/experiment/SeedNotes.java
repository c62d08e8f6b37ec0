package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * How far the means of a table's rows are chance: of each row that has several seeds the interval
 * of its means, and whether they differ from those of the first such row of the column.
 */
record SeedNotes(SequencedMap<Variant, ReproducedRow> rows) {
  /**
   * A row that is tested against another.
   *
   * @param variant the other one
   */
  record Tested(Variant variant, ReproducedRow.PairedTest test) {}

  /**
   * The test of a value against the first row with several seeds; absent for that itself and where
   * not defined.
   */
  Optional<Tested> tested(Variant variant, ReproducedColumn column) {
    return rows.entrySet().stream()
        .filter(row -> row.getValue().hasSeeds(column))
        .findFirst()
        .filter(row -> !row.getKey().equals(variant))
        .flatMap(
            row ->
                rows.get(variant)
                    .against(row.getValue(), column)
                    .map(test -> new Tested(row.getKey(), test)));
  }

  /** A line for each row that has several seeds, and one before them that says what they mean. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    boolean anyTest = false;
    for (Map.Entry<Variant, ReproducedRow> row : rows.entrySet()) {
      List<String> cells = new ArrayList<>();
      for (Map.Entry<ReproducedColumn, List<Double>> cell : row.getValue().values().entrySet()) {
        ReproducedColumn column = cell.getKey();
        Optional<String> interval = column.interval(cell.getValue());
        if (!column.decides() || interval.isEmpty()) {
          continue;
        }
        Optional<Tested> tested = tested(row.getKey(), column);
        anyTest |= tested.isPresent();
        cells.add(
            "%s %s %s%s"
                .formatted(
                    column.task(),
                    column.measure(),
                    interval.get(),
                    tested
                        .map(
                            other ->
                                ", %s against %s"
                                    .formatted(other.test().text(), other.variant().label()))
                        .orElse("")));
      }
      if (!cells.isEmpty()) {
        lines.add("%s: %s".formatted(row.getKey().label(), String.join("; ", cells)));
      }
    }
    if (!lines.isEmpty()) {
      lines.addFirst(
          "below: 95 % intervals of means over seeds, by Student's t"
              + (anyTest ? "; p of the paired t test over the seeds that both rows have" : ""));
    }
    return lines;
  }
}

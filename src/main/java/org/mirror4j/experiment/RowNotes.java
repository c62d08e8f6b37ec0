package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is to be known of a table's rows, each note once, with the rows that it is of. */
record RowNotes(SequencedMap<Variant, ReproducedRow> rows) {
  private static final String AND = "; ";

  /**
   * A line for each way in which rows differ from the paper and for each row that is left out, then
   * one for each note of all that was measured, and one for all notes that the same rows have.
   */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    rowsByNote((variant, _) -> variant.differs().stream(), ReproducedTable::name)
        .forEach((note, of) -> lines.add("%s: %s".formatted(String.join(AND, of), note)));
    rows.forEach(
        (variant, row) ->
            row.leftOut()
                .ifPresent(why -> lines.add("%s: left out: %s".formatted(variant.label(), why))));
    List<String> measured =
        rows.entrySet().stream()
            .filter(row -> !row.getValue().values().isEmpty())
            .map(row -> row.getKey().label())
            .toList();
    SequencedMap<List<String>, List<String>> notesByRows = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> note :
        rowsByNote((_, row) -> row.notes().stream(), Variant::label).entrySet()) {
      if (note.getValue().containsAll(measured)) {
        lines.add(note.getKey());
      } else {
        notesByRows.computeIfAbsent(note.getValue(), _ -> new ArrayList<>()).add(note.getKey());
      }
    }
    notesByRows.forEach(
        (of, notes) ->
            lines.add("%s: %s".formatted(shortest(of, measured), String.join(AND, notes))));
    return lines;
  }

  private SequencedMap<String, List<String>> rowsByNote(
      BiFunction<Variant, ReproducedRow, Stream<String>> notes, Function<Variant, String> name) {
    SequencedMap<String, List<String>> rowsByNote = new LinkedHashMap<>();
    rows.forEach(
        (variant, row) ->
            notes
                .apply(variant, row)
                .forEach(
                    note ->
                        rowsByNote
                            .computeIfAbsent(note, _ -> new ArrayList<>())
                            .add(name.apply(variant))));
    return rowsByNote;
  }

  /** Some rows, or all but the others where these are fewer. */
  private static String shortest(List<String> of, List<String> measured) {
    List<String> others = measured.stream().filter(row -> !of.contains(row)).toList();
    return others.size() < of.size() ? "all but " + String.join(AND, others) : String.join(AND, of);
  }
}

package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.JsonFiles;

/**
 * A table as it came out: of each variant and task our mean over seeds with the sample standard
 * deviation, and what was published with the difference.
 */
public final class ReproducedTable {
  /**
   * A column.
   *
   * @param task as measured
   */
  private record Column(String task, Measurement.Measure measure) {}

  private final TableDefinition definition;
  private final PublishedFigures published;
  private final SequencedMap<Variant, Map<Column, List<Measurement>>> rows = new LinkedHashMap<>();

  ReproducedTable(TableDefinition definition, PublishedFigures published) {
    this.definition = definition;
    this.published = published;
    definition.variants().forEach(variant -> rows.put(variant, new LinkedHashMap<>()));
  }

  /** Adds a measurement of a variant, one of each seed. */
  void add(Variant variant, Measurement measurement) {
    rows.get(variant)
        .computeIfAbsent(
            new Column(measurement.task(), measurement.measure()), column -> new ArrayList<>())
        .add(measurement);
  }

  /** Name of the table. */
  public String name() {
    return definition.name();
  }

  /** Whether nothing has been measured. */
  public boolean isEmpty() {
    return rows.values().stream().allMatch(Map::isEmpty);
  }

  private SequencedSet<Column> columns() {
    SequencedMap<Column, Boolean> columns = new LinkedHashMap<>();
    rows.values().forEach(row -> row.keySet().forEach(column -> columns.put(column, true)));
    return columns.sequencedKeySet();
  }

  /** What the paper has for a cell. */
  private Optional<Double> published(Variant variant, Column column) {
    String name = definition.published().orElse("");
    for (PublishedFigures.Table table : published.tables()) {
      if (!table.name().equals(name) || !column.measure().isOrAverages(table.measure())) {
        continue;
      }
      boolean variantsAreRows = definition.row().isEmpty();
      String task =
          definition.columns().map(names -> names.get(column.task())).orElse(column.task());
      if (!variantsAreRows && !table.task().equals(task)) {
        continue;
      }
      String row = definition.row().orElse(variant.publishedName());
      String key = variantsAreRows ? task : variant.publishedName();
      for (PublishedFigures.Row figures : table.rows()) {
        if (figures.model().equals(row) && figures.values().containsKey(key)) {
          return Optional.of(figures.values().get(key));
        }
      }
    }
    return Optional.empty();
  }

  private static double mean(List<Measurement> runs) {
    return runs.stream().mapToDouble(Measurement::value).average().orElse(Double.NaN);
  }

  /** Of the sample; absent for one run. */
  private static Optional<Double> deviation(List<Measurement> runs) {
    if (runs.size() < 2) {
      return Optional.empty();
    }
    double mean = mean(runs);
    double squares =
        runs.stream().mapToDouble(run -> (run.value() - mean) * (run.value() - mean)).sum();
    return Optional.of(Math.sqrt(squares / (runs.size() - 1)));
  }

  private String cell(Variant variant, Column column) {
    List<Measurement> runs = rows.get(variant).get(column);
    if (runs == null) {
      return "-";
    }
    StringBuilder cell = new StringBuilder(column.measure().text(mean(runs)));
    deviation(runs).ifPresent(value -> cell.append(" ± ").append(column.measure().text(value)));
    published(variant, column)
        .ifPresent(
            figure ->
                cell.append(
                    String.format(Locale.ROOT, " (%s, %+.2f)", figure, mean(runs) - figure)));
    return cell.toString();
  }

  private TextTable cells() {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of(definition.axis().orElse("model"), "runs"));
    columns().forEach(column -> header.add(column.task() + " " + column.measure().label()));
    lines.add(header);
    rows.forEach(
        (variant, row) -> {
          List<String> line = new ArrayList<>();
          line.add(variant.label() + (variant.differs().isPresent() ? "*" : ""));
          line.add(String.valueOf(row.values().stream().mapToInt(List::size).max().orElse(0)));
          columns().forEach(column -> line.add(cell(variant, column)));
          lines.add(line);
        });
    return new TextTable(lines, 1);
  }

  /** What is to be known, a line each. */
  private List<String> notes() {
    SequencedMap<String, Boolean> notes = new LinkedHashMap<>();
    notes.put("in brackets: what was published, and ours less that", true);
    definition.differs().ifPresent(note -> notes.put(note, true));
    rows.forEach(
        (variant, row) -> {
          variant
              .differs()
              .ifPresent(note -> notes.put("%s*: %s".formatted(variant.label(), note), true));
          row.values()
              .forEach(
                  runs ->
                      runs.forEach(
                          run ->
                              run.notes()
                                  .forEach(
                                      note ->
                                          notes.put("%s: %s".formatted(run.task(), note), true))));
        });
    return List.copyOf(notes.sequencedKeySet());
  }

  private String where() {
    return published.tables().stream()
        .filter(table -> table.name().equals(definition.published().orElse("")))
        .map(table -> " (Liu et al. 2021, %s)".formatted(table.where()))
        .findFirst()
        .orElse("");
  }

  /** For a terminal, columns aligned. */
  public String text() {
    StringBuilder text = new StringBuilder(definition.title()).append(where()).append('\n');
    text.append(cells().aligned());
    notes().forEach(note -> text.append("  ").append(note).append('\n'));
    return text.toString();
  }

  /** A section of a page. */
  public String markdown() {
    StringBuilder text = new StringBuilder("## ").append(definition.title()).append(where());
    text.append("\n\n").append(cells().markdown()).append('\n');
    notes().forEach(note -> text.append("- ").append(note).append('\n'));
    return text.toString();
  }

  /** All values, of each seed. */
  public ObjectNode json() {
    ObjectNode json = JsonFiles.object().put("table", definition.name());
    ArrayNode cells = json.putArray("cells");
    rows.forEach(
        (variant, row) ->
            row.forEach(
                (column, runs) -> {
                  ObjectNode cell = cells.addObject();
                  cell.put("variant", variant.label()).put("task", column.task());
                  cell.put("measure", column.measure().label());
                  ArrayNode values = cell.putArray("values");
                  runs.forEach(run -> values.add(run.value()));
                  cell.put("mean", mean(runs));
                  deviation(runs).ifPresent(value -> cell.put("standardDeviation", value));
                  published(variant, column).ifPresent(value -> cell.put("published", value));
                }));
    notes().forEach(json.putArray("notes")::add);
    return json;
  }

  /** A drawing where variants are numbers of an axis: ours with the spread, and the paper's. */
  public Optional<String> svg() {
    if (definition.axis().isEmpty() || isEmpty()) {
      return Optional.empty();
    }
    // The mean of a group comes last, and is what such tables are about.
    Column column = columns().getLast();
    List<Curve.Point> ours = new ArrayList<>();
    List<Curve.Point> theirs = new ArrayList<>();
    for (Map.Entry<Variant, Map<Column, List<Measurement>>> row : rows.entrySet()) {
      double x = Double.parseDouble(row.getKey().label().replace(",", ""));
      List<Measurement> runs = row.getValue().get(column);
      if (runs != null) {
        ours.add(new Curve.Point(x, mean(runs), deviation(runs).orElse(0.0)));
      }
      published(row.getKey(), column).ifPresent(value -> theirs.add(new Curve.Point(x, value, 0)));
    }
    List<Curve> curves = new ArrayList<>(List.of(new Curve("mirror4j", ours)));
    if (!theirs.isEmpty()) {
      curves.add(new Curve("published", theirs));
    }
    return Optional.of(
        new CurveDrawing(
                definition.title(),
                definition.axis().get(),
                column.task() + " " + column.measure().label(),
                curves)
            .svg());
  }
}

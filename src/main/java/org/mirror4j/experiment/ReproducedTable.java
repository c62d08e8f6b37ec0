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
import org.mirror4j.eval.Runs;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.JsonFiles;

/**
 * A table as it came out: of each variant and task our mean over seeds with the sample standard
 * deviation, and what was published with the difference. May be read from another thread while it
 * grows.
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
  private double seconds;
  private boolean isTimed = true;

  ReproducedTable(TableDefinition definition, PublishedFigures published) {
    this.definition = definition;
    this.published = published;
    definition.variants().forEach(variant -> rows.put(variant, new LinkedHashMap<>()));
  }

  /** Adds a measurement of a variant, one of each seed. */
  synchronized void add(Variant variant, Measurement measurement) {
    rows.get(variant)
        .computeIfAbsent(
            new Column(measurement.task(), measurement.measure()), column -> new ArrayList<>())
        .add(measurement);
  }

  /** Adds what something of it took, now or earlier; absent where that is not known. */
  synchronized void took(Optional<Double> more) {
    seconds += more.orElse(0.0);
    isTimed &= more.isPresent();
  }

  /** Name of the table. */
  public String name() {
    return definition.name();
  }

  /** Whether nothing has been measured. */
  public synchronized boolean isEmpty() {
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

  private static Runs runs(List<Measurement> measurements) {
    return new Runs(measurements.stream().map(Measurement::value).toList());
  }

  private String cell(Variant variant, Column column) {
    List<Measurement> measurements = rows.get(variant).get(column);
    if (measurements == null) {
      return "-";
    }
    Runs runs = runs(measurements);
    double mean = runs.mean();
    StringBuilder cell = new StringBuilder(column.measure().text(mean));
    runs.standardDeviation()
        .ifPresent(value -> cell.append(" ± ").append(column.measure().text(value)));
    published(variant, column)
        .map(
            figure ->
                Double.isNaN(mean)
                    ? " (%s)".formatted(figure)
                    : String.format(Locale.ROOT, " (%s, %+.2f)", figure, mean - figure))
        .ifPresent(cell::append);
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
    if (definition.published().isPresent()) {
      notes.put("in brackets: what was published, and ours less that", true);
    }
    definition.differs().ifPresent(note -> notes.put(note, true));
    definition.variants().stream()
        .flatMap(variant -> variant.pretrained().stream())
        .forEach(text -> notes.put(text.summary(), true));
    if (isTimed && !isEmpty()) {
      notes.put(String.format(Locale.ROOT, "computed in %,.0f s", seconds), true);
    }
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
        .map(table -> " (%s, %s)".formatted(table.paper(), table.where()))
        .findFirst()
        .orElse("");
  }

  /** For a terminal, columns aligned. */
  public synchronized String text() {
    StringBuilder text = new StringBuilder(definition.title()).append(where()).append('\n');
    text.append(cells().aligned());
    notes().forEach(note -> text.append("  ").append(note).append('\n'));
    return text.toString();
  }

  /** A section of a page. */
  public synchronized String markdown() {
    StringBuilder text = new StringBuilder("## ").append(definition.title()).append(where());
    text.append("\n\n").append(cells().markdown()).append('\n');
    notes().forEach(note -> text.append("- ").append(note).append('\n'));
    return text.toString();
  }

  /** All values, of each seed. */
  public synchronized ObjectNode json() {
    ObjectNode json = JsonFiles.object().put("table", definition.name());
    ArrayNode cells = json.putArray("cells");
    rows.forEach(
        (variant, row) ->
            row.forEach(
                (column, measurements) -> {
                  Runs runs = runs(measurements);
                  ObjectNode cell = cells.addObject();
                  cell.put("variant", variant.label()).put("task", column.task());
                  cell.put("measure", column.measure().label());
                  ArrayNode values = cell.putArray("values");
                  runs.values().forEach(value -> values.add(Measurement.defined(value)));
                  cell.put("mean", Measurement.defined(runs.mean()));
                  runs.standardDeviation()
                      .ifPresent(
                          value -> cell.put("standardDeviation", Measurement.defined(value)));
                  published(variant, column).ifPresent(value -> cell.put("published", value));
                }));
    notes().forEach(json.putArray("notes")::add);
    if (isTimed && !isEmpty()) {
      json.put("seconds", seconds);
    }
    return json;
  }

  /** A drawing where variants are numbers of an axis: ours with the spread, and the paper's. */
  public synchronized Optional<String> svg() {
    if (definition.axis().isEmpty() || isEmpty()) {
      return Optional.empty();
    }
    // The mean of a group comes last, and is what such tables are about.
    Column column = columns().getLast();
    List<Curve.Point> ours = new ArrayList<>();
    List<Curve.Point> theirs = new ArrayList<>();
    for (Map.Entry<Variant, Map<Column, List<Measurement>>> row : rows.entrySet()) {
      double x = Double.parseDouble(row.getKey().label().replace(",", ""));
      List<Measurement> measurements = row.getValue().get(column);
      if (measurements != null && Double.isFinite(runs(measurements).mean())) {
        Runs runs = runs(measurements);
        ours.add(new Curve.Point(x, runs.mean(), runs.standardDeviation().orElse(0.0)));
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

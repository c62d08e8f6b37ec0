package org.mirror4j.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.mirror4j.file.CsvColumns;
import org.mirror4j.file.JsonFiles;

/**
 * Measurements as a table: one row per task and measure, one column per state of the model (before,
 * after). Several values in one cell are runs with different seeds, shown as mean, sample standard
 * deviation and, in brackets, the 95 % interval of the mean by Student's t. May be read from
 * another thread while it grows.
 */
public final class EvaluationReport {
  /** Behind a value of which something is to be known. */
  private static final String MARK = "*";

  private static final CsvColumns CSV =
      CsvColumns.of(
          "task",
          "measure",
          "items",
          "skippedLines",
          "column",
          "mean",
          "standardDeviation",
          "low95=/interval95/0",
          "high95=/interval95/1",
          "runs",
          "cutTexts",
          "unknownShare",
          "notes");

  private static final SequencedSet<String> NOTHING = new LinkedHashSet<>();

  /**
   * What values that can be compared have in common. The items may be a model's own, as tokens are.
   */
  private record Key(String task, Measurement.Measure measure, int items, int skippedLines) {}

  private record Row(Map<String, List<Measurement>> runs) {
    Runs values(String column) {
      return new Runs(
          runs.getOrDefault(column, List.of()).stream().map(Measurement::value).toList());
    }
  }

  private final List<String> columns;
  private final Map<String, SequencedSet<String>> settings = new HashMap<>();
  private final Map<Key, Row> rows = new LinkedHashMap<>();

  /**
   * @param columns titles of the value columns, in order, all different
   */
  public EvaluationReport(List<String> columns) {
    this.columns = List.copyOf(columns);
    if (columns.isEmpty() || columns.stream().distinct().count() < columns.size()) {
      throw new IllegalArgumentException("report: columns are %s".formatted(columns));
    }
  }

  /** Says how the vectors of a column are made, to stand under its title; runs may differ. */
  public synchronized void settings(String column, String how) {
    checkColumn(column);
    settings.computeIfAbsent(column, c -> new LinkedHashSet<>()).add(how);
  }

  /** Titles of the value columns, in order. */
  public List<String> columns() {
    return columns;
  }

  /** The means of the runs of a column by task, in the order of the rows that have the measure. */
  public synchronized SequencedMap<String, Double> means(
      String column, Measurement.Measure measure) {
    checkColumn(column);
    SequencedMap<String, Double> means = new LinkedHashMap<>();
    rows.forEach(
        (key, row) -> {
          if (key.measure() == measure && row.runs().containsKey(column)) {
            means.put(key.task(), row.values(column).mean());
          }
        });
    return means;
  }

  /** Whether nothing was added. */
  public synchronized boolean isEmpty() {
    return rows.isEmpty();
  }

  private void checkColumn(String column) {
    if (!columns.contains(column)) {
      throw new IllegalArgumentException(
          "report: no column %s, there are %s".formatted(column, columns));
    }
  }

  /**
   * Adds a measurement. A second one of the same task, measure and number of items in the same
   * column is a second run; one on another number of items is in a row of its own.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  public synchronized void add(String column, Measurement measurement) {
    checkColumn(column);
    Key key =
        new Key(
            measurement.task(),
            measurement.measure(),
            measurement.items(),
            measurement.skippedLines());
    Row row = rows.computeIfAbsent(key, k -> new Row(new LinkedHashMap<>()));
    row.runs().computeIfAbsent(column, c -> new ArrayList<>()).add(measurement);
  }

  /** Whether the task was measured so, or its mean over tasks that were. */
  synchronized boolean holds(String task, String measure) {
    return rows.keySet().stream()
        .anyMatch(key -> key.task().equals(task) && key.measure().isOrAverages(measure));
  }

  /**
   * The table as text, columns aligned, each line ending in a line feed. {@code n/a} stands for a
   * value that is not defined, {@code -} for one that was not measured. Skipped lines have a column
   * only if there are any. A value with a star has a line below the table that says what is to be
   * known of it.
   */
  public synchronized String table() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(line("task", "measure", "items", "skipped", columns));
    if (!settings.isEmpty()) {
      lines.add(line("", "", "", "", columns.stream().map(this::how).toList()));
    }
    lines.addAll(values());
    StringBuilder table = new StringBuilder(new TextTable(lines, 2).aligned());
    notes().forEach(note -> table.append(MARK).append(' ').append(note).append('\n'));
    return table.toString();
  }

  /** The same as Markdown, the notes as a list. */
  public synchronized String markdown() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        line(
            "task",
            "measure",
            "items",
            "skipped",
            columns.stream()
                .map(column -> how(column).isEmpty() ? column : column + "<br>" + how(column))
                .toList()));
    lines.addAll(values());
    StringBuilder table = new StringBuilder(new TextTable(lines, 2).markdown());
    List<String> notes = notes();
    table.append(notes.isEmpty() ? "" : "\n");
    notes.forEach(note -> table.append("- ").append(note).append('\n'));
    return table.toString();
  }

  private String how(String column) {
    return String.join(" / ", settings.getOrDefault(column, NOTHING));
  }

  private List<List<String>> values() {
    List<List<String>> lines = new ArrayList<>();
    rows.forEach(
        (key, row) ->
            lines.add(
                line(
                    key.task(),
                    key.measure().label(),
                    Integer.toString(key.items()),
                    Integer.toString(key.skippedLines()),
                    columns.stream().map(column -> cell(key.measure(), row, column)).toList())));
    return lines;
  }

  private List<String> line(
      String task, String measure, String items, String skippedLines, List<String> cells) {
    List<String> line = new ArrayList<>(List.of(task, measure, items));
    if (rows.keySet().stream().anyMatch(key -> key.skippedLines() > 0)) {
      line.add(skippedLines);
    }
    line.addAll(cells);
    return line;
  }

  /** What is to be known of values, each with its column and task. */
  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    rows.forEach(
        (key, row) ->
            row.runs()
                .forEach(
                    (column, runs) ->
                        runs.stream()
                            .flatMap(run -> run.notes().stream())
                            .distinct()
                            .forEach(note -> notes.add(column + ", " + key.task() + ": " + note))));
    // The measures of one task have the same.
    return notes.stream().distinct().toList();
  }

  private static String cell(Measurement.Measure measure, Row row, String column) {
    Runs runs = row.values(column);
    if (runs.values().isEmpty()) {
      return "-";
    }
    boolean noted = row.runs().get(column).stream().anyMatch(run -> !run.notes().isEmpty());
    String spread = runs.standardDeviation().map(value -> " +/- " + measure.text(value)).orElse("");
    String interval =
        runs.interval()
            .map(
                where ->
                    " [%s, %s]".formatted(measure.text(where.low()), measure.text(where.high())))
            .orElse("");
    return measure.text(runs.mean()) + spread + interval + (noted ? MARK : "");
  }

  /**
   * The report as JSON.
   *
   * <pre>
   * {"columns": ["before", "after"],
   *  "rows": [{"task": "stsb", "measure": "Spearman", "items": 1379, "skippedLines": 0,
   *            "values": {"before": {"runs": [59.05], "mean": 59.05},
   *                       "after":  {"runs": [79.1, 78.9], "mean": 79.0, "standardDeviation": 0.14,
   *                                  "interval95": [77.7, 80.3]}}}]}
   * </pre>
   *
   * Columns that were not measured are left out; values that are not defined are null. Where there
   * are any, a value has {@code cutTexts}, the most texts that one run cut at its maximum length;
   * {@code unknownShare}, the highest share of unknown words, with {@code known}; and {@code
   * notes}.
   */
  public synchronized ObjectNode json() {
    ObjectNode report = JsonFiles.object();
    columns.forEach(report.putArray("columns")::add);
    ArrayNode list = report.putArray("rows");
    rows.forEach(
        (key, row) -> {
          ObjectNode node = list.addObject();
          node.put("task", key.task());
          node.put("measure", key.measure().label());
          node.put("items", key.items());
          node.put("skippedLines", key.skippedLines());
          ObjectNode values = node.putObject("values");
          for (String column : columns) {
            Runs runs = row.values(column);
            if (runs.values().isEmpty()) {
              continue;
            }
            ObjectNode value = values.putObject(column);
            ArrayNode array = value.putArray("runs");
            runs.values().forEach(run -> array.add(Measurement.defined(run)));
            runs.put(value);
            tell(value, row.runs().get(column));
          }
        });
    return report;
  }

  /**
   * Writes the same to a file of comma-separated values, a row for each task, measure and column
   * that was measured.
   *
   * @throws org.mirror4j.file.FileException if it cannot be written
   */
  public void writeCsv(Path file) {
    List<ObjectNode> cells = new ArrayList<>();
    for (JsonNode row : json().path("rows")) {
      row.path("values")
          .properties()
          .forEach(
              value -> {
                ObjectNode cell = ((ObjectNode) row).deepCopy().without("values");
                cells.add(cell.put("column", value.getKey()).setAll((ObjectNode) value.getValue()));
              });
    }
    CSV.write(file, cells.stream());
  }

  private static void tell(ObjectNode value, List<Measurement> runs) {
    int cut = runs.stream().mapToInt(run -> run.coverage().cutTexts()).max().orElseThrow();
    if (cut > 0) {
      value.put("cutTexts", cut);
    }
    double unknown =
        runs.stream().mapToDouble(run -> run.coverage().unknownShare()).max().orElseThrow();
    if (unknown > 0) {
      value.put("unknownShare", unknown);
      value.put("known", runs.stream().allMatch(run -> run.coverage().isKnown()));
    }
    List<String> notes = runs.stream().flatMap(run -> run.notes().stream()).distinct().toList();
    if (!notes.isEmpty()) {
      notes.forEach(value.putArray("notes")::add);
    }
  }
}

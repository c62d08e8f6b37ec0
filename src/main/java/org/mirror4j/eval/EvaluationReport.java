package org.mirror4j.eval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measurements as a table: one row per task and measure, one column per state of the model (before,
 * after). Several values in one cell are runs with different seeds, shown as mean and sample
 * standard deviation.
 */
public final class EvaluationReport {
  private static final String GAP = "  ";

  private record Key(String task, Measurement.Measure measure) {}

  private record Row(int items, int skippedLines, Map<String, List<Double>> runs) {}

  private final List<String> columns;
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

  /**
   * Adds a measurement. A second one of the same task and measure in the same column is a second
   * run.
   *
   * @throws IllegalArgumentException if there is no such column, or the task was measured on
   *     another number of items before
   */
  public void add(String column, Measurement measurement) {
    if (!columns.contains(column)) {
      throw new IllegalArgumentException(
          "report: no column %s, there are %s".formatted(column, columns));
    }
    Row row =
        rows.computeIfAbsent(
            new Key(measurement.task(), measurement.measure()),
            k -> new Row(measurement.items(), measurement.skippedLines(), new LinkedHashMap<>()));
    if (row.items() != measurement.items() || row.skippedLines() != measurement.skippedLines()) {
      throw new IllegalArgumentException(
          "report: %s measured on %d items with %d lines skipped, before on %d with %d"
              .formatted(
                  measurement.task(),
                  measurement.items(),
                  measurement.skippedLines(),
                  row.items(),
                  row.skippedLines()));
    }
    row.runs().computeIfAbsent(column, c -> new ArrayList<>()).add(measurement.value());
  }

  /**
   * The table as text, columns aligned, each line ending in a line feed. {@code n/a} stands for a
   * value that is not defined, {@code -} for one that was not measured. Skipped lines have a column
   * only if there are any.
   */
  public String table() {
    boolean skipped = rows.values().stream().anyMatch(row -> row.skippedLines() > 0);
    List<List<String>> cells = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("task", "measure", "items"));
    if (skipped) {
      header.add("skipped");
    }
    header.addAll(columns);
    cells.add(header);
    rows.forEach(
        (key, row) -> {
          List<String> line = new ArrayList<>();
          line.add(key.task());
          line.add(key.measure().label());
          line.add(Integer.toString(row.items()));
          if (skipped) {
            line.add(Integer.toString(row.skippedLines()));
          }
          for (String column : columns) {
            line.add(cell(key.measure(), row.runs().getOrDefault(column, List.of())));
          }
          cells.add(line);
        });
    return align(cells);
  }

  /** Names to the left, numbers to the right. */
  private static String align(List<List<String>> cells) {
    int[] widths = new int[cells.getFirst().size()];
    for (List<String> line : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (List<String> line : cells) {
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - line.get(i).length());
        table.append(i == 0 ? "" : GAP);
        table.append(i < 2 ? line.get(i) + padding : padding + line.get(i));
      }
      table.append('\n');
    }
    return table.toString();
  }

  private static String cell(Measurement.Measure measure, List<Double> runs) {
    if (runs.isEmpty()) {
      return "-";
    }
    String mean = number(measure, mean(runs));
    return runs.size() == 1 ? mean : mean + " +/- " + number(measure, standardDeviation(runs));
  }

  private static String number(Measurement.Measure measure, double value) {
    return Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, measure.format(), value);
  }

  /**
   * The report as JSON.
   *
   * <pre>
   * {"columns": ["before", "after"],
   *  "rows": [{"task": "stsb", "measure": "Spearman", "items": 1379, "skippedLines": 0,
   *            "values": {"before": {"runs": [59.05], "mean": 59.05},
   *                       "after":  {"runs": [79.1, 78.9], "mean": 79.0, "standardDeviation": 0.14}}}]}
   * </pre>
   *
   * Columns that were not measured are left out; values that are not defined are null.
   */
  public ObjectNode json() {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    columns.forEach(report.putArray("columns")::add);
    ArrayNode list = report.putArray("rows");
    rows.forEach(
        (key, row) -> {
          ObjectNode node = list.addObject();
          node.put("task", key.task());
          node.put("measure", key.measure().label());
          node.put("items", row.items());
          node.put("skippedLines", row.skippedLines());
          ObjectNode values = node.putObject("values");
          for (String column : columns) {
            List<Double> runs = row.runs().get(column);
            if (runs == null) {
              continue;
            }
            ObjectNode value = values.putObject(column);
            ArrayNode array = value.putArray("runs");
            runs.forEach(run -> array.add(defined(run)));
            value.put("mean", defined(mean(runs)));
            if (runs.size() > 1) {
              value.put("standardDeviation", defined(standardDeviation(runs)));
            }
          }
        });
    return report;
  }

  /** JSON has no NaN. */
  private static Double defined(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static double mean(List<Double> runs) {
    return runs.stream().mapToDouble(r -> r).average().orElseThrow();
  }

  private static double standardDeviation(List<Double> runs) {
    double mean = mean(runs);
    double squares = runs.stream().mapToDouble(r -> (r - mean) * (r - mean)).sum();
    return Math.sqrt(squares / (runs.size() - 1));
  }
}

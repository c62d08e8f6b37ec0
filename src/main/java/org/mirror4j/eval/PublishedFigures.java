package org.mirror4j.eval;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.mirror4j.file.JsonRecords;

/**
 * What the papers report, table by table: the resource {@code published-figures.json}. Figures have
 * the digits that are printed there, in the units of {@link Measurement}.
 *
 * @param papers what a list of references has for each, by authors and year
 */
public record PublishedFigures(SequencedMap<String, String> papers, List<Table> tables) {
  /**
   * The figures of one measure in a table of a paper.
   *
   * @param name the table's; one of two measures is there twice
   * @param paper authors and year
   * @param where it stands in the paper
   * @param measure what is measured, as {@link Measurement.Measure#label} or the single values of a
   *     mean have it
   * @param unit what a figure of 1 is
   * @param columns what the columns are: {@code task}, as names of {@link Tasks} are, or what is
   *     varied, in words
   * @param task what all columns are measured on where these are not tasks, else empty
   */
  public record Table(
      String name,
      String paper,
      String where,
      String measure,
      String unit,
      String columns,
      String task,
      List<Row> rows) {
    private static final String OF_TASKS = "task";

    /** Whether the columns are tasks. */
    public boolean isOfTasks() {
      return columns.equals(OF_TASKS);
    }

    /** The columns in order, a mean of some last. */
    public List<String> names() {
      return rows.stream().flatMap(row -> row.values().keySet().stream()).distinct().toList();
    }

    private Table excerpt(Predicate<String> column) {
      return new Table(
          name,
          paper,
          where,
          measure,
          unit,
          columns,
          task,
          rows.stream()
              .map(row -> row.excerpt(column))
              .filter(row -> !row.values().isEmpty())
              .toList());
    }

    private TextTable text() {
      List<List<String>> lines = new ArrayList<>();
      lines.add(
          new ArrayList<>(
              List.of("published: %s, %s, %s %s".formatted(paper, where, measure, unit))));
      lines.getFirst().addAll(names());
      for (Row row : rows) {
        List<String> line = new ArrayList<>(List.of(row.model()));
        names().forEach(column -> line.add(text(row.values().get(column))));
        lines.add(line);
      }
      return new TextTable(lines, 1);
    }

    private static String text(Double value) {
      return value == null ? "-" : value.toString();
    }
  }

  /**
   * What one model reached.
   *
   * @param values by column; a column that the paper does not have for the model is missing
   */
  public record Row(String model, SequencedMap<String, Double> values) {
    private Row excerpt(Predicate<String> column) {
      SequencedMap<String, Double> kept = new LinkedHashMap<>(values);
      kept.keySet().removeIf(column.negate());
      return new Row(model, kept);
    }
  }

  /** All that is known. */
  public static PublishedFigures read() {
    return JsonRecords.resource(PublishedFigures.class, "published-figures.json");
  }

  /** Those of the tasks and measures that a report holds. */
  public PublishedFigures of(EvaluationReport report) {
    List<Table> held =
        tables.stream()
            .filter(Table::isOfTasks)
            .map(table -> table.excerpt(task -> report.holds(task, table.measure())))
            .filter(table -> !table.rows().isEmpty())
            .toList();
    SequencedMap<String, String> cited = new LinkedHashMap<>(papers);
    cited.keySet().retainAll(held.stream().map(Table::paper).collect(toSet()));
    return new PublishedFigures(cited, held);
  }

  /** The papers and the tables as text, columns aligned, an empty line before each. */
  public String table() {
    return text(TextTable::aligned);
  }

  /** The papers and the tables as Markdown, an empty line before each. */
  public String markdown() {
    return text(TextTable::markdown);
  }

  private String text(Function<TextTable, String> form) {
    return tables.isEmpty()
        ? ""
        : tables.stream()
            .map(table -> "\n" + form.apply(table.text()))
            .collect(joining("", "\n" + String.join("\n", papers.values()) + "\n", ""));
  }

  /** All as JSON, in the form of the resource. */
  public ObjectNode json() {
    return JsonRecords.write(this);
  }
}

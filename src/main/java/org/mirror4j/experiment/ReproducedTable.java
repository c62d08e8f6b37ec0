package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.eval.Runs;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.CsvColumns;
import org.mirror4j.file.JsonFiles;

/**
 * A table as it came out: of each variant and task our mean over seeds with the sample standard
 * deviation, of several seeds how far that is chance ({@link SeedNotes}), and what was published
 * with the difference. May be read from another thread while it grows.
 */
public final class ReproducedTable {
  private static final CsvColumns CSV =
      CsvColumns.of(
          "table",
          "variant",
          "model",
          "trainingShare",
          "task",
          "measure",
          "mean",
          "standardDeviation",
          "low95=/interval95/0",
          "high95=/interval95/1",
          "against=/pairedTTest/against",
          "p=/pairedTTest/p",
          "published",
          "secondsPerRun",
          "values");

  private final TableDefinition definition;
  private final SequencedMap<Variant, ReproducedRow> rows = new LinkedHashMap<>();
  private final PublishedCells published;
  private double seconds;
  private boolean isTimed = true;

  ReproducedTable(TableDefinition definition, PublishedFigures published) {
    this.definition = definition;
    this.published = new PublishedCells(definition, published, rows);
    definition.variants().forEach(variant -> rows.put(variant, new ReproducedRow()));
  }

  /**
   * Adds a measurement of a variant, one of each seed.
   *
   * @param seed absent where the row comes out the same with every seed
   */
  synchronized void add(Variant variant, OptionalLong seed, Measurement measurement) {
    rows.get(variant).add(seed, measurement);
  }

  /** Adds what a fine-tuned variant scores on a set, once of each seed; the first decides. */
  synchronized void add(
      Variant variant, OptionalLong seed, String set, ScoreStore.TaskScores scores) {
    rows.get(variant).add(seed, set, scores);
  }

  /** Adds what something of a variant took, now or earlier; absent where that is not known. */
  synchronized void took(Variant variant, Optional<Double> more) {
    seconds += more.orElse(0.0);
    rows.get(variant).took(more);
    isTimed &= more.isPresent();
  }

  /** Nothing comes of a variant, for a reason. */
  synchronized void leftOut(Variant variant, String why) {
    rows.get(variant).leftOut(why);
  }

  /** Adds what is to be said of a run of a variant. */
  synchronized void note(Variant variant, OptionalLong seed, String note) {
    rows.get(variant).note(seed, note);
  }

  /** Name of the table. */
  public String name() {
    return definition.name();
  }

  /** Whether nothing has been measured. */
  public synchronized boolean isEmpty() {
    return rows.values().stream().allMatch(row -> row.values().isEmpty());
  }

  /** Those that are shown side by side. */
  private SequencedSet<ReproducedColumn> columns() {
    SequencedMap<ReproducedColumn, Boolean> columns = new LinkedHashMap<>();
    rows.values()
        .forEach(
            row ->
                row.values().keySet().stream()
                    .filter(ReproducedColumn::decides)
                    .forEach(column -> columns.put(column, true)));
    return columns.sequencedKeySet();
  }

  private String cell(Variant variant, ReproducedColumn column) {
    List<Double> values = rows.get(variant).values().get(column);
    if (values == null) {
      return "-";
    }
    return column.ours(values)
        + published
            .of(variant, column)
            .map(figure -> " (%s)".formatted(ReproducedColumn.beside(figure, values)))
            .orElse("");
  }

  private TextTable cells() {
    if (definition.isOfFineTuned()) {
      return new FineTunedLines(published, rows).lines();
    }
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of(definition.axis().orElse("model"), "runs"));
    columns().forEach(column -> header.add(column.task() + " " + column.measure()));
    lines.add(header);
    rows.forEach(
        (variant, row) -> {
          List<String> line = new ArrayList<>();
          line.add(name(variant));
          line.add(String.valueOf(row.runs()));
          columns().forEach(column -> line.add(cell(variant, column)));
          lines.add(line);
        });
    return new TextTable(lines, 1);
  }

  private SeedNotes seedNotes() {
    return new SeedNotes(rows);
  }

  /** With a star where the protocol is another. */
  static String name(Variant variant) {
    return variant.label() + (variant.differs().isPresent() ? "*" : "");
  }

  /** What is to be known, a line each. */
  private List<String> notes() {
    SequencedMap<String, Boolean> notes = new LinkedHashMap<>();
    if (definition.isOfFineTuned()) {
      published.sources().forEach(source -> notes.put(source, true));
    } else if (definition.published().isPresent()) {
      notes.put("in brackets: what was published, and ours less that", true);
    }
    definition.differs().ifPresent(note -> notes.put(note, true));
    definition.variants().stream()
        .flatMap(
            variant -> variant.pretrained().map(text -> text.summary(variant.model())).stream())
        .forEach(summary -> notes.put(summary, true));
    if (isTimed && !isEmpty()) {
      notes.put(String.format(Locale.ROOT, "computed in %,.0f s", seconds), true);
    }
    new RowNotes(rows).lines().forEach(line -> notes.put(line, true));
    seedNotes().lines().forEach(line -> notes.put(line, true));
    return List.copyOf(notes.sequencedKeySet());
  }

  /** For a terminal, columns aligned. */
  public synchronized String text() {
    StringBuilder text =
        new StringBuilder(definition.title()).append(published.where()).append('\n');
    text.append(cells().aligned());
    notes().forEach(note -> text.append("  ").append(note).append('\n'));
    return text.toString();
  }

  /** A section of a page. */
  public synchronized String markdown() {
    StringBuilder text =
        new StringBuilder("## ").append(definition.title()).append(published.where());
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
            row.values()
                .forEach((column, values) -> put(cells.addObject(), variant, column, values)));
    notes().forEach(json.putArray("notes")::add);
    if (isTimed && !isEmpty()) {
      json.put("seconds", seconds);
    }
    return json;
  }

  /**
   * Writes the cells of tables to a file of comma-separated values, a row each.
   *
   * @throws org.mirror4j.file.FileException if it cannot be written
   */
  public static void writeCsv(Path file, List<ReproducedTable> tables) {
    CSV.write(
        file,
        tables.stream()
            .map(ReproducedTable::json)
            .flatMap(
                table ->
                    table
                        .path("cells")
                        .valueStream()
                        .map(ObjectNode.class::cast)
                        .map(cell -> cell.put("table", table.path("table").asText()))));
  }

  private void put(ObjectNode cell, Variant variant, ReproducedColumn column, List<Double> values) {
    Runs runs = new Runs(values);
    cell.put("variant", variant.label());
    cell.put("task", column.task()).put("measure", column.label());
    ArrayNode all = cell.putArray("values");
    values.forEach(value -> all.add(Measurement.defined(value)));
    runs.put(cell);
    seedNotes()
        .tested(variant, column)
        .ifPresent(
            tested ->
                cell.putObject("pairedTTest")
                    .put("against", tested.variant().label())
                    .put("seeds", tested.test().seeds())
                    .put("p", tested.test().p()));
    published.of(variant, column).ifPresent(value -> cell.put("published", value));
    if (variant.finetuning().isPresent()) {
      ReproducedRow row = rows.get(variant);
      variant.model().ifPresent(name -> cell.put("model", name));
      variant
          .finetuning()
          .flatMap(ForTask::share)
          .ifPresent(share -> cell.put("trainingShare", share.fraction()));
      row.secondsPerRun().ifPresent(taken -> cell.put("secondsPerRun", taken));
    }
  }

  /** A drawing where variants are numbers of an axis: ours with the spread, and the paper's. */
  public synchronized Optional<String> svg() {
    if (definition.axis().isEmpty() || isEmpty()) {
      return Optional.empty();
    }
    // The mean of a group comes last, and is what such tables are about.
    ReproducedColumn column = columns().getLast();
    List<Curve.Point> ours = new ArrayList<>();
    List<Curve.Point> theirs = new ArrayList<>();
    for (Map.Entry<Variant, ReproducedRow> row : rows.entrySet()) {
      double x = Double.parseDouble(row.getKey().label().replace(",", ""));
      List<Double> values = row.getValue().values().get(column);
      if (values != null && Double.isFinite(new Runs(values).mean())) {
        Runs runs = new Runs(values);
        ours.add(new Curve.Point(x, runs.mean(), runs.standardDeviation().orElse(0.0)));
      }
      published
          .of(row.getKey(), column)
          .ifPresent(value -> theirs.add(new Curve.Point(x, value, 0)));
    }
    List<Curve> curves = new ArrayList<>(List.of(new Curve("mirror4j", ours)));
    if (!theirs.isEmpty()) {
      curves.add(new Curve("published", theirs));
    }
    return Optional.of(
        new CurveDrawing(
                definition.title(),
                definition.axis().get(),
                column.task() + " " + column.measure(),
                curves)
            .svg());
  }
}

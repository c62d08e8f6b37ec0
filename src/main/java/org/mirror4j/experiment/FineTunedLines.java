package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.eval.TextTable;

/**
 * Scores of models that are fine-tuned for a task of their own each, a line for each set: what
 * decides, and what else was published of it.
 *
 * @param table has the published figures
 */
record FineTunedLines(ReproducedTable table, SequencedMap<Variant, ReproducedRow> rows) {
  private static final List<String> HEADER =
      List.of(
          "data",
          "measure",
          "model",
          "training data",
          "runs",
          "score",
          "published",
          "seconds a run");

  /** Data, measure and model. */
  private static final int NAMES = 3;

  private static final String NOTHING = "-";

  /** What is known so far. */
  TextTable lines() {
    List<List<String>> lines = new ArrayList<>(List.of(HEADER));
    rows.forEach(
        (variant, row) -> {
          if (row.values().isEmpty()) {
            lines.add(line(variant, row, ReproducedTable.name(variant), NOTHING, NOTHING, NOTHING));
          }
          for (Map.Entry<ReproducedColumn, List<Double>> cell : row.values().entrySet()) {
            ReproducedColumn column = cell.getKey();
            Optional<Double> figure = table.published(variant, column);
            if (column.decides() || figure.isPresent()) {
              lines.add(
                  line(
                      variant,
                      row,
                      column.task() + (variant.differs().isPresent() ? "*" : ""),
                      column.measure(),
                      column.ours(cell.getValue()),
                      figure
                          .map(value -> ReproducedColumn.beside(value, cell.getValue()))
                          .orElse(NOTHING)));
            }
          }
        });
    return new TextTable(lines, NAMES);
  }

  private static String share(Variant variant) {
    return variant.finetuning().flatMap(ForTask::share).map(ForTask.Share::text).orElse("all");
  }

  private static List<String> line(
      Variant variant,
      ReproducedRow row,
      String data,
      String measure,
      String score,
      String published) {
    return List.of(
        data,
        measure,
        variant.model().orElse("from text"),
        row.leftOut().isPresent() ? NOTHING : share(variant),
        String.valueOf(row.runs()),
        score,
        published,
        row.runs() == 0 ? NOTHING : String.format(Locale.ROOT, "%,.0f", row.secondsPerRun()));
  }
}

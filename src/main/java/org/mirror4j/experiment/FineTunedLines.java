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
 * decides, and what else was published of it. Beside the best step, which was chosen by the set
 * that it is scored on, stands the last one, as published figures mostly are.
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
          "last step",
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
            lines.add(
                line(
                    variant,
                    row,
                    ReproducedTable.name(variant),
                    NOTHING,
                    NOTHING,
                    NOTHING,
                    NOTHING));
          }
          for (Map.Entry<ReproducedColumn, List<Double>> cell : row.values().entrySet()) {
            ReproducedColumn column = cell.getKey();
            Optional<Double> figure = table.published(variant, column);
            List<Double> last = row.values().get(column.ofLastStep());
            if (column.decides() || figure.isPresent()) {
              lines.add(
                  line(
                      variant,
                      row,
                      column.task() + (variant.differs().isPresent() ? "*" : ""),
                      column.measure(),
                      column.ours(cell.getValue()),
                      last == null ? NOTHING : column.ours(last),
                      figure
                          .map(
                              value ->
                                  ReproducedColumn.beside(
                                      value, last == null ? cell.getValue() : last))
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
      String last,
      String published) {
    return List.of(
        data,
        measure,
        variant.model().orElse("from text"),
        row.leftOut().isPresent() ? NOTHING : share(variant),
        String.valueOf(row.runs()),
        score,
        last,
        published,
        row.runs() == 0 ? NOTHING : String.format(Locale.ROOT, "%,.0f", row.secondsPerRun()));
  }
}

package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.mirror4j.eval.TextTable;

/**
 * Scores of models that are fine-tuned for a task of their own each, a line for each set: what
 * decides, and what else was published of it. Beside the best step, which was chosen by the first
 * set, stands the last one where each run was scored on the set after that; what was published
 * stands beside one of the two, see {@link PublishedCells#of}.
 *
 * @param figures what was published
 */
record FineTunedLines(PublishedCells figures, SequencedMap<Variant, ReproducedRow> rows) {
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
          for (ReproducedColumn column : row.values().keySet()) {
            Optional<String> published = published(variant, row, column);
            if (column.decides() || published.isPresent()) {
              lines.add(
                  line(
                      variant,
                      row,
                      column.task() + (variant.differs().isPresent() ? "*" : ""),
                      column.measure(),
                      column.ours(row.values().get(column)),
                      row.hasLastStep(column)
                          ? column.ours(row.values().get(column.ofLastStep()))
                          : NOTHING,
                      published.orElse(NOTHING)));
            }
          }
        });
    return new TextTable(lines, NAMES);
  }

  /** Beside ours of the step that the row is compared by; of a last step there is no line. */
  private Optional<String> published(Variant variant, ReproducedRow row, ReproducedColumn column) {
    return column.isOfLastStep()
        ? Optional.empty()
        : Stream.of(column, column.ofLastStep())
            .flatMap(
                step ->
                    figures.of(variant, step).stream()
                        .map(
                            figure ->
                                "%s (%s step)"
                                    .formatted(
                                        ReproducedColumn.beside(figure, row.values().get(step)),
                                        step.isOfLastStep() ? "last" : "best")))
            .findFirst();
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
        row.secondsPerRun()
            .map(seconds -> String.format(Locale.ROOT, "%,.0f", seconds))
            .orElse(NOTHING));
  }
}

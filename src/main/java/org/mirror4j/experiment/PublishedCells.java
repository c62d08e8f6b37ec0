package org.mirror4j.experiment;

import static java.util.stream.Collectors.flatMapping;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.eval.PublishedFigures;

/** What was published for the cells of a table, as the table's definition finds it. */
final class PublishedCells {
  private final TableDefinition definition;
  private final PublishedFigures figures;
  private final SequencedMap<Variant, ReproducedRow> rows;

  /**
   * @param rows of the table, which may grow
   */
  PublishedCells(
      TableDefinition definition,
      PublishedFigures figures,
      SequencedMap<Variant, ReproducedRow> rows) {
    this.definition = definition;
    this.figures = figures;
    this.rows = rows;
  }

  /**
   * What the paper has for a cell. A row of a fine-tuned model is compared by one kind of step, so
   * that its figures are of one model: by the last, as published figures mostly are, where each set
   * of which there is a figure was scored after that, else by the best.
   */
  Optional<Double> of(Variant variant, ReproducedColumn column) {
    return column.isOfLastStep() == isComparedByLastStep(variant)
        ? figure(variant, column)
        : Optional.empty();
  }

  private boolean isComparedByLastStep(Variant variant) {
    ReproducedRow row = rows.get(variant);
    return variant.finetuning().isPresent()
        && row.values().keySet().stream()
            .filter(column -> !column.isOfLastStep() && figure(variant, column).isPresent())
            .allMatch(row::hasLastStep);
  }

  /** What the paper has for a measure of a set, whatever the step. */
  private Optional<Double> figure(Variant variant, ReproducedColumn column) {
    String name = definition.published().orElse("");
    for (PublishedFigures.Table table : figures.tables()) {
      if (!table.name().equals(name) || !column.isOrAverages(table.measure())) {
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
      for (PublishedFigures.Row line : table.rows()) {
        if (line.model().equals(row) && line.values().containsKey(key)) {
          return Optional.of(line.values().get(key));
        }
      }
    }
    return Optional.empty();
  }

  /** Where the published figures stand, which are of several papers. */
  List<String> sources() {
    return figures.tables().stream()
        .filter(table -> table.name().equals(definition.published().orElse("")))
        .collect(
            groupingBy(
                table -> "%s, %s".formatted(table.paper(), table.where()),
                LinkedHashMap::new,
                flatMapping(table -> table.names().stream(), toCollection(LinkedHashSet::new))))
        .entrySet()
        .stream()
        .map(
            place ->
                "published, and ours of the step that is named less that: %s: %s"
                    .formatted(place.getKey(), String.join(", ", place.getValue())))
        .toList();
  }

  /**
   * Where the published figures of one paper stand, to follow a title; nothing where there are
   * none.
   */
  String where() {
    if (definition.isOfFineTuned()) {
      return "";
    }
    return figures.tables().stream()
        .filter(table -> table.name().equals(definition.published().orElse("")))
        .map(table -> " (%s, %s)".formatted(table.paper(), table.where()))
        .findFirst()
        .orElse("");
  }
}

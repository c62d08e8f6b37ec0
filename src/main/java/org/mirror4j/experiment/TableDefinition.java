package org.mirror4j.experiment;

import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.file.JsonRecords;

/**
 * A table that can be done again.
 *
 * @param name what it is asked for by
 * @param title a line for people
 * @param published name of the paper's table in {@link org.mirror4j.eval.PublishedFigures}; absent
 *     where the paper has none
 * @param row the paper's row that the variants are columns of; absent where they are rows
 * @param tasks as {@code eval} takes them, files below the folder of the data sets
 * @param columns the paper's names of tasks where these differ
 * @param axis what is varied, where the labels of the variants are numbers that a curve can be
 *     drawn over
 * @param differs where the protocol of the whole table is another than the paper's
 * @param variants in order
 */
record TableDefinition(
    String name,
    String title,
    Optional<String> published,
    Optional<String> row,
    List<String> tasks,
    Optional<SequencedMap<String, String>> columns,
    Optional<String> axis,
    Optional<String> differs,
    List<Variant> variants) {
  /** Whether a model of it is pretrained. */
  boolean isOfPretrained() {
    return variants.stream().anyMatch(variant -> variant.pretrained().isPresent());
  }

  /** Whether all that it has are scores of fine-tuned models, each of its own task. */
  boolean isOfFineTuned() {
    return variants.stream().allMatch(variant -> variant.finetuning().isPresent());
  }

  /** The same with another size of the models that are pretrained. */
  TableDefinition of(ModelSize size) {
    return new TableDefinition(
        name,
        title,
        published,
        row,
        tasks,
        columns,
        axis,
        differs.map(
            note ->
                variants.stream().anyMatch(Variant::goesOn)
                    ? "%s; with --size %s each model is pretrained from nothing, and none goes on"
                        .formatted(note, JsonRecords.label(size))
                    : note),
        variants.stream().map(variant -> variant.of(size)).toList());
  }
}

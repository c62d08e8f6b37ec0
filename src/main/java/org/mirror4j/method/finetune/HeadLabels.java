package org.mirror4j.method.finetune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.HeadRows;
import org.mirror4j.tensor.ParameterTable;

/** What {@code config.json} says of a head: the names of its labels, and what it predicts. */
final class HeadLabels {
  /** transformers sizes a head by some of them, and chooses its loss by others. */
  private static final List<String> KEYS =
      List.of("id2label", "label2id", "num_labels", "_num_labels", "problem_type");

  private HeadLabels() {}

  /** Leaves what a task says in the place of what was said of another head. */
  static void replace(ObjectNode config, FineTunedTask<?> task) {
    config.remove(KEYS);
    task.configure(config);
  }

  /**
   * Why the head of a model is not that of a task: its rows stand for something else, or it has
   * other sizes; empty where the model has none, or one of the task.
   *
   * @param head the part of the task's head whose rows they are
   */
  static Optional<String> others(
      ObjectNode config, TensorSource weights, FineTunedTask<?> task, ParameterTable.Block head) {
    if (!WeightMap.hasAny(weights, head)) {
      return Optional.empty();
    }
    HeadRows learned = task.rows(config);
    ObjectNode asked = JsonFiles.object();
    task.configure(asked);
    HeadRows expected = task.rows(asked);
    return (learned.differ(expected)
            ? Optional.of(
                "the model's was trained with the %s %s, here they are %s"
                    .formatted(learned.what(), learned.told(), expected.told()))
            : WeightMap.misfit(weights, head))
        .map(reason -> "the head begins anew: " + reason);
  }
}

package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.finetune.FineTuningRecipe;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.task.TaskKind;

/**
 * How a model of a table is fine-tuned and what it is scored on.
 *
 * @param task name of its {@link TaskKind}
 * @param train examples that it is trained on
 * @param dev examples that are scored, by the names that the table has for them; by the first the
 *     best step is chosen, on the others the chosen model is scored
 * @param share of the training data that is there; where nothing is said, all
 * @param recipe its label; where nothing is said, the task's
 * @param settings in place of the recipe's, by their names
 * @param options in place of the task's own, by their names
 */
record ForTask(
    String task,
    ExampleFile train,
    SequencedMap<String, ExampleFile> dev,
    Optional<Share> share,
    Optional<FineTuningRecipe> recipe,
    Optional<ObjectNode> settings,
    Optional<ObjectNode> options) {
  /**
   * A part of what was published.
   *
   * @param there examples that are there
   * @param all examples that were published
   */
  record Share(int there, int all) {
    /** Checks that it is a part. */
    Share {
      if (there < 1 || all < there) {
        throw new IllegalArgumentException(
            "%d of %d examples are there, expected a part of all".formatted(there, all));
      }
    }

    /** Of 1. */
    double fraction() {
      return (double) there / all;
    }

    /** For people. */
    String text() {
      return String.format(Locale.ROOT, "%.1f %%", 100 * fraction());
    }
  }

  /**
   * Checks what does not depend on files.
   *
   * @throws IllegalArgumentException if nothing is scored or the seed is set
   */
  void check() {
    if (dev.isEmpty()) {
      throw new IllegalArgumentException("nothing is scored, expected a set at least");
    }
    if (settings.filter(changes -> changes.has("seed")).isPresent()) {
      throw new IllegalArgumentException(
          "'seed' is a setting, expected none: each run has its own");
    }
  }

  /** The task with its options. */
  TaskKind kind(TaskKind named) {
    return options.map(named::withOptions).orElse(named);
  }

  /** Of a run. */
  FineTuningRecipe recipe(TaskKind kind) {
    return recipe.orElseGet(() -> FineTuningRecipe.of(kind.recipe()));
  }

  /** All settings of a run. */
  FineTuningSettings settings(TaskKind kind, long seed) {
    ObjectNode changes = settings.map(ObjectNode::deepCopy).orElseGet(JsonFiles::object);
    changes.put("seed", seed);
    return JsonRecords.with(recipe(kind).settings(), changes);
  }
}

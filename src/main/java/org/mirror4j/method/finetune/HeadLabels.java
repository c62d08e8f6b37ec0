package org.mirror4j.method.finetune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.FineTunedTask;

/** What {@code config.json} says of a head: the names of its labels, and what it predicts. */
final class HeadLabels {
  private static final String NAMES = "id2label";

  /** transformers sizes a head by some of them, and chooses its loss by others. */
  private static final List<String> KEYS =
      List.of(NAMES, "label2id", "num_labels", "_num_labels", "problem_type");

  private HeadLabels() {}

  /** Leaves what a task says in the place of what was said of another head. */
  static void replace(ObjectNode config, FineTunedTask<?> task) {
    config.remove(KEYS);
    task.configure(config);
  }

  /**
   * Why the head of a model is not that of a task, as its rows have other labels; empty where they
   * have the same ones in the same order, or no names.
   */
  static Optional<String> others(ObjectNode config, FineTunedTask<?> task) {
    List<String> learned = names(config);
    ObjectNode asked = JsonFiles.object();
    task.configure(asked);
    List<String> expected = names(asked);
    boolean named =
        !learned.isEmpty()
            && !expected.isEmpty()
            && !IntStream.range(0, learned.size())
                .allMatch(i -> learned.get(i).equals("LABEL_" + i));
    return named && !learned.equals(expected)
        ? Optional.of(
            "the head begins anew: the model's was trained with the labels %s, here they are %s"
                .formatted(told(learned), told(expected)))
        : Optional.empty();
  }

  private static List<String> names(ObjectNode config) {
    JsonNode names = config.path(NAMES);
    return IntStream.range(0, names.size())
        .mapToObj(number -> names.path(String.valueOf(number)).asText())
        .toList();
  }

  private static String told(List<String> names) {
    return FileException.some(", ", names.stream().map(FileException::quote).toList());
  }
}

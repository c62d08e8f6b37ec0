package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.mirror4j.text.Tokenizer;

/** A task that a model can be fine-tuned for, by its name: how its files are read. */
public interface TaskKind {
  /** In lower case, words parted by hyphens; the name that it is scored by. */
  String name();

  /** What is learned, and the form of the files, in a line. */
  String description();

  /** The recipe that it is trained by where nothing is said. */
  String recipe();

  /** What was said of the files beside their names, as the settings of a run keep it. */
  default SequencedMap<String, String> options() {
    return Collections.emptyNavigableMap();
  }

  /**
   * The same with other options.
   *
   * @param options values by the names of components of what the task has as settings of its own
   * @throws RuntimeException naming what it does not have, or what a value may not be
   */
  default TaskKind withOptions(ObjectNode options) {
    throw new IllegalArgumentException(
        "%s takes no options, expected none of %s"
            .formatted(
                name(),
                String.join(", ", options.properties().stream().map(Map.Entry::getKey).toList())));
  }

  /**
   * The same for a model that goes on from another.
   *
   * @param config its {@code config.json}
   * @param file for messages
   * @throws RuntimeException if that says of this task what cannot be
   */
  default TaskKind goingOnFrom(ObjectNode config, String file) {
    return this;
  }

  /**
   * Reads files.
   *
   * @param training what is trained on
   * @param development what is scored while it trains
   * @param maxLength tokens of an example, special tokens included
   * @param notices is told what is worth knowing of the files
   * @throws RuntimeException naming file and line of what cannot be used
   */
  FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices);
}

package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Names of the columns of one's own table.
 *
 * @param text of the text, or the first of two; empty where it has not been said
 * @param pair of the second text; empty where there is none, or it has not been said
 * @param label of the label, or the number; empty where it has not been said
 */
public record TableColumns(Optional<String> text, Optional<String> pair, Optional<String> label) {
  /** Nothing has been said. */
  static final TableColumns NONE =
      new TableColumns(Optional.empty(), Optional.empty(), Optional.empty());

  /** Those that the settings of a run have. */
  static TableColumns of(ObjectNode run) {
    return new TableColumns(
        text(run.path("text")), text(run.path("pair")), text(run.path("label")));
  }

  private static Optional<String> text(JsonNode value) {
    return Optional.ofNullable(value.textValue());
  }

  /** These, and for what has not been said others. */
  TableColumns orElse(TableColumns others) {
    return new TableColumns(text.or(others::text), pair.or(others::pair), label.or(others::label));
  }

  /** As the settings of a run have them. */
  SequencedMap<String, String> options() {
    SequencedMap<String, String> options = new LinkedHashMap<>();
    text.ifPresent(name -> options.put("text", name));
    pair.ifPresent(name -> options.put("pair", name));
    label.ifPresent(name -> options.put("label", name));
    return options;
  }
}

package org.mirror4j.cli;

import java.util.Optional;
import org.mirror4j.task.classification.TableColumns;
import picocli.CommandLine.Option;

/** Which columns of one's own table hold what. */
final class ColumnOptions {
  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "classification, regression: name of the column of the text.")
  private String text;

  @Option(
      names = "--pair",
      paramLabel = "COLUMN",
      description = "The same of the second text, where there are pairs.")
  private String pair;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "The same of the label, or the number.")
  private String label;

  /** What has been said. */
  TableColumns columns() {
    return new TableColumns(
        Optional.ofNullable(text), Optional.ofNullable(pair), Optional.ofNullable(label));
  }

  /** The first option that training needs and that is not given; empty where none is missing. */
  Optional<String> missing() {
    return text == null
        ? Optional.of("--text")
        : label == null ? Optional.of("--label") : Optional.empty();
  }

  /** The first option that is given; empty where none is. */
  Optional<String> given() {
    return text != null
        ? Optional.of("--text")
        : pair != null ? Optional.of("--pair") : Optional.ofNullable(label).map(_ -> "--label");
  }
}

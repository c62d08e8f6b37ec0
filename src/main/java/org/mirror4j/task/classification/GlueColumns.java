package org.mirror4j.task.classification;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * In which columns a file of GLUE has what.
 *
 * @param index of the ids of the rows; -1 where they are numbered from 0
 * @param first of the first text
 * @param second of the second text; -1 where there is none
 * @param label of the label; -1 where the texts have none
 * @param count of all columns
 * @param more whether a row may have more
 * @param header whether the first row holds names
 */
record GlueColumns(
    int index, int first, int second, int label, int count, boolean more, boolean header) {
  /** A form that a file of a task may have. */
  sealed interface Form {
    /** The columns of a file of this form; empty where its first row is not of it. */
    Optional<GlueColumns> of(List<String> firstRow);

    /** The same where labels may be absent and are not looked at. */
    Form unlabelled();

    /** What is expected, for messages. */
    String expected();
  }

  /**
   * Names in the first row; ids stand under {@code index} where there is such a column.
   *
   * @param second null where there is none
   * @param label null where it is not looked at
   */
  record Named(String first, String second, String label) implements Form {
    @Override
    public Optional<GlueColumns> of(List<String> names) {
      GlueColumns columns =
          new GlueColumns(
              names.indexOf("index"),
              names.indexOf(first),
              second == null ? -1 : names.indexOf(second),
              label == null ? -1 : names.indexOf(label),
              names.size(),
              false,
              true);
      return Optional.of(columns)
          .filter(c -> c.first >= 0 && (label == null || c.label >= 0))
          .filter(c -> second == null || c.second >= 0);
    }

    @Override
    public Form unlabelled() {
      return new Named(first, second, null);
    }

    @Override
    public String expected() {
      return "a header with "
          + String.join(", ", Stream.of(first, second, label).filter(n -> n != null).toList());
    }
  }

  /**
   * No names, but a number of columns, the label in one of them.
   *
   * @param second -1 where there is none
   * @param label -1 where it is not looked at
   * @param more whether there may be more columns
   */
  record Placed(int first, int second, int label, int count, boolean more) implements Form {
    @Override
    public Optional<GlueColumns> of(List<String> row) {
      // The first row of a file of another task, most of which have one of names.
      boolean names = label < 0 && List.of("index", "id").contains(row.getFirst());
      return !names && (row.size() == count || (more && row.size() > count))
          ? Optional.of(new GlueColumns(-1, first, second, label, count, more, false))
          : Optional.empty();
    }

    @Override
    public Form unlabelled() {
      return new Placed(first, second, -1, count, more);
    }

    @Override
    public String expected() {
      if (label < 0) {
        return "%s%d columns".formatted(more ? "at least " : "", count);
      }
      return "%s%d columns, the label in column %d"
          .formatted(more ? "at least " : "", count, label + 1);
    }
  }
}

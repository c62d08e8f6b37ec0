package org.mirror4j.dataset;

import static org.mirror4j.file.FileException.clean;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.file.FileException;
import org.mirror4j.text.FieldRow;
import org.mirror4j.text.FieldSeparator;
import org.mirror4j.text.Spelling;
import org.mirror4j.text.TextLines;

/** The rows of one file, with access that refuses by file and line. */
record Rows(Path file, List<FieldRow> rows) {
  private static final int MOST_COLUMNS = 1000;
  private static final int LONGEST_NAME = 100;

  /** Reads a file; blank lines are passed over. */
  static Rows read(Path file, FieldSeparator separator) {
    return new Rows(file, separator.rows(file, TextLines.read(file, notice -> {})));
  }

  /** The rows behind the first, which names the columns. */
  Rows body() {
    return new Rows(file, rows.subList(1, rows.size()));
  }

  /**
   * The column of a name in the first row.
   *
   * @throws IllegalArgumentException if there is none
   */
  int column(String name) {
    List<String> names = names();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "%s:%d: no column %s, there are %s%s"
              .formatted(
                  file,
                  rows.getFirst().line(),
                  name,
                  FileException.some(", ", names.stream().map(FileException::quote).toList()),
                  Spelling.hint(
                      name,
                      names.stream()
                          .filter(known -> known.length() <= LONGEST_NAME)
                          .map(FileException::clean)
                          .toList())));
    }
    return names.indexOf(name);
  }

  /**
   * The names in the first row.
   *
   * @throws IllegalArgumentException if there is none, or it holds more than any form has
   */
  List<String> names() {
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file + ": no rows");
    }
    if (rows.getFirst().fields().size() > MOST_COLUMNS) {
      throw new IllegalArgumentException(
          "%s: %,d fields in the first row, expected at most %,d"
              .formatted(file, rows.getFirst().fields().size(), MOST_COLUMNS));
    }
    return rows.getFirst().fields().stream().map(FieldRow::trim).toList();
  }

  /** Number of rows. */
  int size() {
    return rows.size();
  }

  /** Where a row is, the beginning of messages. */
  String place(int row) {
    return file + ":" + rows.get(row).line();
  }

  /**
   * A field, without white space at its ends.
   *
   * @throws IllegalArgumentException if the row is too short
   */
  String field(int row, int column) {
    List<String> fields = rows.get(row).fields();
    if (column >= fields.size()) {
      throw new IllegalArgumentException(
          "%s: %d fields, expected at least %d".formatted(place(row), fields.size(), column + 1));
    }
    return FieldRow.trim(fields.get(column));
  }

  /**
   * A field that holds a text.
   *
   * @throws IllegalArgumentException if it is missing, empty or would break the line of a layout
   */
  String text(int row, int column) {
    String text = field(row, column);
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: field %d is empty, expected a text".formatted(place(row), column + 1));
    }
    if (text.chars().anyMatch(c -> c == '\t' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException(
          "%s: field %d holds a tab or an end of line, expected a text of one line"
              .formatted(place(row), column + 1));
    }
    return text;
  }

  /**
   * A field that holds a number, as it stands.
   *
   * @throws IllegalArgumentException if it holds none
   */
  String number(int row, int column) {
    String number = field(row, column);
    if (!FieldRow.isNumber(number)) {
      throw new IllegalArgumentException(
          "%s: field %d is \"%s\", expected a number"
              .formatted(place(row), column + 1, clean(number)));
    }
    return number;
  }

  /** The numbers of all rows. */
  IntStream indices() {
    return IntStream.range(0, rows.size());
  }
}

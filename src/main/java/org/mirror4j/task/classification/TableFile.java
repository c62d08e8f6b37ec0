package org.mirror4j.task.classification;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.text.FieldRow;
import org.mirror4j.text.FieldSeparator;
import org.mirror4j.text.Spelling;
import org.mirror4j.text.TextLines;

/**
 * Reads one's own tables, perhaps gzipped, with names of columns in the first row: fields parted by
 * tabs and never quoted where the first line has a tab or the file is called {@code .tsv}, else by
 * commas and perhaps in double quotes, as in RFC 4180. Blank lines are passed over.
 */
final class TableFile {
  private final Path file;
  private final List<FieldRow> rows;
  private final List<String> names;

  /** Checks a label. */
  @FunctionalInterface
  interface LabelCheck {
    /**
     * Looks at a label.
     *
     * @param place file and line, the beginning of the message
     * @throws FileException if it is none
     */
    void check(String place, String label);
  }

  private TableFile(Path file, List<FieldRow> rows) {
    this.file = file;
    this.rows = rows;
    names = rows.isEmpty() ? List.of() : rows.getFirst().fields();
  }

  /**
   * The texts of a file, in order. Their ids are their numbers from 0 on.
   *
   * @param columns of which {@code text} has been said
   * @param labels checks labels; null where they are not looked at
   * @param notices is told what is worth knowing of the file
   * @throws FileException if a column is not there, a row has another number of fields than the
   *     first, quotes are wrong, or a label is none; the message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static List<LabelledText> texts(
      Path file, TableColumns columns, LabelCheck labels, Consumer<String> notices) {
    TableFile table = open(file, notices);
    int text = table.column(columns.text().orElseThrow());
    int pair = columns.pair().isEmpty() ? -1 : table.column(columns.pair().get());
    int label = labels == null ? -1 : table.column(columns.label().orElseThrow());
    List<LabelledText> texts = new ArrayList<>();
    for (FieldRow row : table.below()) {
      List<String> fields = row.fields();
      texts.add(
          new LabelledText(
              String.valueOf(texts.size()),
              fields.get(text),
              pair < 0 ? Optional.empty() : Optional.of(fields.get(pair)),
              label < 0 ? "" : checked(labels, file + ":" + row.line(), fields.get(label))));
    }
    return List.copyOf(texts);
  }

  /**
   * The labels of a file alone, as {@link #texts} has them.
   *
   * @param column its name
   */
  static List<LabelledText> labels(
      Path file, String column, LabelCheck check, Consumer<String> notices) {
    Optional<String> name = Optional.of(column);
    return texts(file, new TableColumns(name, Optional.empty(), name), check, notices);
  }

  private static String checked(LabelCheck labels, String place, String label) {
    labels.check(place, label);
    return label;
  }

  private static TableFile open(Path file, Consumer<String> notices) {
    List<String> lines = TextLines.read(file, notices);
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean tabs = lines.getFirst().contains("\t") || name.matches(".*\\.tsv(\\.gz)?");
    TableFile table =
        new TableFile(file, rows(tabs ? FieldSeparator.TAB : FieldSeparator.COMMA, file, lines));
    if (table.rows.size() < 2) {
      throw new FileException(file + ": no row below the names of columns, expected one at least");
    }
    return table;
  }

  private static List<FieldRow> rows(FieldSeparator separator, Path file, List<String> lines) {
    try {
      return separator.rows(file, lines);
    } catch (IllegalArgumentException e) {
      throw new FileException(e.getMessage(), e);
    }
  }

  private int column(String name) {
    if (!names.contains(name)) {
      throw new FileException(
          "%s: no column %s, there are %s%s"
              .formatted(
                  file,
                  quote(name),
                  FileException.some(", ", names.stream().map(FileException::quote).toList()),
                  Spelling.hint(name, names.stream().map(FileException::clean).toList())));
    }
    if (Collections.frequency(names, name) > 1) {
      throw new FileException(
          "%s: column %s is there twice, expected once".formatted(file, quote(name)));
    }
    return names.indexOf(name);
  }

  /** The rows without that of the names. */
  private List<FieldRow> below() {
    for (FieldRow row : rows) {
      if (row.fields().size() != names.size()) {
        throw new FileException(
            "%s:%d: %d fields, expected %d as in the first row"
                .formatted(file, row.line(), row.fields().size(), names.size()));
      }
    }
    return rows.subList(1, rows.size());
  }
}

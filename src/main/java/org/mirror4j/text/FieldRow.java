package org.mirror4j.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The fields of a row of a table.
 *
 * @param line number of its first line, from 1
 */
public record FieldRow(int line, List<String> fields) {
  public FieldRow {
    fields = List.copyOf(fields);
  }

  /**
   * The rows of lines whose fields are never quoted; blank lines are passed over.
   *
   * @param separator between two fields
   */
  public static List<FieldRow> parted(List<String> lines, Pattern separator) {
    List<FieldRow> rows = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        rows.add(new FieldRow(i + 1, List.of(separator.split(lines.get(i), -1))));
      }
    }
    return rows;
  }
}

package org.mirror4j.text;

import java.util.List;

/**
 * The fields of a row of a table.
 *
 * @param line number of its first line, from 1
 */
public record FieldRow(int line, List<String> fields) {
  public FieldRow {
    fields = List.copyOf(fields);
  }
}

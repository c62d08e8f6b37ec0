package org.mirror4j.eval;

import java.util.List;

/**
 * The fields of a row of a table.
 *
 * @param line number of its first line, from 1
 */
record FieldRow(int line, List<String> fields) {
  FieldRow {
    fields = List.copyOf(fields);
  }
}

package org.mirror4j.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which columns of a user's file hold a pair, as the user says: {@code score=3,first=1,second=2},
 * by their numbers from 1 or by their names in the first row.
 */
record ColumnChoice(String score, String first, String second) {
  private static final List<String> ROLES = List.of("score", "first", "second");

  /** How a choice is written, for messages. */
  static final String FORM = "score=COLUMN,first=COLUMN,second=COLUMN";

  /** Whether a text is meant as a choice, right or wrong. */
  static boolean isChoice(String text) {
    return ROLES.stream().anyMatch(role -> text.startsWith(role + "="));
  }

  /**
   * Reads a choice.
   *
   * @throws IllegalArgumentException if it does not name each column once
   */
  static ColumnChoice of(String text) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String role = equals < 0 ? part : part.substring(0, equals).strip();
      String column = equals < 0 ? "" : part.substring(equals + 1).strip();
      if (!ROLES.contains(role) || column.isEmpty() || columns.put(role, column) != null) {
        throw new IllegalArgumentException("columns are '%s', expected %s".formatted(text, FORM));
      }
    }
    if (columns.size() < ROLES.size()) {
      throw new IllegalArgumentException("columns are '%s', expected %s".formatted(text, FORM));
    }
    return new ColumnChoice(columns.get("score"), columns.get("first"), columns.get("second"));
  }
}

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
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][+-]?\\d++)?");

  public FieldRow {
    fields = List.copyOf(fields);
  }

  /**
   * The rows of lines whose fields are never quoted; blank lines are passed over.
   *
   * @param separator between two fields
   */
  static List<FieldRow> parted(List<String> lines, Pattern separator) {
    List<FieldRow> rows = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        rows.add(new FieldRow(i + 1, List.of(separator.split(lines.get(i), -1))));
      }
    }
    return rows;
  }

  /** Whether a field is a finite decimal number, white space around it aside. */
  public static boolean isNumber(String field) {
    String number = trim(field);
    return NUMBER.matcher(number).matches() && Double.isFinite(Double.parseDouble(number));
  }

  /**
   * Without white space at either end; the no-break space, which some sets end words in, is one.
   */
  public static String trim(String field) {
    int start = 0;
    int end = field.length();
    while (start < end && isSpace(field.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(field.charAt(end - 1))) {
      end--;
    }
    return field.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }
}

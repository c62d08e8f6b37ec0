package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of comma-separated values (RFC 4180): a field in double quotes may hold commas, line ends
 * and doubled quotes. Quotes inside a field that does not begin with one stand for themselves.
 * Blank lines between rows are passed over.
 */
public final class CsvRows {
  private final Path file;
  private final List<String> lines;
  private final List<FieldRow> rows = new ArrayList<>();
  private final List<String> fields = new ArrayList<>();
  private final StringBuilder field = new StringBuilder();
  private int line;

  private CsvRows(Path file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * All rows.
   *
   * @throws IllegalArgumentException if a quote is not closed, or something stands behind one that
   *     closes; the message begins with file and line
   */
  public static List<FieldRow> of(Path file, List<String> lines) {
    CsvRows csv = new CsvRows(file, lines);
    for (csv.line = 0; csv.line < lines.size(); csv.line++) {
      if (!lines.get(csv.line).isBlank()) {
        csv.row();
      }
    }
    return csv.rows;
  }

  /** Reads a row, which may go on in the next lines; {@code line} is then its last. */
  private void row() {
    int start = line;
    int position = 0;
    fields.clear();
    do {
      position =
          lines.get(line).startsWith("\"", position) ? quoted(position + 1) : plain(position);
    } while (position >= 0);
    rows.add(new FieldRow(start + 1, fields));
  }

  /** Takes a field and returns the start of the next one, -1 at the end of the row. */
  private int plain(int from) {
    String text = lines.get(line);
    int comma = text.indexOf(',', from);
    fields.add(text.substring(from, comma < 0 ? text.length() : comma));
    return comma < 0 ? -1 : comma + 1;
  }

  private int quoted(int from) {
    int opened = line;
    int position = from;
    field.setLength(0);
    while (true) {
      String text = lines.get(line);
      int quote = text.indexOf('"', position);
      if (quote < 0) {
        field.append(text, position, text.length()).append('\n');
        position = 0;
        if (++line == lines.size()) {
          throw new IllegalArgumentException(
              "%s:%d: a quote is opened here and never closed".formatted(file, opened + 1));
        }
      } else if (text.startsWith("\"\"", quote)) {
        field.append(text, position, quote + 1);
        position = quote + 2;
      } else {
        fields.add(field.append(text, position, quote).toString());
        return afterQuote(text, quote + 1);
      }
    }
  }

  private int afterQuote(String text, int end) {
    if (end == text.length()) {
      return -1;
    }
    if (text.charAt(end) != ',') {
      throw new IllegalArgumentException(
          "%s:%d: %s behind a closing quote, expected a comma; a quote in a text is doubled"
              .formatted(file, line + 1, quote(Character.toString(text.codePointAt(end)))));
    }
    return end + 1;
  }
}

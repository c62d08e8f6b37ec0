package org.mirror4j.text;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What stands between two fields. */
public enum FieldSeparator {
  /** One tab; quotes have no meaning. */
  TAB,
  /** A comma; a field may stand in quotes, as in RFC 4180. */
  COMMA,
  /** One or more blanks or tabs; texts are single words. */
  WHITE_SPACE;

  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern ONE_TAB = Pattern.compile("\t");

  /**
   * The rows of a file; blank lines are passed over.
   *
   * @throws IllegalArgumentException if quotes are wrong; the message begins with file and line
   */
  public List<FieldRow> rows(Path file, List<String> lines) {
    if (this == COMMA) {
      return CsvRows.of(file, lines);
    }
    return this == TAB
        ? FieldRow.parted(lines, ONE_TAB)
        : FieldRow.parted(lines.stream().map(String::strip).toList(), SPACES);
  }

  /** Its name for messages. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}

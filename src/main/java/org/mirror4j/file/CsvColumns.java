package org.mirror4j.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * JSON objects as a table of comma-separated values (RFC 4180, but that lines end in a line feed):
 * a header, and a row an object. What an object lacks, and null, is an empty field; the values of a
 * list are joined by semicolons. Numbers are those of JSON.
 *
 * @param columns in order
 */
public record CsvColumns(List<Column> columns) {
  private static final Pattern QUOTED = Pattern.compile("[,\"\r\n]|^\\s|\\s$");

  /**
   * A column.
   *
   * @param name in the header
   * @param pointer to the value in an object (RFC 6901)
   */
  public record Column(String name, String pointer) {}

  /** Columns of the names of an object's fields, or {@code name=/pointer}. */
  public static CsvColumns of(String... columns) {
    return new CsvColumns(
        Stream.of(columns)
            .map(
                column -> {
                  int equals = column.indexOf('=');
                  return equals < 0
                      ? new Column(column, "/" + column)
                      : new Column(column.substring(0, equals), column.substring(equals + 1));
                })
            .toList());
  }

  /** Whether a file of that name is one of comma-separated values. */
  public static boolean isName(Path file) {
    return file.toString().endsWith(".csv");
  }

  /**
   * Writes a file, in place of the one of that name if there is one.
   *
   * @param rows are asked for one by one
   * @throws FileException if it cannot be written; nothing has changed then
   */
  public void write(Path target, Stream<? extends JsonNode> rows) {
    try {
      AtomicFiles.writeFile(
          target,
          channel -> {
            Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8);
            out.write(line(columns.stream().map(Column::name)));
            for (Iterator<? extends JsonNode> each = rows.iterator(); each.hasNext(); ) {
              JsonNode row = each.next();
              out.write(line(columns.stream().map(column -> text(row.at(column.pointer)))));
            }
            out.flush();
          });
    } catch (IOException e) {
      throw FileException.of(target, e);
    }
  }

  private static String line(Stream<String> fields) {
    return fields.map(CsvColumns::field).collect(Collectors.joining(",", "", "\n"));
  }

  private static String text(JsonNode value) {
    return value.isArray()
        ? value.valueStream().map(CsvColumns::text).collect(Collectors.joining(";"))
        : value.isNull() ? "" : value.asText();
  }

  private static String field(String text) {
    return QUOTED.matcher(text).find() ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}

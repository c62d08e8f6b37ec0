package org.mirror4j.eval;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table as text, for a terminal and as Markdown.
 *
 * @param lines all with as many cells; the first is the header
 * @param names columns from the left that hold names, the others hold numbers
 */
public record TextTable(List<List<String>> lines, int names) {
  private static final String GAP = "  ";

  /** Names to the left, numbers to the right, columns aligned, each line ended by a line feed. */
  public String aligned() {
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - line.get(i).length());
        table.append(i == 0 ? "" : GAP);
        table.append(i < names ? line.get(i) + padding : padding + line.get(i));
      }
      table.append('\n');
    }
    return table.toString();
  }

  /** A table of Markdown, each line ended by a line feed. */
  public String markdown() {
    StringBuilder table = new StringBuilder();
    for (List<String> line : lines) {
      table.append(
          line.stream()
              .map(cell -> cell.replace("|", "\\|").replaceAll("\\R", " "))
              .collect(Collectors.joining(" | ", "| ", " |\n")));
      if (table.indexOf("\n") == table.length() - 1) {
        table.append("| :-- ".repeat(names));
        table.append(String.join("", Collections.nCopies(line.size() - names, "| --: ")));
        table.append("|\n");
      }
    }
    return table.toString();
  }
}

package org.mirror4j.text.block;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/** Where the annotated spans of a corpus come from: named entities, noun phrases. */
public enum SpanSource {
  /** Nothing is annotated. */
  NONE,
  /** A second column of the corpus, see {@link SpanColumn}. */
  COLUMN,
  /** Runs of capitalised words, see {@link SpanHeuristics#capitalised}: for named entities. */
  CAPITALISED,
  /**
   * Runs of words between English function words, see {@link SpanHeuristics#betweenFunctionWords}:
   * for noun phrases.
   */
  BETWEEN_FUNCTION_WORDS;

  /** Lines of a file that are looked at. */
  private static final int FIRST_LINES = 100;

  /** Its name in settings and reports. */
  public String label() {
    return JsonRecords.label(this);
  }

  /**
   * {@link #COLUMN} for files that have the column: of the first {@value #FIRST_LINES} lines of
   * each that are not blank, more than half are text, one tab, and spans {@code start:end} or
   * nothing. So a fault in an annotated file is found when it is read, and prose with tabs is
   * prose, even if a time of day stands behind one.
   *
   * @param otherwise for files without the column
   * @param notices told of the column, or of tabs that make none
   * @throws TextException if a file is missing, a directory or empty, or has the column where
   *     another one has none
   */
  public static SpanSource of(List<Path> files, SpanSource otherwise, Consumer<String> notices) {
    List<Start> starts = files.stream().map(Start::of).filter(start -> start.lines > 0).toList();
    Optional<Start> with = starts.stream().filter(Start::hasColumn).findFirst();
    Optional<Start> without = starts.stream().filter(start -> !start.hasColumn()).findFirst();
    if (with.isPresent() && without.isPresent()) {
      throw new TextException(
          "%s has a column of spans start:end and %s has none, expected it in all files or in none"
              .formatted(with.get().file, without.get().file));
    }
    if (with.isPresent()) {
      notices.accept(
          "%s: what is behind the tab of each line is taken for spans start:end, not for text"
              .formatted(with.get().named(starts.size() - 1)));
      return COLUMN;
    }
    List<Start> tabbed = starts.stream().filter(start -> start.tabs > 0).toList();
    if (!tabbed.isEmpty()) {
      notices.accept(
          "%s: tabs are taken for text, as most lines have no spans start:end behind one"
              .formatted(tabbed.getFirst().named(tabbed.size() - 1)));
    }
    return otherwise;
  }

  /**
   * What a file begins with.
   *
   * @param lines that are not blank
   * @param tabs lines of these with a tab
   * @param columns lines of these that seem to have the column
   */
  private record Start(Path file, int lines, int tabs, int columns) {
    static Start of(Path file) {
      int lines = 0;
      int tabs = 0;
      int columns = 0;
      try (LineReader reader = new LineReader(List.of(file), BlockReader.LINE_CHARACTERS)) {
        for (String line = reader.next();
            line != null && lines < FIRST_LINES;
            line = reader.next()) {
          if (!line.isBlank()) {
            lines++;
            tabs += line.indexOf('\t') < 0 ? 0 : 1;
            columns += SpanColumn.isIn(line) ? 1 : 0;
          }
        }
      }
      return new Start(file, lines, tabs, columns);
    }

    boolean hasColumn() {
      return 2 * columns > lines;
    }

    String named(int more) {
      return more == 0 ? file.toString() : "%s and %d more".formatted(file, more);
    }
  }
}

package org.mirror4j.text.block;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/**
 * Lines of a corpus, one after the other, read as {@link LineReader} says: of one with a column of
 * spans the text before it.
 */
public final class CorpusLines implements AutoCloseable {
  private final LineReader lines;
  private final SpanSource spans;

  /**
   * A line.
   *
   * @param text without the column
   * @param spans what the column says, [spans][2], start and end in UTF-16 units of the text; empty
   *     where there is none
   */
  public record Line(String text, List<int[]> spans) {}

  /**
   * Before the first line.
   *
   * @param files read in order
   * @param spans {@link SpanSource#COLUMN} for files that have it
   * @throws TextException if a file is missing, a directory or empty
   */
  public CorpusLines(List<Path> files, SpanSource spans) {
    lines = new LineReader(files, BlockReader.LINE_CHARACTERS);
    this.spans = spans;
  }

  /**
   * The next line; null after the last one.
   *
   * @throws TextException if a file is no text, or the line is to have a column and has none, or a
   *     malformed one
   */
  public Line next() {
    long cut = lines.cutLines();
    String line = lines.next();
    if (line == null) {
      return null;
    }
    if (spans != SpanSource.COLUMN || line.isBlank()) {
      return new Line(line, List.of());
    }
    if (lines.cutLines() > cut) {
      throw new TextException(
          "%s: longer than %,d characters, expected text and spans within that"
              .formatted(lines.place(), BlockReader.LINE_CHARACTERS));
    }
    SpanColumn column = SpanColumn.read(line, lines.place());
    return new Line(column.text(), column.spans());
  }

  /** What was found so far. */
  public LineReader reader() {
    return lines;
  }

  @Override
  public void close() {
    lines.close();
  }
}

package org.mirror4j.text.block;

import java.nio.file.Path;
import java.util.List;
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

  /** Its name in settings and reports. */
  public String label() {
    return JsonRecords.label(this);
  }

  /**
   * {@link #COLUMN} if the first line of a corpus that is not blank has such a column, well-formed
   * or not: what stands behind its last tab has digits and no letters, or nothing stands there.
   *
   * @param otherwise for a corpus without the column
   * @throws TextException if a file is missing, a directory or empty
   */
  public static SpanSource of(List<Path> corpus, SpanSource otherwise) {
    try (LineReader lines = new LineReader(corpus, BlockReader.LINE_CHARACTERS)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (!line.isBlank()) {
          return SpanColumn.isIn(line) ? COLUMN : otherwise;
        }
      }
    }
    return otherwise;
  }
}

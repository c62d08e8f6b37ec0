package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pairs of one file.
 *
 * @param pairs in the order of the file
 * @param skippedLines lines left out as they have no score
 */
public record ScoredPairs(List<ScoredPair> pairs, int skippedLines) {
  public ScoredPairs {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads a file of known format. Blank lines are passed over.
   *
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if a line does not fit the format; the message begins with
   *     {@code file:line:}
   */
  public static ScoredPairs read(Path file, PairFormat format) {
    return parse(file, TextLines.read(file), format);
  }

  /**
   * Reads a file of unknown format: {@code text text score} or {@code score text text}, separated
   * by tabs, or by blanks where the texts are single words; a header may stand first. In a file
   * with tabs an empty score skips its line.
   *
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if a line does not fit; the message begins with the file
   */
  public static ScoredPairs read(Path file) {
    List<String> lines = TextLines.read(file);
    return parse(file, lines, PairFormat.detect(file, lines));
  }

  private static ScoredPairs parse(Path file, List<String> lines, PairFormat format) {
    List<ScoredPair> pairs = new ArrayList<>();
    int skipped = 0;
    boolean first = true;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank()) {
        continue;
      }
      String place = file + ":" + (i + 1);
      boolean header = first && format.isHeader(place, line);
      first = false;
      if (header) {
        continue;
      }
      ScoredPair pair = format.parse(place, line);
      if (pair == null) {
        skipped++;
      } else {
        pairs.add(pair);
      }
    }
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException(file + ": no scored pairs");
    }
    return new ScoredPairs(pairs, skipped);
  }
}

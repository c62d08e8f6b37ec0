package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.text.FieldRow;
import org.mirror4j.text.TextLines;

/**
 * The pairs of a file, or of several.
 *
 * @param pairs in the order of the file
 * @param skippedLines lines left out as they have no score
 * @param subsets the sub-set of each pair, which are then ranked one by one; empty where all are
 *     ranked together
 */
public record ScoredPairs(List<ScoredPair> pairs, int skippedLines, List<String> subsets)
    implements TaskData {
  /**
   * Copies what can change.
   *
   * @throws IllegalArgumentException if there are sub-sets, but not one for each pair
   */
  public ScoredPairs {
    pairs = List.copyOf(pairs);
    subsets = List.copyOf(subsets);
    if (!subsets.isEmpty() && subsets.size() != pairs.size()) {
      throw new IllegalArgumentException(
          "%d sub-sets for %d pairs, expected one for each"
              .formatted(subsets.size(), pairs.size()));
    }
  }

  /** Pairs that are ranked together. */
  public ScoredPairs(List<ScoredPair> pairs, int skippedLines) {
    this(pairs, skippedLines, List.of());
  }

  /**
   * Reads a file of known format. Blank lines are passed over.
   *
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if a line does not fit the format; the message begins with
   *     {@code file:line:}
   */
  public static ScoredPairs read(Path file, PairFormat format) {
    List<String> lines = TextLines.read(file, notice -> {});
    return parse(file, format.separator().rows(file, lines), format);
  }

  /**
   * Reads a file of the user's own: separated by tabs, or by commas with texts in quotes (RFC
   * 4180), or by blanks where the texts are single words. Which columns hold what is found by the
   * names in a header (those of SICK and of GLUE's STS-B, {@code sentence1 sentence2 score}, and
   * the like), by the layout of the official STS-B, or where there are three columns by which one
   * holds numbers; it is asked for where that is not certain. An empty score skips its line, but
   * not in files separated by blanks.
   *
   * @param notices is told which columns were taken, and other things worth knowing
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if a line does not fit or the columns are not certain; the
   *     message begins with the file
   */
  public static ScoredPairs read(Path file, Consumer<String> notices) {
    return read(file, null, notices);
  }

  /** The same with the columns that the user names, null for none. */
  static ScoredPairs read(Path file, ColumnChoice choice, Consumer<String> notices) {
    List<String> lines = TextLines.read(file, notices);
    PairFormat format = PairColumns.find(file, lines, choice);
    List<FieldRow> rows = format.separator().rows(file, lines);
    notices.accept(file + ": " + PairColumns.described(format, rows.getFirst().fields()));
    return parse(file, rows, format);
  }

  /** These pairs and then others, all with sub-sets or all without. */
  ScoredPairs and(ScoredPairs others) {
    return new ScoredPairs(
        Stream.concat(pairs.stream(), others.pairs.stream()).toList(),
        skippedLines + others.skippedLines,
        Stream.concat(subsets.stream(), others.subsets.stream()).toList());
  }

  /**
   * These pairs, if a ranking can be made of them.
   *
   * @throws IllegalArgumentException if there is but one
   */
  ScoredPairs requireRanking(Path file) {
    if (pairs.size() < 2) {
      throw new IllegalArgumentException(file + ": 1 scored pair, expected at least 2");
    }
    return this;
  }

  private static ScoredPairs parse(Path file, List<FieldRow> rows, PairFormat format) {
    List<ScoredPair> pairs = new ArrayList<>();
    List<String> subsets = new ArrayList<>();
    int skipped = 0;
    boolean first = true;
    for (FieldRow row : rows) {
      String place = file + ":" + row.line();
      boolean header = first && format.isHeader(place, row);
      first = false;
      if (header) {
        continue;
      }
      ScoredPair pair = format.parse(place, row);
      if (pair == null) {
        skipped++;
      } else {
        pairs.add(pair);
        if (format.subset().isPresent()) {
          subsets.add(format.subset(place, row));
        }
      }
    }
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException(file + ": no scored pairs");
    }
    return new ScoredPairs(pairs, skipped, subsets);
  }

  @Override
  public boolean arePairs() {
    return true;
  }

  @Override
  public List<String> texts() {
    return pairs.stream().flatMap(pair -> Stream.of(pair.left(), pair.right())).toList();
  }

  @Override
  public Optional<Measurement.Measure> quality() {
    return Optional.of(Measurement.Measure.SPEARMAN);
  }

  /** Rank correlation with human scores, see {@link SimilarityEvaluation}. */
  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    SimilarityEvaluation.Result result = SimilarityEvaluation.evaluate(encoder, this);
    return List.of(
        new Measurement(
            task,
            Measurement.Measure.SPEARMAN,
            result.spearman(),
            result.pairs(),
            skippedLines,
            Coverage.NONE,
            result.undefined()));
  }
}

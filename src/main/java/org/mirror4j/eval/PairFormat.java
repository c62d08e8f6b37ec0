package org.mirror4j.eval;

import static org.mirror4j.file.FileException.clean;

import java.util.List;
import java.util.OptionalInt;
import org.mirror4j.text.FieldRow;
import org.mirror4j.text.FieldSeparator;

/**
 * Where a row of a file holds the two texts and their score.
 *
 * @param separator what stands between fields
 * @param left field of the first text, from 0
 * @param right field of the second text
 * @param score field of the score
 * @param header what the first row is
 * @param unscored whether a row may lack its score; it is then skipped and counted
 * @param subset field of the name of the sub-set that a pair belongs to; empty where that does not
 *     matter
 */
public record PairFormat(
    FieldSeparator separator,
    int left,
    int right,
    int score,
    Header header,
    boolean unscored,
    OptionalInt subset) {
  /** Pairs that belong to no sub-sets. */
  public PairFormat(
      FieldSeparator separator, int left, int right, int score, Header header, boolean unscored) {
    this(separator, left, right, score, header, unscored, OptionalInt.empty());
  }

  /** What the first row of a file is. */
  public enum Header {
    /** A pair like any other. */
    NONE,
    /** Names of the fields. */
    REQUIRED,
    /** Names of the fields if no digit is in the score's field, a pair otherwise. */
    OPTIONAL
  }

  /**
   * {@code word1 TAB word2 TAB score}, perhaps with a header and further columns: the common form
   * of word similarity sets (WordSim-353, RG-65, Rare Words, the multilingual SimLex-999).
   */
  public static final PairFormat WORD_SIMILARITY =
      new PairFormat(FieldSeparator.TAB, 0, 1, 2, Header.OPTIONAL, false);

  /** The authors' SimLex-999: {@code word1 word2 POS SimLex999 ...} with a header. */
  public static final PairFormat SIMLEX_999 =
      new PairFormat(FieldSeparator.TAB, 0, 1, 3, Header.REQUIRED, false);

  /** Multi-SimLex: {@code id pos word1 word2 score} with a header. */
  public static final PairFormat MULTI_SIMLEX =
      new PairFormat(FieldSeparator.TAB, 2, 3, 4, Header.REQUIRED, false);

  /**
   * Semantic textual similarity: {@code score TAB sentence1 TAB sentence2}, perhaps further
   * columns, no header. The organisers left some pairs of 2015 and 2016 unscored.
   */
  public static final PairFormat STS =
      new PairFormat(FieldSeparator.TAB, 1, 2, 0, Header.NONE, true);

  /** The same with the sub-set of the pair behind the sentences, as in all years of SemEval. */
  public static final PairFormat STS_WITH_SUBSETS =
      new PairFormat(FieldSeparator.TAB, 1, 2, 0, Header.NONE, true, OptionalInt.of(3));

  /** STS-B translated by machine (stsb-multi-mt): {@code sentence1,sentence2,score}, no header. */
  public static final PairFormat TRANSLATED_STS_BENCHMARK =
      new PairFormat(FieldSeparator.COMMA, 0, 1, 2, Header.NONE, false);

  /**
   * Whether the first row of a file holds names of fields, not a pair.
   *
   * @param place file and line, the beginning of error messages
   * @throws IllegalArgumentException if it holds a pair where names are required
   */
  boolean isHeader(String place, FieldRow row) {
    String field = row.fields().size() > score ? FieldRow.trim(row.fields().get(score)) : "";
    return switch (header) {
      case NONE -> false;
      case REQUIRED -> {
        if (FieldRow.isNumber(field)) {
          throw new IllegalArgumentException(
              "%s: field %d is \"%s\", expected a header line with the names of the fields"
                  .formatted(place, score + 1, clean(field)));
        }
        yield true;
      }
      case OPTIONAL -> !field.isEmpty() && field.chars().noneMatch(Character::isDigit);
    };
  }

  /**
   * The name of the sub-set that a row belongs to.
   *
   * @param place file and line, the beginning of error messages
   * @throws IllegalArgumentException if the row has none
   */
  String subset(String place, FieldRow row) {
    int index = subset.orElseThrow();
    if (row.fields().size() <= index || FieldRow.trim(row.fields().get(index)).isEmpty()) {
      throw new IllegalArgumentException(
          "%s: field %d is missing, expected the name of a sub-set".formatted(place, index + 1));
    }
    return FieldRow.trim(row.fields().get(index));
  }

  /**
   * The pair of a row, or null if the row is unscored and may be.
   *
   * @param place file and line, the beginning of error messages
   * @throws IllegalArgumentException if the row holds no pair
   */
  ScoredPair parse(String place, FieldRow row) {
    List<String> fields = row.fields();
    int expected = Math.max(score, Math.max(left, right)) + 1;
    // White space inside a text would shift the fields unseen, so there the number is exact.
    if (fields.size() < expected
        || (separator == FieldSeparator.WHITE_SPACE && fields.size() > expected)) {
      throw new IllegalArgumentException(
          "%s: %d fields, expected %s%d separated by %s"
              .formatted(
                  place,
                  fields.size(),
                  separator == FieldSeparator.WHITE_SPACE ? "" : "at least ",
                  expected,
                  separator.label()));
    }
    String number = FieldRow.trim(fields.get(score));
    if (number.isEmpty() && unscored) {
      return null;
    }
    if (!FieldRow.isNumber(number)) {
      throw new IllegalArgumentException(
          "%s: score is \"%s\" (field %d), expected a number"
              .formatted(place, PairColumns.cut(number), score + 1));
    }
    return new ScoredPair(
        text(place, fields, left), text(place, fields, right), Double.parseDouble(number));
  }

  private static String text(String place, List<String> fields, int index) {
    String text = FieldRow.trim(fields.get(index));
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: field %d is empty, expected a text".formatted(place, index + 1));
    }
    return text;
  }
}

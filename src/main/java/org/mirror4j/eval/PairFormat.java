package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a line of a file holds the two texts and their score.
 *
 * @param separator what stands between fields; quotes have no meaning
 * @param left field of the first text, from 0
 * @param right field of the second text
 * @param score field of the score
 * @param header what the first line is
 * @param unscored whether a line may lack its score; it is then skipped and counted
 */
public record PairFormat(
    Separator separator, int left, int right, int score, Header header, boolean unscored) {

  /** What stands between two fields. */
  public enum Separator {
    TAB("\t"),
    /** One or more blanks or tabs; texts are single words. */
    WHITE_SPACE("\\s+");

    private final Pattern pattern;

    Separator(String regex) {
      pattern = Pattern.compile(regex);
    }

    String[] split(String line) {
      return pattern.split(this == WHITE_SPACE ? line.strip() : line, -1);
    }
  }

  /** What the first line of a file is. */
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
      new PairFormat(Separator.TAB, 0, 1, 2, Header.OPTIONAL, false);

  /** The authors' SimLex-999: {@code word1 word2 POS SimLex999 ...} with a header. */
  public static final PairFormat SIMLEX_999 =
      new PairFormat(Separator.TAB, 0, 1, 3, Header.REQUIRED, false);

  /** Multi-SimLex: {@code id pos word1 word2 score} with a header. */
  public static final PairFormat MULTI_SIMLEX =
      new PairFormat(Separator.TAB, 2, 3, 4, Header.REQUIRED, false);

  /**
   * Semantic textual similarity: {@code score TAB sentence1 TAB sentence2}, perhaps further
   * columns, no header. The organisers left some pairs of 2015 and 2016 unscored.
   */
  public static final PairFormat STS = new PairFormat(Separator.TAB, 1, 2, 0, Header.NONE, true);

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  /**
   * The format of a file of unknown origin, judged by its first lines: fields are parted by tabs if
   * the first line has one, by white space otherwise; the score is the third field, or the first
   * where the third is no number; a first line without a number in either place is a header.
   *
   * @throws IllegalArgumentException if no line fits
   */
  static PairFormat detect(Path file, List<String> lines) {
    List<String> start = lines.stream().filter(line -> !line.isBlank()).limit(2).toList();
    boolean tabs = !start.isEmpty() && start.getFirst().contains("\t");
    Separator separator = tabs ? Separator.TAB : Separator.WHITE_SPACE;
    for (int i = 0; i < start.size(); i++) {
      String[] fields = separator.split(start.get(i));
      Header header = i == 0 ? Header.NONE : Header.REQUIRED;
      if (fields.length >= 3 && isNumber(fields[2])) {
        return new PairFormat(separator, 0, 1, 2, header, tabs);
      }
      if (fields.length >= 3 && isNumber(fields[0])) {
        return new PairFormat(separator, 1, 2, 0, header, tabs);
      }
    }
    throw new IllegalArgumentException(
        "%s: no pairs found in the first lines, expected \"text text score\" or \"score text text\","
                .formatted(file)
            + " separated by tabs, or by blanks where the texts are single words");
  }

  /**
   * Whether the first line of a file holds names of fields, not a pair.
   *
   * @param place file and line, the beginning of error messages
   * @throws IllegalArgumentException if it holds a pair where names are required
   */
  boolean isHeader(String place, String line) {
    String[] fields = separator.split(line);
    String field = fields.length > score ? trim(fields[score]) : "";
    return switch (header) {
      case NONE -> false;
      case REQUIRED -> {
        if (isNumber(field)) {
          throw new IllegalArgumentException(
              "%s: field %d is \"%s\", expected a header line with the names of the fields"
                  .formatted(place, score + 1, field));
        }
        yield true;
      }
      case OPTIONAL -> !field.isEmpty() && field.chars().noneMatch(Character::isDigit);
    };
  }

  /**
   * The pair on a line, or null if the line is unscored and may be.
   *
   * @param place file and line, the beginning of error messages
   * @throws IllegalArgumentException if the line holds no pair
   */
  ScoredPair parse(String place, String line) {
    String[] fields = separator.split(line);
    int expected = Math.max(score, Math.max(left, right)) + 1;
    // White space inside a text would shift the fields unseen, so there the number is exact.
    if (fields.length < expected
        || (separator == Separator.WHITE_SPACE && fields.length > expected)) {
      throw new IllegalArgumentException(
          "%s: %d fields, expected %s%d separated by %s"
              .formatted(
                  place,
                  fields.length,
                  separator == Separator.TAB ? "at least " : "",
                  expected,
                  separator.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
    }
    String number = trim(fields[score]);
    if (number.isEmpty() && unscored) {
      return null;
    }
    if (!isNumber(number)) {
      throw new IllegalArgumentException(
          "%s: score is \"%s\" (field %d), expected a number".formatted(place, number, score + 1));
    }
    return new ScoredPair(
        text(place, fields, left), text(place, fields, right), Double.parseDouble(number));
  }

  private static String text(String place, String[] fields, int index) {
    String text = trim(fields[index]);
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: field %d is empty, expected a text".formatted(place, index + 1));
    }
    return text;
  }

  private static boolean isNumber(String field) {
    String number = trim(field);
    return NUMBER.matcher(number).matches() && Double.isFinite(Double.parseDouble(number));
  }

  /**
   * Without white space at either end; the no-break space, which some sets end words in, is one.
   */
  private static String trim(String field) {
    int start = 0;
    int end = field.length();
    while (start < end && isSpace(field.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(field.charAt(end - 1))) {
      end--;
    }
    return field.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }
}

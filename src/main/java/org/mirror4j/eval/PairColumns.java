package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mirror4j.eval.PairFormat.Header;
import org.mirror4j.file.FileException;
import org.mirror4j.text.FieldRow;
import org.mirror4j.text.FieldSeparator;
import org.mirror4j.text.Spelling;

/**
 * Finds which columns of a user's file hold the score and the two texts: by the names in its first
 * row, as those of SICK and of GLUE's STS-B; by the layout of the official STS-B; or, where there
 * are three columns and one of them holds numbers, by that. Anything else is not guessed but asked.
 */
final class PairColumns {
  private static final Set<String> SCORE =
      Set.of(
          "score",
          "goldscore",
          "gold",
          "similarity",
          "similarityscore",
          "relatedness",
          "relatednessscore",
          "humanmean",
          "simlex999",
          "rating",
          "label");

  private static final Set<String> FIRST =
      Set.of("sentence1", "sentencea", "text1", "texta", "word1", "s1", "first", "left");

  private static final Set<String> SECOND =
      Set.of("sentence2", "sentenceb", "text2", "textb", "word2", "s2", "second", "right");

  /** What every row of the official STS-B begins with: main-captions, main-forums, main-news. */
  private static final String OFFICIAL = "main-";

  /** Its columns: genre, filename, year, index, score, two texts; of some rows also two sources. */
  private static final int OFFICIAL_SCORE = 4;

  private static final int SHOWN_CHARACTERS = 24;

  /** More columns than any layout of scored pairs has. */
  private static final int SHOWN_COLUMNS = 12;

  /** Each column is looked at in every row. */
  private static final int MOST_COLUMNS = 1000;

  private final Path file;
  private final FieldSeparator separator;
  private final List<FieldRow> rows;
  private final List<String> first;

  private PairColumns(Path file, FieldSeparator separator, List<FieldRow> rows) {
    this.file = file;
    this.separator = separator;
    this.rows = rows;
    first = rows.getFirst().fields();
  }

  /**
   * The format of a file.
   *
   * @param choice what the user says, null where that is nothing
   * @throws IllegalArgumentException if it is not certain, or the choice names what is not there;
   *     the message shows the columns
   */
  static PairFormat find(Path file, List<String> lines, ColumnChoice choice) {
    FieldSeparator separator = separator(lines);
    List<FieldRow> rows = separator.rows(file, lines);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file + ": no scored pairs");
    }
    PairColumns columns = new PairColumns(file, separator, rows);
    if (columns.first.size() > MOST_COLUMNS) {
      throw new IllegalArgumentException(
          "%s: %,d fields in the first row, expected at most %,d"
              .formatted(file, columns.first.size(), MOST_COLUMNS));
    }
    return choice != null ? columns.chosen(choice) : columns.found();
  }

  /** A tab parts fields wherever there is one, and commas do where they part three. */
  private static FieldSeparator separator(List<String> lines) {
    String line = lines.stream().filter(text -> !text.isBlank()).findFirst().orElse("");
    if (line.contains("\t")) {
      return FieldSeparator.TAB;
    }
    return line.chars().filter(c -> c == ',').count() >= 2
        ? FieldSeparator.COMMA
        : FieldSeparator.WHITE_SPACE;
  }

  private PairFormat chosen(ColumnChoice choice) {
    int score = column(choice.score());
    int left = column(choice.first());
    int right = column(choice.second());
    if (score == left || score == right || left == right) {
      throw new IllegalArgumentException(
          "%s: score, first and second are to be three columns; there are %s"
              .formatted(file, shown()));
    }
    // Between tabs a row may have columns behind those of others, as in the official STS-B.
    if (separator == FieldSeparator.COMMA) {
      checkWidths();
    }
    boolean named =
        !isIndex(choice.score()) || !isIndex(choice.first()) || !isIndex(choice.second());
    return format(score, left, right, named ? Header.REQUIRED : header(score));
  }

  private static boolean isIndex(String column) {
    return column.matches("\\d{1,4}");
  }

  private int column(String column) {
    if (isIndex(column)) {
      int index = Integer.parseInt(column);
      if (index < 1 || index > first.size()) {
        throw new IllegalArgumentException(
            "%s: no column %s, there are %s".formatted(file, column, shown()));
      }
      return index - 1;
    }
    List<String> names = first.stream().map(FieldRow::trim).toList();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equalsIgnoreCase(column)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "%s: no column '%s' in the first row, there are %s%s"
            .formatted(
                file,
                FileException.clean(column),
                shown(),
                Spelling.hint(column, names.stream().map(PairColumns::cut).toList())));
  }

  private PairFormat found() {
    List<Integer> score = named(SCORE);
    List<Integer> left = named(FIRST);
    List<Integer> right = named(SECOND);
    if (score.size() == 1 && left.size() == 1 && right.size() == 1) {
      checkWidths();
      return format(score.getFirst(), left.getFirst(), right.getFirst(), Header.REQUIRED);
    }
    if (isOfficialStsBenchmark()) {
      return format(OFFICIAL_SCORE, OFFICIAL_SCORE + 1, OFFICIAL_SCORE + 2, Header.NONE);
    }
    List<Integer> numbers =
        IntStream.range(0, first.size()).filter(this::holdsNumbers).boxed().toList();
    if (first.size() == 3 && numbers.size() == 1) {
      checkWidths();
      int column = numbers.getFirst();
      return format(column, column == 0 ? 1 : 0, column == 2 ? 1 : 2, header(column));
    }
    throw new IllegalArgumentException(
        "%s: which columns hold the score and the two texts is not certain; there are %s; name them,"
                .formatted(file, shown())
            + " as in pairs:FILE:%s".formatted(example(numbers)));
  }

  private PairFormat format(int score, int left, int right, Header header) {
    return new PairFormat(
        separator, left, right, score, header, separator != FieldSeparator.WHITE_SPACE);
  }

  private List<Integer> named(Set<String> names) {
    return IntStream.range(0, first.size())
        .filter(i -> names.contains(key(first.get(i))))
        .boxed()
        .toList();
  }

  /** A name without case, blanks and signs. */
  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
  }

  private boolean isOfficialStsBenchmark() {
    return separator == FieldSeparator.TAB
        && rows.stream()
            .allMatch(
                row ->
                    row.fields().size() > OFFICIAL_SCORE + 2
                        && row.fields().getFirst().startsWith(OFFICIAL)
                        && FieldRow.isNumber(row.fields().get(OFFICIAL_SCORE)));
  }

  /** Whether at least half of what is in a column are numbers: some may be typed wrong. */
  private boolean holdsNumbers(int column) {
    List<String> there =
        rows.stream()
            .filter(row -> row.fields().size() > column)
            .map(row -> FieldRow.trim(row.fields().get(column)))
            .filter(field -> !field.isEmpty())
            .toList();
    long numbers = there.stream().filter(FieldRow::isNumber).count();
    return numbers > 0 && 2 * numbers >= there.size();
  }

  /** A first row without a score is an unscored pair, one with a word in its place is none. */
  private Header header(int score) {
    String field = FieldRow.trim(first.get(score));
    return field.isEmpty() || FieldRow.isNumber(field) ? Header.NONE : Header.REQUIRED;
  }

  /** A row of another width than the first has a separator in a text, which shifts its fields. */
  private void checkWidths() {
    for (FieldRow row : rows) {
      if (row.fields().size() != first.size()) {
        throw new IllegalArgumentException(
            "%s:%d: %d fields, expected %d as in the first row, separated by %s%s"
                .formatted(
                    file,
                    row.line(),
                    row.fields().size(),
                    first.size(),
                    separator.label(),
                    separator == FieldSeparator.COMMA
                        ? "; a text with a comma stands in quotes"
                        : ""));
      }
    }
  }

  /** The columns with their numbers and the first row's fields. */
  private String shown() {
    String columns =
        IntStream.range(0, Math.min(first.size(), SHOWN_COLUMNS))
            .mapToObj(i -> "%d \"%s\"".formatted(i + 1, cut(FieldRow.trim(first.get(i)))))
            .collect(Collectors.joining(", "));
    return first.size() <= SHOWN_COLUMNS
        ? columns
        : columns + " and %d more".formatted(first.size() - SHOWN_COLUMNS);
  }

  /** The beginning of a text that is long, fit for a message. */
  static String cut(String text) {
    boolean fits = text.codePointCount(0, text.length()) <= SHOWN_CHARACTERS;
    return FileException.clean(
        fits ? text : text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARACTERS)) + "...");
  }

  /** A choice as it may be: the last column of numbers, and two others. */
  private String example(List<Integer> numbers) {
    int score = numbers.isEmpty() ? Math.min(2, first.size() - 1) : numbers.getLast();
    List<Integer> others =
        new ArrayList<>(
            IntStream.range(0, first.size())
                .filter(i -> i != score && !numbers.contains(i))
                .boxed()
                .toList());
    IntStream.range(0, 3).filter(i -> i != score && !others.contains(i)).forEach(others::add);
    return "score=%d,first=%d,second=%d".formatted(score + 1, others.get(0) + 1, others.get(1) + 1);
  }

  /** A format in words: which columns were taken, and whether the first row names them. */
  static String described(PairFormat format, List<String> firstRow) {
    boolean header = format.header() == Header.REQUIRED;
    String text = "score in column %s, texts in %s and %s%s";
    return text.formatted(
        place(format.score(), header, firstRow),
        place(format.left(), header, firstRow),
        place(format.right(), header, firstRow),
        header ? "" : ", no header");
  }

  private static String place(int column, boolean header, List<String> firstRow) {
    return header
        ? "%d (%s)".formatted(column + 1, cut(FieldRow.trim(firstRow.get(column))))
        : Integer.toString(column + 1);
  }
}

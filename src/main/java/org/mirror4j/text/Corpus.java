package org.mirror4j.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A training corpus for Mirror-BERT: one file, one item a line, read as {@link LineReader} says.
 * Items are kept in a {@link Spool}, not in memory: on disk they take their UTF-8 and 8 bytes each,
 * while they are read at most another 12 for the count of different ones; in the heap nothing.
 *
 * <p>Every line {@code s} is the pair (s, s); with {@link Options#pairwise} a line is {@code
 * left||right}, spaces kept, and a line with another number of delimiters is skipped and counted.
 * No trimming and no lower-casing. Blank lines, those of nothing but white space, are skipped, as
 * an empty text teaches nothing; the released code of the paper keeps them, and so does {@link
 * Options#keepBlankLines}. Duplicates are kept and counted.
 */
public final class Corpus implements AutoCloseable {
  /** Separates the texts of a line in pairwise corpora. */
  public static final String DELIMITER = "||";

  /**
   * How to read a corpus.
   *
   * @param pairwise whether a line holds two texts
   * @param keepBlankLines whether a blank line is an item; without effect on pairwise corpora
   * @param maxCharacters code points after which a line is cut
   */
  public record Options(boolean pairwise, boolean keepBlankLines, int maxCharacters) {
    /** One text a line, blank lines skipped, lines cut at 10,000 characters. */
    public static final Options DEFAULT = new Options(false, false, 10_000);
  }

  /**
   * What was found in a corpus file.
   *
   * @param file the file
   * @param sha256 hash of its bytes as stored, lower-case hexadecimal
   * @param lines all lines
   * @param items lines that became a pair
   * @param distinct different lines among the items
   * @param blankLines blank lines, skipped or kept
   * @param malformedLines lines skipped for their number of delimiters, pairwise only
   * @param invalidLines lines with bytes that are not UTF-8, replaced by U+FFFD
   * @param firstInvalidLine number of the first of them from 1, 0 if there is none
   * @param cutLines lines that were cut
   * @param maxCharacters where they were cut
   * @param notices of a file that is not UTF-8 and was decoded, a line each
   */
  public record Report(
      Path file,
      String sha256,
      long lines,
      int items,
      int distinct,
      long blankLines,
      long malformedLines,
      long invalidLines,
      long firstInvalidLine,
      long cutLines,
      int maxCharacters,
      List<String> notices) {

    /** Items that repeat an earlier one. */
    public int duplicates() {
      return items - distinct;
    }

    /**
     * One line for people; what is zero is left out.
     *
     * @param name what they call the file
     */
    public String summary(String name) {
      StringBuilder text = new StringBuilder();
      text.append("%s: %,d items from %,d lines".formatted(name, items, lines));
      note(text, duplicates(), "duplicates");
      note(text, blankLines, "blank lines");
      note(text, malformedLines, "lines skipped without exactly one " + DELIMITER);
      note(text, cutLines, "lines cut at %,d characters".formatted(maxCharacters));
      note(text, invalidLines, "lines not UTF-8, the first is line %d".formatted(firstInvalidLine));
      notices.forEach(notice -> text.append("; ").append(notice));
      return text.toString();
    }

    private static void note(StringBuilder text, long count, String what) {
      if (count > 0) {
        text.append("; %s: %,d".formatted(what, count));
      }
    }
  }

  /** Lines from one word of progress to the next: some milliseconds. */
  private static final int TELLING_LINES = 1 << 14;

  private final Spool lines;
  private final boolean pairwise;
  private final Report report;

  private Corpus(Spool lines, boolean pairwise, Report report) {
    this.lines = lines;
    this.pairwise = pairwise;
    this.report = report;
  }

  /**
   * Reads a corpus.
   *
   * @throws TextException if the file is missing, a directory, empty, or has no usable line
   */
  public static Corpus read(Path file, Options options) {
    return read(file, options, bytes -> {});
  }

  /**
   * The same, of a file that may take long.
   *
   * @param progress is told now and then how many bytes of the file are read
   */
  public static Corpus read(Path file, Options options, LongConsumer progress) {
    Spool items = new Spool();
    try {
      return new Corpus(items, options.pairwise(), read(file, options, items, progress));
    } catch (RuntimeException | Error failure) {
      items.close();
      throw failure;
    }
  }

  private static Report read(Path file, Options options, Spool items, LongConsumer progress) {
    long blank = 0;
    long malformed = 0;
    try (LineReader reader = new LineReader(List.of(file), options.maxCharacters());
        DistinctCount distinct = new DistinctCount()) {
      for (String line = reader.next(); line != null; line = reader.next()) {
        if (reader.lines() % TELLING_LINES == 0) {
          progress.accept(reader.bytes());
        }
        if (line.isBlank()) {
          blank++;
          if (options.pairwise() || !options.keepBlankLines()) {
            continue;
          }
        }
        if (options.pairwise() && split(line) == null) {
          malformed++;
          continue;
        }
        items.append(line.getBytes(StandardCharsets.UTF_8));
        distinct.add(line);
      }
      if (items.size() == 0) {
        throw new TextException(
            "%s has no usable line: %,d lines, %,d blank, %,d without exactly one %s"
                .formatted(file, reader.lines(), blank, malformed, DELIMITER));
      }
      return new Report(
          file,
          reader.sha256(),
          reader.lines(),
          items.size(),
          Math.toIntExact(distinct.count()),
          blank,
          malformed,
          reader.invalidLines(),
          reader.firstInvalidLine(),
          reader.cutLines(),
          options.maxCharacters(),
          reader.notices());
    }
  }

  /** Number of items, at least one. */
  public int size() {
    return lines.size();
  }

  /**
   * An item; any thread may ask.
   *
   * @param item number in the order of the file, from 0
   */
  public TextPair pair(int item) {
    String line = new String(lines.get(item), StandardCharsets.UTF_8);
    return pairwise ? split(line) : new TextPair(line, line);
  }

  /** All items in the order of the file, each read when it is asked for. */
  public Stream<TextPair> pairs() {
    return IntStream.range(0, size()).mapToObj(this::pair);
  }

  /** What was found in the file. */
  public Report report() {
    return report;
  }

  /** Drops the items. */
  @Override
  public void close() {
    lines.close();
  }

  /** The two texts of a line with exactly one delimiter, else null. */
  private static TextPair split(String line) {
    int at = line.indexOf(DELIMITER);
    if (at < 0 || line.indexOf(DELIMITER, at + DELIMITER.length()) >= 0) {
      return null;
    }
    return new TextPair(line.substring(0, at), line.substring(at + DELIMITER.length()));
  }
}

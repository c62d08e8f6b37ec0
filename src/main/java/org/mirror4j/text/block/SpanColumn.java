package org.mirror4j.text.block;

import static org.mirror4j.file.FileException.quote;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.mirror4j.text.TextException;

/**
 * A line of an annotated corpus, {@code text<TAB>start:end start:end ...}.
 *
 * <p>Offsets count the characters (Unicode code points, as Python's strings do) of the text before
 * the tab, from 0; {@code end} is one past the last character. Spans may overlap and come in any
 * order. A line without spans ends in its tab.
 *
 * @param text what stands before the tab
 * @param spans [spans][2], start and end in UTF-16 units
 */
record SpanColumn(String text, List<int[]> spans) {
  /** Digits of an offset that no line is long enough for. */
  private static final int MAX_DIGITS = 9;

  private static final Pattern SPAN = Pattern.compile("[0-9]+:[0-9]+");

  /** Whether a line is text, one tab and spans or nothing, wherever in the text these may be. */
  static boolean isIn(String line) {
    int tab = line.indexOf('\t');
    String column = line.substring(tab + 1).strip();
    return tab > 0
        && line.indexOf('\t', tab + 1) < 0
        && (column.isEmpty()
            || Arrays.stream(column.split(" +")).allMatch(SPAN.asMatchPredicate()));
  }

  /**
   * Reads a line.
   *
   * @param place names the line in messages
   * @throws TextException if there is not exactly one tab, or what follows it is no list of spans
   */
  static SpanColumn read(String line, String place) {
    int tab = line.indexOf('\t');
    if (tab < 0 || line.indexOf('\t', tab + 1) >= 0) {
      throw new TextException(
          "%s: %s, expected one between the text and its spans start:end"
              .formatted(place, tab < 0 ? "no tab" : "more than one tab"));
    }
    String text = line.substring(0, tab);
    String column = line.substring(tab + 1).strip();
    List<int[]> spans = new ArrayList<>();
    if (!column.isEmpty()) {
      int characters = text.codePointCount(0, text.length());
      for (String span : column.split(" +")) {
        int colon = span.indexOf(':');
        int start = colon < 0 ? -1 : offset(span.substring(0, colon));
        int end = colon < 0 ? -1 : offset(span.substring(colon + 1));
        if (start < 0 || end <= start || end > characters) {
          throw new TextException(
              "%s: the span is %s, expected start:end with 0 <= start < end <= %d, the characters of the text"
                  .formatted(place, quote(span), characters));
        }
        spans.add(new int[] {start, end});
      }
    }
    return new SpanColumn(text, inUnits(text, spans));
  }

  /** -1 for what is no number or too long a one. */
  private static int offset(String digits) {
    boolean number =
        !digits.isEmpty()
            && digits.length() <= MAX_DIGITS
            && digits.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    return number ? Integer.parseInt(digits) : -1;
  }

  private static List<int[]> inUnits(String text, List<int[]> spans) {
    int characters = text.codePointCount(0, text.length());
    if (characters < text.length() && !spans.isEmpty()) {
      int[] units = new int[characters + 1];
      for (int point = 1; point <= characters; point++) {
        units[point] = text.offsetByCodePoints(units[point - 1], 1);
      }
      spans.replaceAll(span -> new int[] {units[span[0]], units[span[1]]});
    }
    return spans;
  }
}

package org.mirror4j.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/**
 * Passes text on with each character escaped that a terminal would obey or hide instead of showing
 * it. Texts for people hold names and words of files and arguments: those are to be seen, not to
 * move the cursor, to colour, or to turn the order of what is read.
 */
final class PrintableWriter extends FilterWriter {
  private static final char ZERO_WIDTH_NON_JOINER = '\u200c';
  private static final char ZERO_WIDTH_JOINER = '\u200d';

  PrintableWriter(Writer out) {
    super(out);
  }

  /**
   * The text with control and format characters, line and paragraph separators and lone surrogates
   * as a backslash, {@code u} and four hexadecimal digits of each UTF-16 unit: what JSON reads as
   * the same character inside a string. Line ends and tabs stay, as do the joiners that the writing
   * of some languages needs.
   */
  static String printable(String text) {
    if (text.codePoints().allMatch(PrintableWriter::isPrintable)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(point -> append(printable, point));
    return printable.toString();
  }

  private static void append(StringBuilder text, int point) {
    if (isPrintable(point)) {
      text.appendCodePoint(point);
      return;
    }
    for (char unit : Character.toChars(point)) {
      text.append("\\u");
      for (int shift = 12; shift >= 0; shift -= 4) {
        text.append(Character.forDigit(unit >> shift & 0xf, 16));
      }
    }
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL -> point == '\n' || point == '\t';
      case Character.FORMAT -> point == ZERO_WIDTH_NON_JOINER || point == ZERO_WIDTH_JOINER;
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
      default -> true;
    };
  }

  @Override
  public void write(int character) throws IOException {
    out.write(printable(String.valueOf((char) character)));
  }

  @Override
  public void write(char[] characters, int offset, int length) throws IOException {
    out.write(printable(new String(characters, offset, length)));
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    out.write(printable(text.substring(offset, offset + length)));
  }
}

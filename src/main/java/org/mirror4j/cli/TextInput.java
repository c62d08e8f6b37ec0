package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/** Text that commands take a line at a time: a file, or {@code -} for standard input. */
final class TextInput {
  /** More than any maximum length can use. */
  private static final int LINE_CHARACTERS = 100_000;

  /** Its name in messages. */
  private static final String STANDARD_INPUT = "standard input";

  private TextInput() {}

  /** Opens it. */
  static LineReader open(Path input) {
    return isStandard(input)
        ? new LineReader(STANDARD_INPUT, System.in, LINE_CHARACTERS)
        : new LineReader(List.of(input), LINE_CHARACTERS);
  }

  private static boolean isStandard(Path input) {
    return input.toString().equals("-");
  }

  /**
   * The first line.
   *
   * @throws TextException if there is none
   */
  static String first(Path input, LineReader lines) {
    String first = lines.next();
    if (first == null) {
      throw new TextException(
          (isStandard(input) ? STANDARD_INPUT : input) + " is empty, expected text");
    }
    return first;
  }

  /** Says what of the lines is not as it was, each kind in one line. */
  static void warn(Console console, LineReader lines) {
    lines.notices().forEach(console::notice);
    lines.losses().forEach(console::warning);
  }
}

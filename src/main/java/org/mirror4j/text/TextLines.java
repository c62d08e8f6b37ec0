package org.mirror4j.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;

/**
 * Reads whole text files as {@link LineReader} does, but strictly: a measurement on text that was
 * cut or replaced would be a measurement of something else.
 */
public final class TextLines {
  private static final int MAX_CHARACTERS = 1_000_000;

  private TextLines() {}

  /** Takes the lines of a file. */
  @FunctionalInterface
  public interface LineConsumer {
    /**
     * Takes a line.
     *
     * @param number from 1
     */
    void line(int number, String line);
  }

  /**
   * The lines of a file.
   *
   * @param notices is told what is worth knowing of the file
   * @throws TextException if it is absent, empty, not UTF-8 or has a line of more than a million
   *     characters
   * @throws FileException if it cannot be read
   */
  public static List<String> read(Path file, Consumer<String> notices) {
    List<String> lines = new ArrayList<>();
    each(file, notices, (number, line) -> lines.add(line));
    return lines;
  }

  /**
   * Passes the lines of a file one by one, in memory that does not grow with it.
   *
   * @param notices is told what is worth knowing of the file
   * @throws TextException as {@link #read}
   * @throws FileException if it cannot be read
   */
  public static void each(Path file, Consumer<String> notices, LineConsumer lines) {
    each(file, MAX_CHARACTERS, notices, lines);
  }

  /**
   * The same with longer lines.
   *
   * @param maxCharacters most of a line
   */
  public static void each(
      Path file, int maxCharacters, Consumer<String> notices, LineConsumer lines) {
    try (LineReader reader = new LineReader(List.of(file), maxCharacters)) {
      int number = 0;
      for (String line = reader.next(); line != null; line = reader.next()) {
        number++;
        if (reader.invalidLines() > 0) {
          throw new TextException("%s:%d: not UTF-8".formatted(file, number));
        }
        if (reader.cutLines() > 0) {
          throw new TextException(
              "%s:%d: longer than %,d characters".formatted(file, number, maxCharacters));
        }
        lines.line(number, line);
      }
      reader.notices().forEach(notices);
    }
  }
}

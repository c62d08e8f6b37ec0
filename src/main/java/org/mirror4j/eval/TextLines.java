package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/**
 * Reads whole text files as {@link LineReader} does, but strictly: a measurement on text that was
 * cut or replaced would be a measurement of something else.
 */
public final class TextLines {
  private static final int MAX_CHARACTERS = 1_000_000;

  private TextLines() {}

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
    forEach(file, MAX_CHARACTERS, lines::add, notices);
    return lines;
  }

  /**
   * The same one line after the other, in memory that does not grow with the file.
   *
   * @param maxCharacters most of a line
   */
  static void forEach(
      Path file, int maxCharacters, Consumer<String> lines, Consumer<String> notices) {
    try (LineReader reader = new LineReader(List.of(file), maxCharacters)) {
      for (String line = reader.next(); line != null; line = reader.next()) {
        lines.accept(line);
        if (reader.invalidLines() > 0) {
          throw new TextException("%s:%d: not UTF-8".formatted(file, reader.lines()));
        }
        if (reader.cutLines() > 0) {
          throw new TextException(
              "%s:%d: longer than %,d characters".formatted(file, reader.lines(), maxCharacters));
        }
      }
      reader.notices().forEach(notices);
    }
  }
}
